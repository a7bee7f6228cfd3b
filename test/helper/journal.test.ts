// SPDX-License-Identifier: GPL-3.0-or-later
import { appendFileSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openJournal, parseJournal, readJournal } from '../../helper/journal';
import { isRoot, realTree, type RealTree } from './real';

const path = '/var/lib/switchyard/0123456789abcdef/private/journal.jsonl';
const lines = (records: readonly object[]): Uint8Array => new TextEncoder().encode(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
const work = { at: 1, boot: '0', kind: 'work', work: 'prepare' };
let tree: RealTree;

beforeEach(() => {
  tree = realTree();
  mkdirSync(tree.at('/var/lib/switchyard/0123456789abcdef/private'), { recursive: true, mode: 0o700 });
});
afterEach(() => {
  tree.remove();
});

describe('reading a journal', () => {
  test.each([
    ['half a line at the end', '{"at":2,"bo'],
    ['a last line that lost its content', '\0\0\0\0\0\n'],
    ['a last line of another shape', '{"at":2}\n'],
  ])('takes %s for torn and keeps what is before', (_, tail) => {
    const bytes = Buffer.concat([lines([work, work]), Buffer.from(tail)]);
    expect(parseJournal(bytes)).toMatchObject({ ok: true, value: { torn: true, size: lines([work, work]).length, records: [work, work] } });
  });

  test('does not go on behind a line it cannot read', () => {
    expect(parseJournal(Buffer.concat([lines([work]), Buffer.from('{"at":2}\n'), lines([work])]))).toMatchObject({ ok: false, problem: { code: 'unreadable' } });
  });
});

describe.runIf(isRoot)('writing a journal', () => {
  test('every line is whole in the file before note returns, and only root may read it', () => {
    const journal = openJournal(tree.hands, path);
    if (!journal.ok) throw new Error(journal.problem.code);
    expect(journal.value.note({ kind: 'work', work: 'prepare' }).ok).toBe(true);
    expect(readJournal(tree.hands, path)).toMatchObject({ value: { torn: false, records: [{ kind: 'work', work: 'prepare' }] } });
    expect(statSync(tree.at(path)).mode & 0o777).toBe(0o600);
    journal.value.close();
  });

  test('cuts a torn line off before it writes behind it', () => {
    writeFileSync(tree.at(path), lines([work]), { mode: 0o600 });
    appendFileSync(tree.at(path), '{"torn');
    const journal = openJournal(tree.hands, path);
    if (!journal.ok) throw new Error(journal.problem.code);
    journal.value.note({ kind: 'work', work: 'undo' });
    journal.value.close();
    expect(tree.read(path).split('\n')).toHaveLength(3);
    expect(readJournal(tree.hands, path)).toMatchObject({ value: { torn: false, records: [work, { work: 'undo' }] } });
  });

  test('half a line that a full disk let through does not stand before the next one', () => {
    let full = false;
    const hands = { ...tree.hands, write: (...[handle, bytes]: Parameters<typeof tree.hands.write>) => (full ? (tree.hands.write(handle, bytes.subarray(0, 9)), { ok: false as const, problem: { code: 'step-failed' as const, detail: { why: 'ENOSPC' } } }) : tree.hands.write(handle, bytes)) };
    const journal = openJournal(hands, path);
    if (!journal.ok) throw new Error(journal.problem.code);
    journal.value.note({ kind: 'work', work: 'prepare' });
    full = true;
    expect(journal.value.note({ kind: 'work', work: 'keep' }).ok).toBe(false);
    full = false;
    expect(journal.value.note({ kind: 'work', work: 'undo' }).ok).toBe(true);
    journal.value.close();
    expect(readJournal(tree.hands, path)).toMatchObject({ ok: true, value: { torn: false, records: [{ work: 'prepare' }, { work: 'undo' }] } });
  });
});
