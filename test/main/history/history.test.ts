// SPDX-License-Identifier: GPL-3.0-or-later
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Summary } from '../../../contract/history';
import type { HandReport } from '../../../contract/hand-run';
import type { Result } from '../../../contract/problem';
import { entryOf } from '../../../main/history/entry';
import { openHistory, type History } from '../../../main/history/history';
import { applicationId, migrations, schemaVersion } from '../../../main/history/migrations';
import { readSummaries } from '../../../main/history/summaries';
import { historyEntry } from '../../../contract/ui';
import { sampleSummary } from './summary-sample';

let base: string;
let folder: string;
const file = (): string => path.join(folder, 'history.db');
const now = 1_800_000_000_000;
beforeEach(() => {
  base = mkdtempSync(path.join(tmpdir(), 'switchyard-history-'));
  folder = path.join(base, 'data', 'switchyard');
});
afterEach(() => {
  rmSync(base, { recursive: true });
});

const open = (summaries?: readonly Summary[]): Promise<Result<History>> =>
  openHistory({ folder, clock: () => now, ...(summaries === undefined ? {} : { summaries: () => summaries }) });

async function opened(summaries?: readonly Summary[]): Promise<History> {
  return value(await open(summaries));
}

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return result.value;
}

const transactions = (history: History): readonly string[] =>
  value(history.timeline()).map((row) => row.summary.transaction);

describe('what the history remembers', () => {
  test('is there again after closing', async () => {
    const history = await opened();
    value(history.rememberMachine({ key: 'this', kind: 'this', name: 'B650' }));
    value(
      history.rememberPlan({
        machine: 'this',
        hash: '1'.repeat(64),
        intent: 'dedicate',
        about: 'NVIDIA GeForce RTX 3080',
      }),
    );
    value(history.rememberRun('this', sampleSummary(1)));
    history.close();
    const again = await opened();
    expect(value(again.timeline())).toEqual([
      { machine: 'this', about: 'NVIDIA GeForce RTX 3080', summary: sampleSummary(1) },
    ]);
    expect(again.notice).toBeNull();
    again.close();
  });

  test('comes newest first, of one machine or of all', async () => {
    const history = await opened();
    for (const number of [2, 9, 5]) value(history.rememberRun('this', sampleSummary(number)));
    value(history.rememberRun('rehearsal-1', sampleSummary(7)));
    expect(transactions(history)).toEqual([9, 7, 5, 2].map((number) => number.toString(16).padStart(16, '0')));
    expect(value(history.timeline('rehearsal-1')).map((row) => row.machine)).toEqual(['rehearsal-1']);
    history.close();
  });

  test('an older word about a transaction changes nothing, a newer one does', async () => {
    const history = await opened();
    const newer = sampleSummary(1, { state: 'undone', changed: now + 9000 });
    value(history.rememberRun('this', newer));
    value(history.rememberRun('this', sampleSummary(1)));
    const row = value(history.run('this', newer.transaction));
    expect(row.summary.state).toBe('undone');
    history.close();
  });

  test('a transaction nobody knows is not found', async () => {
    const history = await opened();
    expect(history.run('this', 'f'.repeat(16))).toMatchObject({ ok: false, problem: { code: 'not-found' } });
    history.close();
  });

  test('is rebuilt from the store of root, and doing it twice is the same as once', async () => {
    const history = await opened();
    const runs = [1, 2, 3].map((number) => sampleSummary(number));
    expect(history.rebuild('this', runs)).toEqual({ ok: true, value: 3 });
    expect(history.rebuild('this', runs)).toEqual({ ok: true, value: 0 });
    expect(transactions(history)).toHaveLength(3);
    history.close();
  });

  test('every state has an entry of the window', () => {
    const outcomes = [
      sampleSummary(1, { state: 'working', work: 'prepare' }),
      sampleSummary(2, { state: 'waiting-for-restart' }),
      sampleSummary(3, { state: 'trial-running' }),
      sampleSummary(4, { kept: 5 }),
      sampleSummary(5, { state: 'undone' }),
      sampleSummary(6, { state: 'undone', problem: { code: 'cancelled', stepId: null } }),
      sampleSummary(7, { state: 'undone', problem: { code: 'step-failed', stepId: 'a' } }),
      sampleSummary(8, { state: 'undo-incomplete', opened: 9e15, changed: 9e15 }),
    ].map((summary) => historyEntry.parse(entryOf({ machine: 'this', about: '', summary }, [{ summary, moments: [] }])));
    expect(outcomes.map(({ outcome, mayUndo }) => [outcome, mayUndo])).toEqual([
      ['open', false],
      ['waiting', true],
      ['waiting', true],
      ['kept', true],
      ['undone', false],
      ['cancelled', false],
      ['failed', false],
      ['undo-incomplete', true],
    ]);
  });
});

