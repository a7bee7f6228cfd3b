// SPDX-License-Identifier: GPL-3.0-or-later
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Intent } from '../../contract/plan';
import type { RunState } from '../../contract/run';
import type { AskOut } from '../../contract/ui';
import { identityOf } from '../../core/plan/device-set';
import { openApp } from '../../main/app';
import { freshApp } from './fresh-app';

const { app, ask, good, heard, news } = freshApp();
const recording = 'z690-uhd770-rx6700xt-rx560';
async function rehearse(): Promise<AskOut<'machine.look'>> {
  const { entry } = await good('machine.rehearse', { of: { kind: 'recording', recording }, choices: {} });
  return good('machine.look', { machine: entry.machine, again: false });
}
function intentFor({ facts, assessment }: AskOut<'machine.look'>): Intent {
  const card = assessment.cards.find((one) => one.gpu === assessment.recommendation.target);
  if (card === undefined) throw new Error('no card is recommended');
  const devices = [card.gpu, ...card.companions].flatMap((address) => facts.pci.functions.filter((one) => one.address === address));
  return { kind: 'dedicate', devices: devices.map(identityOf), consents: [] };
}
async function ended(machine: string, at: RunState['at']): Promise<RunState> {
  await expect.poll(async () => (await good('run.state', { machine })).run?.at, { timeout: 20_000 }).toBe(at);
  const { run } = await good('run.state', { machine });
  if (run === null) throw new Error('no run');
  return run;
}

test('the state of the app names the door, why it is this one, and this computer', async () => {
  const state = await good('app.state', {});
  expect(state).toMatchObject({ door: 'browser', why: 'no-electron', current: 'this', settings: { language: 'system', theme: 'system', keepRunning: false, shortcut: 'off', shortcutState: 'none' } });
  expect(state.machines.map((entry) => entry.machine)).toEqual(['this']);
});

test('a setting is kept for the next start and told to every window', async () => {
  await good('app.settings', { language: 'zh' });
  expect(news()).toEqual([['app.settings', { language: 'zh', theme: 'system', keepRunning: false, shortcut: 'off', shortcutState: 'none' }]]);
  const again = openApp({ kind: 'browser', why: null }, path.resolve('assets'));
  expect(await again.dispatch('app.state', {})).toMatchObject({ ok: true, value: { settings: { language: 'zh', theme: 'system' } } });
});

test('this computer is looked at without a password and without a change', async () => {
  const look = await good('machine.look', { machine: 'this', again: true });
  expect(look.facts.source).toBe('live');
  expect(look.entry.kind).toBe('this');
});

test('an open machine is remembered until it is forgotten', async () => {
  const { entry } = await good('machine.paste', { text: '01:00.0 VGA compatible controller [0300]: NVIDIA Corporation GP104 [10de:1b80] (rev a1)', name: 'my.txt' });
  expect(entry).toMatchObject({ machine: 'dump-1', kind: 'dump', name: 'my.txt' });
  expect(await good('machine.list', {})).toMatchObject({ current: 'dump-1' });
  expect(news().at(-1)?.[0]).toBe('machines.changed');
  await good('machine.forget', { machine: 'dump-1' });
  expect(await good('machine.list', {})).toMatchObject({ current: 'this' });
  expect(await ask('machine.look', { machine: 'dump-1', again: false })).toMatchObject({ ok: false, problem: { code: 'not-found' } });
});

test('this computer cannot be forgotten', async () => {
  expect(await ask('machine.forget', { machine: 'this' })).toMatchObject({ ok: false, problem: { code: 'refused' } });
});

test('a dump says what was understood and what is missing, and cannot be changed', async () => {
  const paste = await good('machine.paste', { text: '01:00.0 VGA compatible controller [0300]: NVIDIA Corporation GP104 [10de:1b80] (rev a1)\n', name: null });
  expect(paste.understood.some((one) => one.what === 'lspci' || one.count > 0)).toBe(true);
  expect(paste.missing.length).toBeGreaterThan(0);
  expect(await ask('plan.draw', { machine: paste.entry.machine, intent: { kind: 'enable-iommu' } })).toMatchObject({ ok: false, problem: { code: 'unsupported-host' } });
});

