// SPDX-License-Identifier: GPL-3.0-or-later
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { startWords, wishOf } from '../../../main/desktop/wish';
import { say } from '../../../words/say';

interface Helper {
  readonly computeDesktopEntry: (options: unknown) => Promise<string>;
}
type Parts = new (packager: unknown) => Helper;
const require = createRequire(import.meta.url);
const { LinuxTargetHelper } = require('app-builder-lib/out/targets/LinuxTargetHelper.js') as { LinuxTargetHelper: Parts };
const { load } = require('js-yaml') as { readonly load: (text: string) => unknown };
const builder = load(readFileSync('electron-builder.yml', 'utf8')) as { productName: string; files: string[]; linux: { executableName: string; syncDesktopName: boolean } };
const metadata = JSON.parse(readFileSync('package.json', 'utf8')) as { description: string; desktopName: string };

/** The entry as the pinned electron-builder writes it from our file. */
const entry = await new LinuxTargetHelper({
  appInfo: { productName: builder.productName, sanitizedProductName: builder.productName, description: metadata.description },
  executableName: builder.linux.executableName,
  info: { metadata },
  config: {},
  fileAssociations: [],
  platformSpecificBuildOptions: builder.linux,
}).computeDesktopEntry(builder.linux);

const section = (name: string): Record<string, string> => {
  const text = entry.split(/\n(?=\[)/).find((part) => part.startsWith(`[${name}]`)) ?? '';
  return Object.fromEntries(text.split('\n').flatMap((line) => (line.includes('=') ? [[line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]] : [])));
};

test('the desktop’s menu offers both moves, in both languages, by the words that main knows', () => {
  const main = section('Desktop Entry');
  expect(main['Actions']).toBe('HandOff;TakeBack;');
  const program = main['Exec']?.replace(' %U', '');
  for (const [action, wish, key] of [['HandOff', 'over', 'door.action-over'], ['TakeBack', 'back', 'door.action-back']] as const) {
    const { Exec, Name, ...rest } = section(`Desktop Action ${action}`);
    expect(Name).toBe(say('en', key));
    expect(rest).toEqual({ 'Name[zh]': say('zh', key) });
    expect(Exec?.startsWith(`${program ?? '-'} `)).toBe(true);
    expect(wishOf(Exec?.split(' '))).toBe(wish);
  }
  expect(Object.keys(startWords)).toEqual(['--hand-off', '--take-back']);
});

test('the program has a name by which a Wayland desktop gives it keys: one with a dot, as GApplication wants it, and the same everywhere', () => {
  const id = metadata.desktopName.replace(/\.desktop$/, '');
  expect(id).toMatch(/^[A-Za-z_-][\w-]*(?:\.[A-Za-z_-][\w-]*)+$/);
  expect(section('Desktop Entry')['StartupWMClass']).toBe(id);
  expect(builder.linux.syncDesktopName).toBe(true);
});

test('the icons of the panel come along in the package', () => {
  expect(builder.files).toContain('assets/tray/*.png');
});

const checker = '/usr/bin/desktop-file-validate';
if (!existsSync(checker)) console.log('NOT TESTED: the desktop entry by desktop-file-validate, because that is not installed here');

test.runIf(existsSync(checker))('the entry is one by the desktop’s own checker', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'switchyard-entry-'));
  const file = path.join(folder, metadata.desktopName);
  writeFileSync(file, entry);
  const { status, stdout, stderr } = spawnSync(checker, [file], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  expect(stdout + stderr).not.toContain('error');
  expect(status).toBe(0);
});