describe('the file', () => {
  test('and its folder are the person’s alone, whatever they were', async () => {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    writeFileSync(file(), '', { mode: 0o644 });
    (await opened()).close();
    expect([statSync(folder).mode & 0o777, statSync(file()).mode & 0o777]).toEqual([0o700, 0o600]);
  });

  test('is ours and of this version', async () => {
    (await opened()).close();
    const db = new Sqlite(file());
    expect([db.pragma('application_id', { simple: true }), db.pragma('user_version', { simple: true })]).toEqual([
      applicationId,
      schemaVersion,
    ]);
    db.close();
  });

  test('of no bytes is made anew and filled from the store, without alarm', async () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file(), '');
    const history = await opened([sampleSummary(1)]);
    expect(history.notice).toBeNull();
    expect(transactions(history)).toHaveLength(1);
    history.close();
  });

  test.each<[string, (whole: Buffer) => Buffer]>([
    ['of other bytes', () => Buffer.from('this is no database, '.repeat(400))],
    ['torn in the middle', (whole) => whole.subarray(0, Math.floor(whole.length / 2) + 100)],
    [
      'with a page of zeros',
      (whole) => Buffer.concat([whole.subarray(0, 4096), Buffer.alloc(4096), whole.subarray(8192)]),
    ],
    [
      'with noise in every page but the first',
      (whole) => Buffer.from(whole.map((byte, at) => (at > 4096 && at % 7 === 0 ? byte ^ 0xa5 : byte))),
    ],
    ['cut to its header', (whole) => whole.subarray(0, 100)],
  ])('%s is set aside, said once, and filled again from the store', async (_, damage) => {
    const runs = Array.from({ length: 200 }, (__, number) => sampleSummary(number));
    (await opened(runs)).close();
    const broken = damage(readFileSync(file()));
    writeFileSync(file(), broken);
    const history = await opened(runs);
    expect(history.notice).toEqual({
      code: 'history-damaged',
      detail: { aside: 'history.db.damaged-20270115T080000Z' },
    });
    expect(transactions(history)).toHaveLength(200);
    history.close();
    expect(readFileSync(path.join(folder, 'history.db.damaged-20270115T080000Z'))).toEqual(broken);
    const after = await opened(runs);
    expect(after.notice).toBeNull();
    after.close();
  });

  test('damaged twice in one second keeps both', async () => {
    for (let turn = 0; turn < 2; turn += 1) {
      (await opened()).close();
      writeFileSync(file(), 'no database at all, not by far, no');
      (await opened()).close();
    }
    expect(
      readdirSync(folder)
        .filter((name) => name.includes('damaged'))
        .sort(),
    ).toEqual(['history.db.damaged-20270115T080000Z', 'history.db.damaged-20270115T080000Z-2']);
  });

  test('of another program is set aside, not written to', async () => {
    mkdirSync(folder, { recursive: true });
    const other = new Sqlite(file());
    other.exec("CREATE TABLE bookmark (url TEXT); INSERT INTO bookmark VALUES ('x')");
    other.close();
    const before = readFileSync(file());
    const history = await opened();
    expect(history.notice?.code).toBe('history-damaged');
    expect(readFileSync(path.join(folder, 'history.db.damaged-20270115T080000Z'))).toEqual(before);
    history.close();
  });

  test('of a newer Switchyard is refused as it is, with its version', async () => {
    (await opened()).close();
    const db = new Sqlite(file());
    db.pragma(`user_version = ${schemaVersion + 3}`);
    db.close();
    const before = readFileSync(file());
    expect(await open([sampleSummary(1)])).toEqual({
      ok: false,
      problem: {
        code: 'unreadable',
        detail: { why: 'history-newer', version: String(schemaVersion + 3), known: String(schemaVersion) },
      },
    });
    expect(readFileSync(file())).toEqual(before);
    expect(readdirSync(folder)).toEqual(['history.db']);
  });

  test('that is a folder, and a data folder that is a file, are clear problems', async () => {
    mkdirSync(file(), { recursive: true });
    expect(await open()).toMatchObject({ ok: false, problem: { code: 'unreadable' } });
    folder = path.join(base, 'plain');
    writeFileSync(folder, '');
    expect(await open()).toMatchObject({
      ok: false,
      problem: { code: 'unreadable', detail: { why: 'history-place' } },
    });
  });

  test('locked by another process is a clear problem, and the row is there when it is free again', async () => {
    const history = await opened();
    const other = new Sqlite(file());
    other.exec('BEGIN EXCLUSIVE');
    expect(history.rememberRun('this', sampleSummary(1))).toMatchObject({
      ok: false,
      problem: { code: 'unreadable', detail: { why: 'history-busy' } },
    });
    other.exec('COMMIT');
    other.close();
    value(history.rememberRun('this', sampleSummary(1)));
    expect(transactions(history)).toHaveLength(1);
    history.close();
  });

  test('with a row that no longer fits the contract shows the others', async () => {
    const history = await opened([sampleSummary(1), sampleSummary(2)]);
    const db = new Sqlite(file());
    db.prepare('UPDATE run SET summary = ? WHERE transaction_id = ?').run('{"schema":99', sampleSummary(1).transaction);
    db.close();
    expect(transactions(history)).toEqual([sampleSummary(2).transaction]);
    expect(history.run('this', sampleSummary(1).transaction)).toMatchObject({
      ok: false,
      problem: { code: 'not-found' },
    });
    history.close();
  });
});

