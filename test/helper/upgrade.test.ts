// SPDX-License-Identifier: GPL-3.0-or-later
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { transactionId } from '../../contract/history';
import { apply } from '../../helper/apply';
import { hashOf } from '../../helper/draw';
import { readJournal } from '../../helper/journal';
import { keep } from '../../helper/keep';
import { replay } from '../../helper/replay';
import { journalPath, planPath, readPlan, readSummary, summaryPath } from '../../helper/store';
import { probe } from '../../host/probe';
import { find, writeAt } from '../../rehearsal/files';
import { openRehearsal } from '../../rehearsal/machine';
import { wishes } from '../../rehearsal/wish';
import { corpusFacts } from '../rehearsal/corpus';

/** A store as version 0.1.0 left it in the middle of a trial, byte for byte; never to be written again. */
const old = (name: string): string => readFileSync(join(import.meta.dirname, 'store-0.1', name), 'utf8');
const oldId = transactionId.parse(/"transaction":"([0-9a-f]{16})"/.exec(old('summary.json'))?.[1]);

describe('a store that version 0.1.0 wrote', () => {
  const rehearsal = openRehearsal(corpusFacts('010-z370-i5-9400-gt1030'), {}, null);
  const { disk } = rehearsal.world;
  writeAt(disk, planPath(oldId), old('plan.json'), { mode: 0o600 });
  writeAt(disk, journalPath(oldId), old('journal.jsonl'), { mode: 0o600 });
  writeAt(disk, summaryPath(oldId), old('summary.json'), { mode: 0o644 });

  test('is read: its plan, its journal and its summary', () => {
    const hands = rehearsal.hands();
    expect(readPlan(hands, oldId)).toMatchObject({ ok: true, value: { intent: { kind: 'dedicate' } } });
    const journal = readJournal(hands, journalPath(oldId));
    expect(journal.ok && replay(journal.value.records)).toMatchObject({ state: 'trial-running', version: '0.1.0', start: null, check: null });
    expect(readSummary(hands, oldId)).toMatchObject({ ok: true, value: { state: 'trial-running' } });
  });
});

describe('an upgrade between trial and keep', () => {
  test('keeps what the version before prepared', async () => {
    const rehearsal = openRehearsal(corpusFacts('010-z370-i5-9400-gt1030'), {}, null);
    const intent = wishes(probe(rehearsal.eyes())).find((each) => each.kind === 'dedicate' && rehearsal.plan(each).ok);
    const plan = intent === undefined ? undefined : rehearsal.plan(intent);
    if (intent === undefined || plan?.ok !== true) throw new Error('no wish');
    const approved = hashOf(plan.value);
    const applied = await apply(rehearsal.desk(), { intent, approved });
    if (!applied.ok || applied.value.transaction === null) throw new Error('apply');
    const { transaction } = applied.value;
    await rehearsal.restart();

    // As the version before wrote them: a plan with the keys of the old one, and a journal without the newer kinds of lines.
    const { disk } = rehearsal.world;
    const textAt = (path: string): string => find(disk, path)?.content.text ?? '';
    const shape = z.looseObject({ basis: z.record(z.string(), z.unknown()) });
    const oldKeys = Object.keys(shape.parse(JSON.parse(old('plan.json'))).basis);
    const { basis, ...rest } = shape.parse(JSON.parse(textAt(planPath(transaction))));
    const bare = { ...rest, basis: Object.fromEntries(Object.entries(basis).filter(([key]) => oldKeys.includes(key))) };
    writeAt(disk, planPath(transaction), `${JSON.stringify(bare)}\n`, { mode: 0o600 });
    const kinds = new Set(old('journal.jsonl').split('\n').map((line) => /"kind":"([a-z]+)"/.exec(line)?.[1]));
    const lines = textAt(journalPath(transaction)).split('\n').filter((line) => line === '' || kinds.has(/"kind":"([a-z]+)"/.exec(line)?.[1]));
    writeAt(disk, journalPath(transaction), lines.map((line) => line.replace(/,"proof":\[.*?\](?=\})/, '').replace('"version":"', '"version":"0.0.9-')).join('\n'), { mode: 0o600 });

    expect(await keep(rehearsal.desk(), { transaction, approved })).toMatchObject({ ok: true, value: { state: 'kept' } });
    expect((await rehearsal.restart()).started).toMatchObject({ at: 'up' });
  });
});
