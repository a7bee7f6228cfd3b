// SPDX-License-Identifier: GPL-3.0-or-later
import { defineConfig } from 'playwright/test';

/** The first paint, measured with nothing of ours beside it: in `npm test` a stage of its own. */
export default defineConfig({ testDir: '.', testMatch: 'paint.spec.ts', outputDir: '../../test-results/paint', workers: 1, reporter: 'list' });
