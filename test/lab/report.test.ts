// SPDX-License-Identifier: GPL-3.0-or-later
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { missingMeans, missingPackages, type Means } from './needs';
import { chosen, isLate, plan, summary, worth } from './report';
import type { Scenario } from './scenario';
import { scenarios } from './scenarios/all';

const all: Means = { platform: 'linux', architecture: 'x64', uid: 0, exists: () => true, free: () => 2 ** 40, memory: () => 2 ** 35, mounts: () => true };
const scenario = (name: string, budget: number, quick = false): Scenario => ({ name, on: 'intel-one-card', budget, quick, play: () => Promise.resolve() });

describe('the lab without its means', () => {
  test('says what is missing, one line for each thing', () => {
    expect(missingMeans(all)).toEqual([]);
    expect(missingMeans({ ...all, uid: 1000 })).toEqual([expect.stringContaining('root')]);
    expect(missingMeans({ ...all, free: () => 2 ** 30 })).toEqual([expect.stringMatching(/12 GiB free .*there are 1/)]);
    expect(missingMeans({ ...all, free: () => null })).toEqual([expect.stringContaining('write to')]);
    expect(missingMeans({ ...all, mounts: () => false })).toEqual([expect.stringContaining('mount')]);
    expect(missingMeans({ ...all, memory: () => 2 ** 30 })).toEqual([expect.stringMatching(/4 GiB of free memory .*there are 1\.0/)]);
    expect(missingMeans({ ...all, architecture: 'arm64' })).toEqual([expect.stringContaining('arm64')]);
    expect(missingMeans({ ...all, uid: 1000, free: () => 0 })).toHaveLength(2);
    expect(missingPackages({ ...all, exists: (file) => !file.includes('qemu-system') })).toEqual(['qemu-system-x86']);
  });

  test('is NOT RUN, which is neither passed nor failed, and fails where it is required', () => {
    const played = [{ name: 'a', at: 'not-run', seconds: 0 }] as const;
    const lax = summary(played, ['QEMU'], false);
    expect(lax.lines).toEqual(['NOT RUN: the lab needs QEMU', 'lab: 0 passed, 0 failed, 1 NOT RUN']);
    expect(lax.code).toBe(0);
    expect(lax.report).toMatchObject({ passed: 0, failed: 0, notRun: 1, reasons: ['QEMU'] });
    expect(summary(played, ['QEMU'], true).code).toBe(1);
    expect(summary([...played, { name: 'b', at: 'failed', seconds: 3 }], [], false).code).toBe(1);
    expect(summary([{ name: 'b', at: 'passed', seconds: 3 }], [], true).code).toBe(0);
  });

  const folder = mkdtempSync(path.join(tmpdir(), 'lab-means-'));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  test.each([['0', 0], ['1', 1]])('the program itself says so, with REQUIRE_LAB=%s', (required, code) => {
    const file = path.join(folder, 'no-folder');
    writeFileSync(file, '');
    const ran = spawnSync(process.execPath, ['--import', './test/typescript.mjs', 'test/lab/run.ts', '--quick'], {
      cwd: path.resolve(import.meta.dirname, '../..'),
      env: { ...process.env, SWITCHYARD_LAB_CACHE: path.join(file, 'cache'), REQUIRE_LAB: required },
      encoding: 'utf8',
    });
    expect(ran.stdout).toContain('NOT RUN: the lab needs ');
    expect(ran.stdout).toMatch(/lab: 0 passed, 0 failed, [1-9]\d* NOT RUN/);
    expect(ran.status).toBe(code);
  }, 120_000);
});

describe('the plan of a lab run', () => {
  const list = [scenario('a', 100, true), scenario('b', 50), scenario('c', 60, true), scenario('d', 10)];

  test('is printed with every budget and their sum', () => {
    expect(plan(list)).toEqual([expect.stringContaining('4 scenarios with -accel tcg, 3 min 40 s'), expect.stringContaining('100 s  intel-one-card: a'), ...list.slice(1).map((one) => expect.stringContaining(`: ${one.name}`) as string)]);
  });

  test('is cut into shards that lose nothing, double nothing and are about as long', () => {
    const shards = [1, 2].map((at) => chosen(list, { quick: false, only: [], shard: `${at}/2` }));
    expect(shards.flat().map((one) => one.name).toSorted()).toEqual(['a', 'b', 'c', 'd']);
    expect(shards.map((shard) => shard.reduce((sum, one) => sum + one.budget, 0))).toEqual([110, 110]);
    for (const wrong of ['3/2', '0/2', 'x', '1']) expect(() => chosen(list, { quick: false, only: [], shard: wrong })).toThrow('i/n');
    expect(chosen(list, { quick: true, only: [], shard: undefined }).map((one) => one.name)).toEqual(['a', 'c']);
    expect(chosen(list, { quick: false, only: ['card: b', 'd'], shard: undefined }).map((one) => one.name)).toEqual(['a', 'b', 'c', 'd']);
    expect(chosen(list, { quick: false, only: [': b', ': d'], shard: undefined }).map((one) => one.name)).toEqual(['b', 'd']);
  });

  test('gives a scenario twice its budget, and counts less of the time in which others are at work', () => {
    expect([worth(10, 0.5, 2), worth(10, 2, 2), worth(10, 8, 2)]).toEqual([10, 10, 2.5]);
    expect([119, 120, 121].map((had) => isLate(scenario('a', 60), had))).toEqual([false, false, true]);
  });

  test('of this tree is three hours at most, fifty minutes in each of four shards, and ten for the quick ones', () => {
    const minutes = (quick: boolean, shard?: string): number => chosen(scenarios, { quick, only: [], shard }).reduce((sum, { budget }) => sum + budget / 60, 0);
    expect(minutes(false)).toBeLessThanOrEqual(180);
    for (const at of [1, 2, 3, 4]) expect(minutes(false, `${at}/4`)).toBeLessThanOrEqual(50);
    expect(minutes(true)).toBeLessThanOrEqual(10);
  });
});
