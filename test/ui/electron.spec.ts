// SPDX-License-Identifier: GPL-3.0-or-later
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { _electron, expect, test } from 'playwright/test';

/** Electron's binary, if one is installed. `require('electron')` would begin a download. */
function electronBinary(): string | undefined {
  const override = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  if (override !== undefined) return path.join(override, 'electron');
  const folder = path.resolve('node_modules/electron');
  const named = path.join(folder, 'path.txt');
  if (!existsSync(named)) return undefined;
  const binary = path.join(folder, 'dist', readFileSync(named, 'utf8').trim());
  return existsSync(binary) ? binary : undefined;
}

const executablePath = electronBinary();
if (executablePath === undefined && process.env['REQUIRE_ELECTRON'] !== undefined) throw new Error('REQUIRE_ELECTRON is set, and there is no Electron binary: node node_modules/electron/install.js fetches it');
const noBinary = 'no Electron binary here (node node_modules/electron/install.js fetches it)';

async function launch() {
  const folder = mkdtempSync(path.join(tmpdir(), 'switchyard-electron-'));
  const root = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const app = await _electron.launch({ ...(executablePath === undefined ? {} : { executablePath }), args: ['.', ...root], env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder } });
  return { app, page: await app.firstWindow() };
}

test('the window opens in real Electron and main answers', async () => {
  test.skip(executablePath === undefined, noBinary);
  const { app, page } = await launch();
  const state = await page.evaluate(() => (globalThis as unknown as { app: { ask(name: string, input: object): Promise<unknown> } }).app.ask('app.state', {}));
  expect(state).toMatchObject({ ok: true, value: { door: 'electron' } });
  await app.close();
});

test('the sandbox of the window is on', async () => {
  test.skip(executablePath === undefined, noBinary);
  const { app } = await launch();
  const metrics = await app.evaluate(({ app: running }) => running.getAppMetrics().filter((one) => one.type === 'Tab').map((one) => one.sandboxed));
  expect(metrics).toEqual([true]);
  await app.close();
});

test('every permission is refused in the real session', async () => {
  test.skip(executablePath === undefined, noBinary);
  const { app, page } = await launch();
  const answer = await page.evaluate(() => new Promise((resolve) => navigator.geolocation.getCurrentPosition(() => resolve('granted'), (error) => resolve(error.code))));
  expect(answer).toBe(1);
  await app.close();
});

test('the session keeps nothing of one person for another: its folder is the person\'s own', async () => {
  test.skip(executablePath === undefined, noBinary);
  const { app } = await launch();
  const place = await app.evaluate(({ app: running }) => running.getPath('userData'));
  expect(place.startsWith(tmpdir())).toBe(true);
  await app.close();
});

test('the pictures of the panel are read in both sizes', async () => {
  test.skip(executablePath === undefined, noBinary);
  const { app } = await launch();
  for (const state of ['home', 'away', 'attention']) {
    const found = await app.evaluate(({ nativeImage }, file) => {
      const picture = nativeImage.createFromPath(file);
      return [picture.getSize(), picture.getScaleFactors()];
    }, path.resolve(`assets/tray/tray-${state}.png`));
    expect(found).toEqual([{ width: 24, height: 24 }, [1, 2]]);
  }
  await app.close();
});

/** The packaged window, as electron-builder leaves it. */
const packaged = path.resolve('out/linux-unpacked/switchyard-window');

test('the fuses of the packaged window are blown as security rule 24 says', () => {
  test.skip(!existsSync(packaged), 'no packaged window here (npx electron-builder --dir makes it, and needs the Electron binary)');
  // @electron/fuses: the sentinel, a version byte, a length byte, and one digit for each fuse.
  const binary = readFileSync(packaged);
  const sentinel = Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX');
  const at = binary.indexOf(sentinel) + sentinel.length;
  const fuses = binary.subarray(at + 2, at + 2 + (binary[at + 1] ?? 0)).toString('latin1');
  expect({ runAsNode: fuses[0], nodeOptions: fuses[2], inspect: fuses[3], onlyAsar: fuses[5], fileProtocol: fuses[7] }).toEqual({ runAsNode: '0', nodeOptions: '0', inspect: '0', onlyAsar: '1', fileProtocol: '0' });
});