describe('self-tests of hand-overs', () => {
  const vm = '3f8f1a52-0a4e-4b0e-9d0e-6c1f6d1a0001';
  const report = (began: number): HandReport => ({ schema: 1, vm, name: 'win11', began, wanted: 3, rounds: [{ give: { end: 'given', why: null, took: 12, phases: [{ phase: 'unbind', took: 12 }] }, take: null }], end: 'stopped' });

  test('are kept by machine, the newest first and only the newest few, and outlive the program', async () => {
    const history = await opened();
    for (let began = 1; began <= 40; began += 1) value(history.rememberReport('this', report(began)));
    value(history.rememberReport('rehearsal-1', report(99)));
    history.close();
    const again = await opened();
    expect(value(again.reports('this')).map((one) => one.began)).toEqual(Array.from({ length: 32 }, (_, index) => 40 - index));
    expect(value(again.reports('rehearsal-1'))).toEqual([report(99)]);
    again.close();
  });

  test('of a newer program are left out', async () => {
    (await opened()).close();
    const db = new Sqlite(file());
    db.prepare('INSERT INTO rounds VALUES (?, ?, ?, ?)').run('this', vm, 1, JSON.stringify({ ...report(1), schema: 2 }));
    db.close();
    const history = await opened();
    expect(value(history.reports('this'))).toEqual([]);
    history.close();
  });
});

test('a migration that was released never changes: files of its version are out there', () => {
  const digests = migrations.map((sql) => createHash('sha256').update(sql).digest('hex'));
  expect(digests).toEqual(['1716b8fe8638bc08e652d1043954f9862d701a3c36e47b74d0283c01413b79ec', '3f45b7cc638c56ef7e78d41d7be13ba648cae7e29ea369539995d0c919108f24', 'c21bb886a88f8240ba1e1e6f1fd37c716ac2e7450430c1ca5080f46f9ab2a239']);
});

describe('the store of root', () => {
  test('gives every whole summary and leaves out what is torn, foreign, a link or under another name', () => {
    const store = path.join(base, 'store');
    const put = (name: string, content: string): void => {
      mkdirSync(path.join(store, name), { recursive: true });
      writeFileSync(path.join(store, name, 'summary.json'), content);
    };
    const good = [sampleSummary(1), sampleSummary(2)];
    for (const one of good) put(one.transaction, JSON.stringify(one));
    put(sampleSummary(3).transaction, JSON.stringify(sampleSummary(3)).slice(0, 80));
    put(sampleSummary(4).transaction, JSON.stringify(sampleSummary(5)));
    put('not-a-transaction', JSON.stringify(sampleSummary(6)));
    mkdirSync(path.join(store, sampleSummary(7).transaction));
    expect(readSummaries(store).map((one) => one.transaction)).toEqual([good[1]?.transaction, good[0]?.transaction]);
    expect(readSummaries(path.join(base, 'nowhere'))).toEqual([]);
  });
});
