// SPDX-License-Identifier: GPL-3.0-or-later
// ./run-node tools/draw-icons.mjs: assets/icons and assets/tray from assets/drawings, by Chromium (CHROMIUM, else /usr/bin/chromium).
// The pictures are kept; run it again after a drawing has changed.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright';

const assets = path.resolve(import.meta.dirname, '../assets');
/** Of the program: what menus, switchers and software centres ask for. Of the panel: one size, and twice that. */
const pictures = [
  ...[16, 24, 32, 48, 64, 128, 256, 512].map((size) => ({ drawing: 'switchyard', size, file: `icons/${size}x${size}.png` })),
  ...['home', 'away', 'attention'].flatMap((state) => [24, 48].map((size) => ({ drawing: `tray-${state}`, size, file: `tray/tray-${state}${size === 48 ? '@2x' : ''}.png` }))),
];

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: process.getuid() === 0 ? ['--no-sandbox'] : [] });
const page = await browser.newPage();
for (const { drawing, size, file } of pictures) {
  const svg = readFileSync(path.join(assets, `drawings/${drawing}.svg`), 'utf8');
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(`<style>html,body{margin:0;background:transparent}svg{display:block;width:${size}px;height:${size}px}</style>${svg}`);
  await page.screenshot({ path: path.join(assets, file), omitBackground: true });
}
await browser.close();
