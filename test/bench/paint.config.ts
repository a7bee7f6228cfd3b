// SPDX-License-Identifier: GPL-3.0-or-later
import { defineConfig } from 'playwright/test';

/** `npm run bench`: how soon the page shows, against an empty page in the same run. Never part of `npm test`: a busy machine is no fault of the page. */
export default defineConfig({ testDir: '.', testMatch: 'paint.spec.ts', outputDir: '../../test-results/paint', workers: 1, reporter: 'list' });