test.each([['nothing at all', ''], ['a letter to a friend', 'Dear friend,\nhow are you?\n'], ['a torn machine file', '{"schema": 1, "devices": ['], ['another JSON', '{"hello": 1}']])('%s is no machine, and nothing is opened for it', async (_what, text) => {
  expect(await ask('machine.paste', { text, name: null })).toMatchObject({ ok: false, problem: { code: 'bad-input' } });
  expect((await good('machine.list', {})).machines).toHaveLength(1);
});

test('every recording that comes along opens as a rehearsal, and is judged', async () => {
  const { recordings } = await good('machine.recordings', {});
  expect(recordings.length).toBeGreaterThanOrEqual(8);
  for (const one of recordings) {
    const { entry, parts } = await good('machine.rehearse', { of: { kind: 'recording', recording: one.recording }, choices: {} });
    expect(parts.some((part) => part.assumed)).toBe(true);
    expect((await good('machine.look', { machine: entry.machine, again: false })).facts.pci.functions.length).toBeGreaterThan(0);
    await good('machine.forget', { machine: entry.machine });
  }
});

test('a part that was assumed can be chosen otherwise, and the new rehearsal takes the place of the old one', async () => {
  const first = await good('machine.rehearse', { of: { kind: 'recording', recording }, choices: {} });
  const part = first.parts.find((one) => one.assumed && one.options.length > 1);
  const other = part?.options.find((option) => option !== part.chosen) ?? '';
  const second = await good('machine.rehearse', { of: { kind: 'recording', recording }, choices: { [part?.part ?? '']: other } });
  expect(second.parts.find((one) => one.part === part?.part)?.chosen).toBe(other);
  expect((await good('machine.list', {})).machines.map((entry) => entry.kind)).toEqual(['this', 'rehearsal']);
});

