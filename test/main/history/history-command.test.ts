// SPDX-License-Identifier: GPL-3.0-or-later
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { history } from '../../../main/cli/history';
import { openHistory } from '../../../main/history/history';
import type { Language } from '../../../words/say';
import { sampleSummary } from './summary-sample';

let base: string;
const places = (): { folder: string; store: string } => ({
  folder: path.join(base, 'data'),
  store: path.join(base, 'store'),
});
beforeEach(() => {
  base = mkdtempSync(path.join(tmpdir(), 'switchyard-command-'));
  for (const [number, change] of [
    [1, { kept: 1_800_000_002_000 }],
    [2, { state: 'undone', problem: { code: 'step-failed', stepId: 'a' } }],
    [3, { state: 'waiting-for-restart', restart: true }],
  ] as const) {
    const one = sampleSummary(number, change);
    mkdirSync(path.join(places().store, one.transaction), { recursive: true });
    writeFileSync(path.join(places().store, one.transaction, 'summary.json'), JSON.stringify(one));
  }
});
afterEach(() => {
  rmSync(base, { recursive: true });
});

async function run(
  args: readonly string[],
  language: Language = 'en',
): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' };
  const io = {
    out: (text: string) => (said.out += text),
    err: (text: string) => (said.err += text),
    language,
    colour: false,
    width: 100,
  };
  return { code: await history(args, io, places()), ...said };
}

test('tells what the store of root says, with the way back of what may be undone', async () => {
  const { code, out, err } = await run([]);
  expect([code, err]).toEqual([0, '']);
  expect(out.match(/[0-9a-f]{16}$/gm)).toEqual([3, 2, 1].map((number) => sampleSummary(number).transaction));
  expect(out).toContain('Did not work and was put back');
  expect(out.match(/Way back: sudo sh \/var\/lib\/switchyard\/[0-9a-f]{16}\/private\/undo.sh/g)).toHaveLength(1);
  expect(out).toContain(`A newer change (${sampleSummary(3).transaction}) stands on it`);
});

test('knows the names of the cards from the plans that were read here', async () => {
  const opened = await openHistory({ folder: places().folder, clock: () => 0 });
  if (!opened.ok) throw new Error(opened.problem.code);
  opened.value.rememberPlan({
    machine: 'this',
    hash: sampleSummary(1).plan,
    intent: 'dedicate',
    about: 'NVIDIA GeForce RTX 3080',
  });
  opened.value.rememberRun('rehearsal-1', sampleSummary(9));
  opened.value.close();
  expect((await run([])).out).toContain('NVIDIA GeForce RTX 3080');
  expect((await run([])).out).not.toContain('rehearsal-1');
  expect((await run(['--all'])).out).toContain('rehearsal-1');
});

test('gives one JSON object of schema 1', async () => {
  const { out } = await run(['--json']);
  const told: unknown = JSON.parse(out);
  expect(told).toMatchObject({
    schema: 1,
    kind: 'history',
    problem: null,
    entries: [
      { machine: 'this', outcome: 'waiting', restart: true, steps: 1 },
      { outcome: 'failed' },
      { outcome: 'kept' },
    ],
  });
});

test('a damaged file is said once and the list is whole', async () => {
  mkdirSync(places().folder);
  writeFileSync(path.join(places().folder, 'history.db'), 'torn '.repeat(1000));
  const first = await run([]);
  expect(first.err).toMatch(/set aside as history\.db\.damaged-\d{8}T\d{6}Z/);
  expect(first.out.match(/[0-9a-f]{16}$/gm)).toHaveLength(3);
  expect((await run([])).err).toBe('');
});

test('a file of a newer Switchyard is said, and the list comes from the store alone', async () => {
  await run([]);
  const db = new Sqlite(path.join(places().folder, 'history.db'));
  db.pragma('user_version = 99');
  db.close();
  const { code, out, err } = await run([], 'zh');
  expect(code).toBe(0);
  expect(err).toContain('99');
  expect(out.match(/[0-9a-f]{16}$/gm)).toHaveLength(3);
});

test('says that nothing was done where nothing was done, in both languages', async () => {
  rmSync(places().store, { recursive: true });
  expect((await run([])).out).toContain('Nothing yet');
  expect((await run([], 'zh')).out).toContain('还没有记录');
});

test('an option it does not know is wrong usage', async () => {
  expect((await run(['--everything'])).code).toBe(64);
});
