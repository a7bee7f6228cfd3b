// SPDX-License-Identifier: GPL-3.0-or-later
import { defineConfig } from 'playwright/test';
import { chromiumArgs, executablePath } from './test/ui/chromium';

const launchOptions = { executablePath, args: [...chromiumArgs] };

export default defineConfig({
  testDir: 'test/ui',
  testMatch: '**/*.spec.ts',
  outputDir: 'test-results/ui',
  // Each file by one worker, the screens by both; every test of a door has a process, a port and a folder of its own.
  workers: 2,
  timeout: 60_000,
  forbidOnly: true,
  reporter: [['list'], ['json', { outputFile: 'test-results/window.json' }], ['./test/ui/not-tested.ts']],
  use: { browserName: 'chromium', launchOptions, locale: 'en-GB' },
  projects: [
    { name: 'browser', testIgnore: ['**/only-standin/**', '**/electron.spec.ts'], use: { doorName: 'browser' } },
    { name: 'standin', testIgnore: ['**/only-browser/**', '**/electron.spec.ts'], use: { doorName: 'standin' } },
    { name: 'electron', testMatch: '**/electron.spec.ts' },
  ],
});
