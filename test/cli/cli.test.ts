// SPDX-License-Identifier: GPL-3.0-or-later
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const top = path.resolve(import.meta.dirname, '../..');
const cli = path.join(top, 'dist/main/cli.js');
const machines = path.join(top, 'test/corpus/machines');
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'switchyard-cli-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the built command line as a person would. */
function run(args: readonly string[], more: { input?: string; env?: Record<string, string> } = {}): Run {
  const done = spawnSync(process.execPath, [cli, ...args], {
    encoding: 'utf8',
    input: more.input ?? '',
    env: { PATH: process.env['PATH'], HOME: folder, LANG: 'C.UTF-8', ...more.env },
    timeout: 20_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

const file = (name: string, content: string): string => {
  const at = path.join(folder, name);
  writeFileSync(at, content);
  return at;
};
const someMachine = path.join(machines, readdirSync(machines).find((name) => name.startsWith('026')) ?? '');

describe('usage', () => {
  test('--help prints the commands and exits 0', () => {
    const { code, out } = run(['--help']);
    expect(code).toBe(0);
    for (const word of ['scan', 'assess', 'rehearse', 'history', '--json']) expect(out).toContain(word);
  });

  test.each([
    ['no command', []],
    ['a command that does not exist', ['conquer']],
    ['an option that does not exist', ['assess', '--force']],
    ['two sources at once', ['assess', '--machine', 'a', '--text', 'b']],
    ['a language that does not exist', ['--lang', 'xx', 'scan']],
  ])('%s exits 64', (_name, args) => {
    expect(run(args).code).toBe(64);
  });

  test('a command name with control characters is not sent to the terminal as it is', () => {
    const { err } = run(['\u001b[31mred']);
    expect(err).not.toContain('\u001b');
  });

  test.each([
    [{ LANG: 'zh_CN.UTF-8' }, '用法'],
    [{ LC_ALL: 'en_GB.UTF-8', LANG: 'zh_CN.UTF-8' }, 'Usage'],
  ])('the environment %o chooses the language', (env, word) => {
    expect(run(['--help'], { env }).out).toContain(word);
  });
});

describe('assess', () => {
  const keys = ['gpus', 'boot_gpu', 'passthrough', 'identical_ids', 'single_gpu', 'iommu_off', 'hybrid_laptop', 'reset_bug', 'vgpu', 'recommended_action'];

  test('--json prints one object whose verdict has every key, each with a reason in words', () => {
    const { code, out } = run(['assess', '--machine', someMachine, '--json']);
    expect(code).toBe(0);
    const answer = JSON.parse(out) as { schema: number; verdict: Record<string, { reason?: { code: string; words: string } }> };
    expect(answer.schema).toBe(1);
    expect(Object.keys(answer.verdict)).toEqual(keys);
    for (const key of ['boot_gpu', 'single_gpu', 'iommu_off', 'hybrid_laptop', 'reset_bug', 'vgpu', 'recommended_action']) {
      const reason = answer.verdict[key]?.reason;
      expect(reason?.words, key).toBeTruthy();
      expect(reason?.words, `${key} has a sentence, not a code`).not.toBe(`finding.${reason?.code}`);
    }
  });

  test('words come in the language asked for', () => {
    const words = (language: string): string => {
      const answer = JSON.parse(run(['assess', '--machine', someMachine, '--json', '--lang', language]).out) as { verdict: { vgpu: { reason: { words: string } } } };
      return answer.verdict.vgpu.reason.words;
    };
    expect(words('zh')).toMatch(/\p{Script=Han}/u);
    expect(words('en')).not.toMatch(/\p{Script=Han}/u);
  });

  test('text comes from a file or from standard input, with the same answer', () => {
    const text = 'user@pc:~$ lspci -nnk\n00:02.0 VGA compatible controller [0300]: Intel Corporation UHD Graphics 630 [8086:3e92]\n\tKernel driver in use: i915\n01:00.0 VGA compatible controller [0300]: NVIDIA Corporation GP108 [GeForce GT 1030] [10de:1d01] (rev a1)\n\tKernel driver in use: nouveau\n01:00.1 Audio device [0403]: NVIDIA Corporation GP108 High Definition Audio Controller [10de:0fb8] (rev a1)\n';
    const fromFile = run(['assess', '--text', file('dump.txt', text), '--json']);
    const fromInput = run(['assess', '--text', '-', '--json'], { input: text });
    expect(fromFile.code).toBe(0);
    expect(fromInput.out).toBe(fromFile.out);
    const answer = JSON.parse(fromFile.out) as { verdict: { gpus: { address: string }[] }; missing: { command: string | null }[] };
    expect(answer.verdict.gpus.map((one) => one.address)).toEqual(['0000:00:02.0', '0000:01:00.0']);
    expect(answer.missing.length).toBeGreaterThan(0);
  });

  test('the judgement for a person fits 80 columns and has no escape codes in a pipe', () => {
    for (const language of ['en', 'zh']) {
      const { code, out } = run(['assess', '--machine', someMachine, '--lang', language]);
      expect(code).toBe(0);
      expect(out).not.toContain('\u001b');
      expect(out).not.toMatch(/finding\.|undefined|\[object/);
    }
  });

  test.each([
    ['a file that is not there', () => path.join(folder, 'nothing'), 66],
    ['a folder', () => folder, 66],
    ['a torn machine file', () => file('torn.json', readFileSync(someMachine, 'utf8').slice(0, 999)), 65],
    ['an empty file', () => file('empty.json', ''), 65],
    ['JSON that is no machine', () => file('other.json', '{"schema":1,"devices":"many"}'), 65],
    ['a file of 9 MiB', () => file('huge.json', 'x'.repeat(9 * 1024 * 1024)), 66],
  ])('%s is a clear problem with the next action', (_name, make, code) => {
    const done = run(['assess', '--machine', make()]);
    expect(done.code).toBe(code);
    expect(done.err.length).toBeGreaterThan(20);
    expect(done.out).toBe('');
    expect(done.err).not.toMatch(/at .*\.js:|Error:/);
  });

  test('text in which nothing is recognised exits 65 and says what to paste', () => {
    const done = run(['assess', '--text', '-'], { input: 'my dog has no nose\n' });
    expect(done.code).toBe(65);
    expect(done.err).toContain('lspci');
  });
});

describe('scan', () => {
  test('--json prints the facts of this machine', () => {
    const { code, out } = run(['scan', '--json']);
    expect(code).toBe(0);
    const answer = JSON.parse(out) as { kind: string; facts: { source: string; pci: { functions: unknown[] } } };
    expect(answer.kind).toBe('scan');
    expect(answer.facts.source).toBe('live');
  });

  test('prints a page a person can read', () => {
    const { code, out } = run(['scan']);
    expect(code).toBe(0);
    expect(out).toContain('Nothing was changed');
    expect(out).not.toMatch(/undefined|\[object|null/);
  });
});
