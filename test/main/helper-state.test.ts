// SPDX-License-Identifier: GPL-3.0-or-later
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { helperState } from '../../contract/target';
import { packageVersion } from '../../contract/version';
import { helperStateHere } from '../../main/helper-state';

const folder = mkdtempSync(path.join(tmpdir(), 'switchyard-helper-state-'));
const helper = path.join(folder, 'switchyard-helper');
const described = (name: string, text: string): string => {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
};
beforeAll(() => {
  writeFileSync(helper, '');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('a copy without the installed helper names the one command that installs it', () => {
  const state = helperState.parse(helperStateHere(path.join(folder, 'none')));
  expect(state.at === 'missing' ? state.command : '').toContain('package:helper');
});

test('a helper of our own version is ready', () => {
  expect(helperStateHere(helper, described('same.json', JSON.stringify({ version: packageVersion })))).toEqual({ at: 'ready', version: packageVersion });
});

test('a helper of another version is told with both versions before anything is asked of it', () => {
  expect(helperStateHere(helper, described('old.json', '{"version":"0.0.9"}'))).toMatchObject({ at: 'mismatch', installed: '0.0.9', expected: packageVersion });
});

test.each([
  ['nothing', path.join(folder, 'absent.json')],
  ['no JSON', described('broken.json', '{')],
  ['no version', described('empty.json', '{}')],
])('where %s tells the version, the greeting of root decides', (_what, file) => {
  expect(helperStateHere(helper, file)).toEqual({ at: 'ready', version: null });
});
