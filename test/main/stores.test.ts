// SPDX-License-Identifier: GPL-3.0-or-later
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packageVersion } from '../../contract/version';
import { withHunks } from '../../main/reveal';
import { lines } from '../../main/lines';
import { machineName } from '../../main/machine-name';
import { readPages } from '../../main/pages';
import { openRecordings } from '../../main/recordings';
import { windowOptions } from '../../main/sealed-window';
import { openSession } from '../../main/session';
import { openSettings } from '../../main/settings';
import { unknownFacts } from '../../contract/unknown-facts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'switchyard-stores-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('settings are kept for the person alone', () => {
  const place = path.join(folder, 'data');
  openSettings(place).change({ theme: 'dark' });
  expect(openSettings(place).read()).toEqual({ language: 'system', theme: 'dark', keepRunning: false, shortcut: 'off' });
  expect(statSync(place).mode & 0o777).toBe(0o700);
  expect(statSync(path.join(place, 'settings.json')).mode & 0o777).toBe(0o600);
});

test.each([['torn', '{"language":'], ['foreign', '{"language":"fr","theme":"dark"}'], ['wider', '{"language":"en","theme":"dark","run":"x"}'], ['a word', '"dark"'], ['nothing', 'null'], ['empty', '']])('a settings file that is %s means the usual', (_what, text) => {
  writeFileSync(path.join(folder, 'settings.json'), text);
  expect(openSettings(folder).read()).toEqual({ language: 'system', theme: 'system', keepRunning: false, shortcut: 'off' });
});

test('a settings file of a version that knew fewer choices keeps its own; a key that is not of the list means the usual', () => {
  writeFileSync(path.join(folder, 'settings.json'), '{"language":"zh","theme":"dark"}');
  expect(openSettings(folder).read()).toEqual({ language: 'zh', theme: 'dark', keepRunning: false, shortcut: 'off' });
  writeFileSync(path.join(folder, 'settings.json'), '{"language":"zh","theme":"dark","shortcut":"Control+Q"}');
  expect(openSettings(folder).read().shortcut).toBe('off');
});

test('the pages are a table of regular files; a link out of the folder is not in it', () => {
  mkdirSync(path.join(folder, 'assets'));
  writeFileSync(path.join(folder, 'index.html'), 'x');
  writeFileSync(path.join(folder, 'assets/a.js'), 'y');
  writeFileSync(path.join(folder, 'secret.key'), 'z');
  symlinkSync('/etc/passwd', path.join(folder, 'passwd.html'));
  expect([...readPages(folder).keys()].sort()).toEqual(['/', '/assets/a.js', '/index.html']);
});

test('a ticket and a token have 256 random bits, and no two are the same', () => {
  const session = openSession();
  const tickets = Array.from({ length: 50 }, () => session.mint());
  expect(new Set(tickets).size).toBe(50);
  for (const ticket of tickets) expect(ticket).toMatch(/^[\w-]{43}$/);
  expect(session.redeem(tickets[0] ?? '', 'p')).toBeNull();
  const token = session.redeem(tickets.at(-1) ?? '', 'p') ?? '';
  expect(session.knows(token)).toBe(true);
  expect(session.knows(tickets.at(-1) ?? '')).toBe(false);
  expect(session.knows('')).toBe(false);
});

test('lines come whole, however they were cut on the way', async () => {
  const stream = new PassThrough();
  const heard: (string | null)[] = [];
  const done = lines(stream, 10, (line) => heard.push(line));
  for (const part of ['on', 'e\ntw', 'o\n\n', 'häl', 'f']) stream.write(part);
  stream.end();
  await done;
  expect(heard).toEqual(['one', 'two', '', 'hälf']);
});

test('a line that is too long ends the hearing', async () => {
  const stream = new PassThrough();
  const heard: (string | null)[] = [];
  const done = lines(stream, 10, (line) => heard.push(line));
  stream.write('x'.repeat(11));
  await done;
  expect(heard).toEqual([null]);
});

test.each([
  ['Micro-Star International Co., Ltd.', 'MS-7B89', 'Micro-Star International Co., Ltd. MS-7B89'],
  ['LENOVO', 'Lenovo ThinkPad P52', 'Lenovo ThinkPad P52'],
  ['To Be Filled By O.E.M.', 'B450 Pro4', 'B450 Pro4'],
  ['System manufacturer', 'System Product Name', null],
  [null, 'Default string', null],
])('firmware that says %j and %j names the machine %j', (vendor, product, name) => {
  const facts = unknownFacts('live');
  const fact = (value: string | null) => ({ value, from: null });
  expect(machineName({ machine: { ...facts.machine, vendor: fact(vendor), product: fact(product) } })).toBe(name);
});

test('every recording that comes along names its machine and its cards', () => {
  const list = openRecordings(path.resolve('assets/machines')).list();
  expect(list.length).toBeGreaterThanOrEqual(8);
  for (const one of list) expect(one.name.length * one.functions).toBeGreaterThan(0);
  expect(openRecordings(folder).list()).toEqual([]);
  expect(openRecordings(folder).open('../../etc/passwd')).toMatchObject({ ok: false, problem: { code: 'not-found' } });
});

test('what root showed of a hidden file stands in its place, and nothing else changes', () => {
  const hidden = { kind: 'hidden' as const, path: '/boot/grub/custom.cfg' };
  const other = { kind: 'command' as const, line: 'update' };
  const step = { id: 'x', kind: 'x', phase: 'prepare' as const, sentence: { code: 'x', detail: {} }, list: [], changes: [hidden, other], undo: { code: 'x', detail: {} } };
  const review = { steps: [step] } as unknown as Parameters<typeof withHunks>[0];
  const shown = withHunks(review, [{ path: hidden.path, sha256: null, hunk: ['menuentry'], was: [] }]);
  expect(shown.steps[0]?.changes).toEqual([{ kind: 'file', path: hidden.path, what: 'create', lines: [{ mark: '+', text: 'menuentry' }] }, other]);
});

test('the version is the package\'s', () => {
  expect(packageVersion).toBe((JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version);
});

test('the window is made with every wall up', () => {
  const { webPreferences } = windowOptions('/x/dist/main');
  expect(webPreferences).toMatchObject({ sandbox: true, contextIsolation: true, nodeIntegration: false, nodeIntegrationInWorker: false, nodeIntegrationInSubFrames: false, webSecurity: true, webviewTag: false, preload: '/x/dist/preload/index.cjs' });
});