test('the walk in a rehearsal: plan, set up, restart, keep, restart, undo', async () => {
  const look = await rehearse();
  const { machine } = look.entry;
  const intent = intentFor(look);
  const { review } = await good('plan.draw', { machine, intent });
  expect(review.steps.map((step) => step.phase)).toContain('trial');
  expect(review.gives).toContain(look.assessment.recommendation.target);
  expect(review.stays.length).toBeGreaterThan(0);

  const begun = await good('run.apply', { machine, intent, approved: review.hash });
  expect(begun).toMatchObject({ at: 'authorising', verb: 'apply', steps: review.steps.map(({ id, phase }) => ({ id, phase, state: 'waiting' })) });
  const prepared = await ended(machine, 'restart-needed');
  expect(prepared.steps.filter((step) => step.phase === 'prepare').every((step) => step.state === 'verified')).toBe(true);

  const restarted = await good('run.restart', { machine, firmware: false });
  expect(restarted.run?.at).toBe('asking');
  await good('run.keep', { machine });
  const kept = await ended(machine, 'kept');
  expect(kept.steps.every((step) => step.state === 'verified')).toBe(true);
  const { entries } = await good('history.list', { machine });
  expect(entries).toMatchObject([{ outcome: 'kept', mayUndo: true, intent: 'dedicate' }]);

  const [entry] = entries;
  const wayBack = await good('history.way-back', { machine, transaction: entry?.transaction ?? '' });
  expect(wayBack.script).toMatch(/^#!\/bin\/sh/);
  expect(wayBack.line).toContain(entry?.transaction);
  await good('run.restart', { machine, firmware: false });
  await good('run.undo', { machine, transaction: entry?.transaction ?? '' });
  await ended(machine, 'undone');
  expect((await good('history.list', { machine })).entries).toMatchObject([{ outcome: 'undone', mayUndo: false }]);
}, 60_000);

test('news carry the whole run at every change, in order, and the page that loads again asks for the same', async () => {
  const look = await rehearse();
  const { machine } = look.entry;
  const intent = intentFor(look);
  const { review } = await good('plan.draw', { machine, intent });
  await good('run.apply', { machine, intent, approved: review.hash });
  await ended(machine, 'restart-needed');
  const told = heard('run.news');
  expect(told[0]?.at).toBe('authorising');
  expect(told.at(-1)?.at).toBe('restart-needed');
  const order = told.map((run) => run.steps.filter((step) => step.state === 'verified').length);
  expect(order).toEqual([...order].sort((a, b) => a - b));
  const state = await good('app.state', {});
  expect(state.runs).toEqual([told.at(-1)]);
  expect(news().at(-1)).toEqual(['history.changed', { machine }]);
});

test('cancel puts everything back, and says so', async () => {
  const look = await rehearse();
  const { machine } = look.entry;
  const intent = intentFor(look);
  const { review } = await good('plan.draw', { machine, intent });
  await good('run.apply', { machine, intent, approved: review.hash });
  await expect.poll(() => app().underWay()).toBe(true);
  expect(await ask('machine.forget', { machine })).toMatchObject({ ok: false, problem: { code: 'busy' } });
  expect(await ask('run.apply', { machine, intent, approved: review.hash })).toMatchObject({ ok: false, problem: { code: 'busy' } });
  expect(await ask('run.restart', { machine, firmware: false })).toMatchObject({ ok: false, problem: { code: 'busy' } });
  expect((await good('run.cancel', { machine })).at).toBe('cancelling');
  await ended(machine, 'cancelled');
  expect(app().underWay()).toBe(false);
  const again = await good('plan.draw', { machine, intent });
  expect(again.review.hash).toBe(review.hash);
});

test('no answer after the trial is an answer: one more restart and everything is as it was', async () => {
  const look = await rehearse();
  const { machine } = look.entry;
  const intent = intentFor(look);
  const { review } = await good('plan.draw', { machine, intent });
  await good('run.apply', { machine, intent, approved: review.hash });
  await ended(machine, 'restart-needed');
  await good('run.restart', { machine, firmware: false });
  await good('run.restart', { machine, firmware: false });
  expect((await good('history.list', { machine })).entries).toMatchObject([{ mayUndo: false }]);
  expect((await good('plan.draw', { machine, intent })).review.hash).toBe(review.hash);
});

test('go back ends the trial', async () => {
  const look = await rehearse();
  const { machine } = look.entry;
  const intent = intentFor(look);
  const { review } = await good('plan.draw', { machine, intent });
  await good('run.apply', { machine, intent, approved: review.hash });
  await ended(machine, 'restart-needed');
  await good('run.go-back', { machine });
  await ended(machine, 'undone');
});

test('a plan the person did not read is stale before anybody types a password', async () => {
  const look = await rehearse();
  const { machine } = look.entry;
  expect(await ask('run.apply', { machine, intent: intentFor(look), approved: 'a'.repeat(64) })).toMatchObject({ ok: false, problem: { code: 'plan-stale' } });
  expect(await good('run.state', { machine })).toEqual({ run: null });
});

test('on a machine without a trial there is nothing to keep, to cancel or to undo', async () => {
  const { entry } = await rehearse();
  const { machine } = entry;
  expect(await ask('run.keep', { machine })).toMatchObject({ ok: false, problem: { code: 'not-found' } });
  expect(await ask('run.go-back', { machine })).toMatchObject({ ok: false, problem: { code: 'not-found' } });
  expect(await ask('run.cancel', { machine })).toMatchObject({ ok: false, problem: { code: 'not-found' } });
  expect(await ask('run.undo', { machine, transaction: '0123456789abcdef' })).toMatchObject({ ok: false, problem: { code: 'not-found' } });
});

test('a rehearsal shows root\'s own look at the files of a plan', async () => {
  const look = await rehearse();
  const { machine } = look.entry;
  const intent = intentFor(look);
  const { review } = await good('plan.draw', { machine, intent });
  const revealed = await good('plan.reveal', { machine, intent, approved: review.hash });
  expect(revealed.review.hash).toBe(review.hash);
  expect(revealed.review.steps.flatMap((step) => step.changes).some((change) => change.kind === 'hidden')).toBe(false);
});
