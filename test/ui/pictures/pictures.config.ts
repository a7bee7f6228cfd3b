// SPDX-License-Identifier: GPL-3.0-or-later
import { defineConfig } from 'playwright/test';
import { chromiumArgs, executablePath } from '../chromium';
import { fontsFile } from '../gallery/glyphs';

/** `npm run screenshots`: three pictures of the real window for the README. */
export default defineConfig({
  testDir: '.',
  testMatch: 'take.ts',
  outputDir: '../../../test-results/pictures',
  workers: 1,
  timeout: 120_000,
  reporter: 'list',
  use: {
    browserName: 'chromium',
    locale: 'en-GB',
    viewport: { width: 1280, height: 860 },
    contextOptions: { reducedMotion: 'reduce' },
    launchOptions: { executablePath, args: [...chromiumArgs, '--font-render-hinting=none', '--disable-lcd-text'], env: { ...process.env, FONTCONFIG_FILE: fontsFile } },
  },
});
