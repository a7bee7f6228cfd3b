// SPDX-License-Identifier: GPL-3.0-or-later
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lintViolations, typeViolations } from './violations';

const top = path.resolve(import.meta.dirname, '../..');
const rooms = ['contract', 'core', 'host', 'helper', 'rehearsal', 'words', 'main', 'preload', 'renderer'];
let copy = '';

/** Violations are planted in a copy: the tree under test is never touched. */
beforeAll(() => {
  copy = mkdtempSync(path.join(tmpdir(), 'switchyard-rooms-'));
  const files = ['eslint.config.mjs', 'tsconfig.json', 'tsconfig.base.json', 'package.json', 'vite.config.ts'];
  for (const name of [...files, ...rooms]) cpSync(path.join(top, name), path.join(copy, name), { recursive: true });
  mkdirSync(path.join(copy, 'test/rooms'), { recursive: true });
  cpSync(path.join(top, 'test/tsconfig.json'), path.join(copy, 'test/tsconfig.json'));
  writeFileSync(path.join(copy, 'test/rooms/planted.ts'), 'export const x = 1;\n');
  symlinkSync(path.join(top, 'node_modules'), path.join(copy, 'node_modules'));
});
afterAll(() => {
  rmSync(copy, { recursive: true, force: true });
});

test('each planted violation of the import table and the house rules is caught by its rule', { timeout: 240_000 }, () => {
  for (const { file, source } of lintViolations) writeFileSync(path.join(copy, file), `${source}\n`);
  const run = spawnSync(process.execPath, ['node_modules/eslint/bin/eslint.js', '--format', 'json', ...lintViolations.map((one) => one.file)], {
    cwd: copy,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const results = JSON.parse(run.stdout) as { filePath: string; messages: { ruleId: string | null; message: string }[] }[];
  for (const { file, rule } of lintViolations) {
    const messages = results.find((one) => one.filePath.endsWith(`/${file}`))?.messages ?? [];
    expect(messages.map((one) => one.ruleId ?? one.message), file).toEqual(expect.arrayContaining([expect.stringMatching(new RegExp(`${rule}$`))]));
    rmSync(path.join(copy, file));
  }
});

test.each(typeViolations)('the compiler of $room/ refuses: $source', { timeout: 120_000 }, ({ room, source, error }) => {
  const planted = path.join(copy, room, 'planted-type.ts');
  writeFileSync(planted, `${source}\n`);
  const run = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', room, '--noEmit', '--composite', 'false', '--emitDeclarationOnly', 'false'], { cwd: copy, encoding: 'utf8' });
  rmSync(planted);
  const about = run.stdout.split('\n').filter((line) => line.includes('planted-type.ts'));
  expect(about.join('\n')).toMatch(error);
});

test('every file that ships lies in a room of the table', () => {
  const shipped = execFileSync('git', ['ls-files', '*.ts', '*.svelte'], { cwd: top, encoding: 'utf8' }).trim().split('\n');
  const allowed = new Set([...rooms, 'test']);
  const strays = shipped.filter((file) => file.includes('/') && !allowed.has(file.split('/')[0] ?? ''));
  expect(strays).toEqual([]);
  const banned = new Set(['utils', 'common', 'services', 'shared', 'helpers', 'misc']);
  for (const room of rooms) {
    const folders = readdirSync(path.join(top, room), { recursive: true, withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.filter((entry) => banned.has(entry.name)).map((entry) => entry.name)).toEqual([]);
  }
});
