// SPDX-License-Identifier: GPL-3.0-or-later
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test, type Page } from 'playwright/test';
import { ok } from '../../../contract/problem';
import { lookOf } from '../gallery/machines';
import { noHistory, onMachine, stateOf } from '../gallery/screen-parts';
import { openStage } from '../gallery/stage';
import { build } from '../start';

const most = 120 * 1024;

/** Every script the page asks for until it stands, by its path. */
function scriptsOf(page: Page): Map<string, Promise<Buffer>> {
  const scripts = new Map<string, Promise<Buffer>>();
  page.on('response', (response) => {
    const { pathname } = new URL(response.url());
    if (pathname.endsWith('.js')) scripts.set(pathname, response.body());
  });
  return scripts;
}

const zipped = (scripts: readonly Buffer[]): number => scripts.reduce((sum, script) => sum + gzipSync(script, { level: 9 }).length, 0);
const bodies = (scripts: ReadonlyMap<string, Promise<Buffer>>): Promise<Buffer[]> => Promise.all(scripts.values());

test('all script of the first page is at most 120 kB gzip, also where the person reads another language than the browser, and carries no zod', async ({ page }) => {
  const scripts = scriptsOf(page);
  const look = lookOf('027');
  const state = stateOf(look);
  await openStage(page, { ...onMachine(look), 'app.state': ok({ ...state, settings: { ...state.settings, language: 'zh' } }), 'history.list': noHistory });
  await page.getByText('检查').first().waitFor();
  const loaded = await bodies(scripts);
  expect(loaded.length).toBeGreaterThan(2);
  const bytes = zipped(loaded);
  const speaks = (name: string): boolean => [...scripts.keys()].some((path) => path.includes(name));
  expect(speaks('page-vm')).toBe(false);
  console.log(`script of the first page, with both languages: ${(bytes / 1024).toFixed(1)} kB gzip`);
  expect(bytes).toBeLessThanOrEqual(most);
  for (const script of loaded) expect(script.includes('ZodError')).toBe(false);
});

test('virtual machines bring at most 80 kB gzip more when they are opened, and the screen of one 64 kB', async ({ page }) => {
  const scripts = scriptsOf(page);
  const look = lookOf('027');
  await openStage(page, { ...onMachine(look), 'history.list': noHistory });
  await page.getByRole('button', { name: 'Virtual machines' }).waitFor();
  const before = new Set(scripts.keys());
  await page.getByRole('button', { name: 'Virtual machines' }).click();
  await page.getByText('Asking libvirt for its virtual machines').waitFor();
  const more = await Promise.all([...scripts].filter(([name]) => !before.has(name)).map(([, body]) => body));
  expect(more.length).toBeGreaterThan(1);
  const assets = path.join(build, 'renderer/assets');
  const screen = readdirSync(assets).filter((file) => /^rfb-.*\.js$/.test(file));
  expect(screen).toHaveLength(1);
  const sizes = { area: zipped(more), screen: zipped(screen.map((file) => readFileSync(path.join(assets, file)))) };
  console.log(`virtual machines: ${(sizes.area / 1024).toFixed(1)} kB gzip more; a screen: ${(sizes.screen / 1024).toFixed(1)} kB`);
  expect(sizes.area).toBeLessThanOrEqual(80 * 1024);
  expect(sizes.screen).toBeLessThanOrEqual(64 * 1024);
});
