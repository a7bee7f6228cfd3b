// SPDX-License-Identifier: GPL-3.0-or-later
import { defineConfig } from 'playwright/test';

/** `npm run bench`: the first paint alone, as the window run measures it. */
export default defineConfig({ testDir: '../ui/only-browser', testMatch: 'paint.spec.ts', outputDir: '../../test-results/paint', workers: 1, reporter: 'list' });
