// SPDX-License-Identifier: GPL-3.0-or-later
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { stayAwake } from '../../helper/run';

let folder = '';
let inhibit = '';
beforeEach(() => {
  folder = mkdtempSync(`${tmpdir()}/switchyard-awake-`);
  inhibit = path.join(folder, 'systemd-inhibit');
  // What systemd-inhibit does with its words: takes options, starts the command, ends with it.
  writeFileSync(inhibit, `#!/bin/sh\nprintf '%s\\n' "$@" > ${folder}/words\necho $$ > ${folder}/pid\nwhile [ "\${1#--}" != "$1" ]; do shift; done\nexec "$@"\n`);
  chmodSync(inhibit, 0o755);
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const pid = (): number => Number(readFileSync(path.join(folder, 'pid'), 'utf8'));
const lives = (of: number): boolean => existsSync(`/proc/${of}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${of}/status`, 'utf8'));
const begun = () => expect.poll(() => existsSync(path.join(folder, 'pid')) && readFileSync(path.join(folder, 'pid'), 'utf8').endsWith('\n')).toBe(true);

describe('the lock against sleep', () => {
  test('is held until it is let go, and blocks sleep and nothing else', async () => {
    const release = stayAwake(inhibit);
    await begun();
    const holder = pid();
    expect(lives(holder)).toBe(true);
    expect(readFileSync(path.join(folder, 'words'), 'utf8').split('\n').slice(0, 4)).toEqual(['--what=sleep', '--who=Switchyard', '--why=A graphics card is moving', '--mode=block']);
    release();
    await expect.poll(() => lives(holder)).toBe(false);
    release();
  });

  test('ends with whoever held it, however that ended', async () => {
    const loader = path.resolve('test/typescript.mjs');
    expect(() => execFileSync(process.execPath, ['--import', loader, path.resolve('test/helper/awake-once.ts'), inhibit], { stdio: 'ignore' })).toThrow(/SIGKILL|Command failed/);
    await begun();
    const holder = pid();
    await expect.poll(() => lives(holder)).toBe(false);
  });

  test('is not missed where there is no such program', () => {
    expect(() => { stayAwake(null)(); }).not.toThrow();
    expect(() => { stayAwake(path.join(folder, 'none'))(); }).not.toThrow();
  });
});
