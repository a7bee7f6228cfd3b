// SPDX-License-Identifier: GPL-3.0-or-later
import { expect, test } from 'vitest';
import type { Intent } from '../../contract/plan';
import type { RunState } from '../../contract/run';
import { identityOf } from '../../core/plan/device-set';
import { freshApp } from './fresh-app';

const { ask, good } = freshApp();

async function ended(machine: string, at: RunState['at']): Promise<RunState> {
  await expect.poll(async () => (await good('run.state', { machine })).run?.at, { timeout: 40_000 }).toBe(at);
  return (await good('run.state', { machine })).run!;
}

/** A rehearsal in which a card was given away and kept. */
async function kept() {
  const { entry } = await good('machine.rehearse', { of: { kind: 'recording', recording: 'z690-uhd770-rx6700xt-rx560' }, choices: {} });
  const { machine } = entry;
  const { facts, assessment } = await good('machine.look', { machine, again: false });
  const card = assessment.cards.find((one) => one.gpu === assessment.recommendation.target)!;
  const devices = [card.gpu, ...card.companions].flatMap((address) => facts.pci.functions.filter((one) => one.address === address));
  const intent: Intent = { kind: 'dedicate', devices: devices.map(identityOf), consents: [] };
  const { review } = await good('plan.draw', { machine, intent });
  await good('run.apply', { machine, intent, approved: review.hash });
  await ended(machine, 'restart-needed');
  await good('run.restart', { machine, firmware: false });
  await ended(machine, 'asking');
  await good('run.keep', { machine });
  await ended(machine, 'kept');
  await good('run.restart', { machine, firmware: false });
  const { entries } = await good('history.list', { machine });
  return { machine, transaction: entries[0]!.transaction };
}

test('a rehearsal is changed, checked, compared, led back, and led forth again', { timeout: 120_000 }, async () => {
  const { machine, transaction } = await kept();
  const before = { transaction, side: 'before' as const };

  expect(await good('drift.check', { machine })).toMatchObject({ transaction, state: 'holds', repair: null });

  const compared = await good('history.compare', { machine, from: before, to: null });
  expect(compared.same).toBe(false);
  const dropIn = compared.places.find(({ place }) => place === 'grub-drop-in');
  expect(dropIn).toMatchObject({ what: 'appeared', by: 'ours', change: { kind: 'file', what: 'create' } });
  expect(compared.devices.some(({ now, then }) => now === 'vfio-pci' && then !== 'vfio-pci')).toBe(true);
  expect((await good('history.compare', { machine, from: { transaction, side: 'after' }, to: null })).places.filter(({ what, by }) => what !== 'same' && by !== 'loader')).toEqual([]);

  const taken = await good('point.take', { machine, reason: 'before I try things' });
  expect(taken).toMatchObject({ verb: 'apply', at: 'authorising' });
  await ended(machine, 'kept');
  const [point, change] = (await good('history.list', { machine })).entries;
  expect(point).toMatchObject({ intent: 'point', reason: 'before I try things', mayUndo: false, points: ['before', 'after'] });
  expect(change).toMatchObject({ transaction, mayUndo: true, newer: null });

  const drawn = await good('restore.draw', { machine, to: before, choices: [] });
  expect(drawn).toMatchObject({ conflicts: [], review: { nothingToDo: false } });
  expect(drawn.review.steps.find(({ id }) => id === 'put-grub-drop-in')?.changes).toMatchObject([{ kind: 'file', what: 'remove' }]);
  expect(await ask('run.restore', { machine, to: { transaction, side: 'after' }, choices: [], approved: drawn.review.hash })).toMatchObject({ ok: false, problem: { code: 'plan-stale' } });
  expect(await good('run.restore', { machine, to: before, choices: [], approved: drawn.review.hash })).toMatchObject({ verb: 'restore' });
  await ended(machine, 'kept');
  await good('run.restart', { machine, firmware: false });

  const entries = (await good('history.list', { machine })).entries;
  expect(entries[0]).toMatchObject({ intent: 'restore', restores: before, mayUndo: true });
  expect(entries.find((entry) => entry.transaction === transaction)).toMatchObject({ mayUndo: false, newer: entries[0]!.transaction });
  expect((await good('history.compare', { machine, from: before, to: null })).places.filter(({ what, by }) => what !== 'same' && by !== 'loader')).toEqual([]);

  const again = await good('restore.draw', { machine, to: { transaction, side: 'after' }, choices: [] });
  expect(again.review.needsRestart).toBe(true);
  expect(again.notes.map(({ code }) => code)).toContain('restore.note.trial');
});

test("root's own lines stand where this person may not read, and nobody else's", { timeout: 60_000 }, async () => {
  const { machine, transaction } = await kept();
  const revealed = await good('history.reveal', { machine, from: { transaction, side: 'before' }, to: null });
  const script = revealed.places.find(({ place }) => place === 'early-script');
  expect(script?.change?.kind === 'file' ? script.change.lines.some(({ text }) => text.includes('managed by switchyard')) : null).toBe(true);
});

test('a point nobody took is not found, and a computer without a change promises nothing', async () => {
  const { entry } = await good('machine.rehearse', { of: { kind: 'recording', recording: 'z690-uhd770-rx6700xt-rx560' }, choices: {} });
  const { machine } = entry;
  const nobody = { transaction: '0123456789abcdef', side: 'before' as const };
  expect(await ask('history.compare', { machine, from: nobody, to: null })).toMatchObject({ ok: false, problem: { code: 'not-found' } });
  expect(await ask('restore.draw', { machine, to: nobody, choices: [] })).toMatchObject({ ok: false, problem: { code: 'not-found' } });
  expect(await good('drift.check', { machine })).toMatchObject({ transaction: null, state: 'nothing-kept' });
  expect(await ask('point.take', { machine, reason: 'a\nb' })).toMatchObject({ ok: false, problem: { code: 'protocol' } });
});
