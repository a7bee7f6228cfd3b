// SPDX-License-Identifier: GPL-3.0-or-later
import { beforeEach, describe, expect, test } from 'vitest';
import type { HandRun } from '../../contract/hand-run';
import type { PciAddress } from '../../contract/pci';
import type { DeviceIdentity } from '../../contract/plan';
import type { MachineId } from '../../contract/target';
import { sumsOf } from '../../core/hand-off/report';
import { identityOf } from '../../core/plan/device-set';
import { freshApp } from './fresh-app';

const { app, ask, good, heard, forgetNews } = freshApp();
let machine: MachineId;
let card: readonly DeviceIdentity[];
beforeEach(async () => {
  machine = (await good('machine.rehearse', { of: { kind: 'recording', recording: 'z690-uhd770-rx6700xt-rx560' }, choices: {} })).entry.machine;
});

/** Sets the first card that can move on demand up, and makes a VM that has it. */
async function setUp(): Promise<string> {
  const { facts, assessment } = await good('machine.look', { machine, again: false });
  const chosen = assessment.cards.find((one) => one.ways.some((way) => way.kind === 'on-demand' && way.possible !== 'no'));
  if (chosen === undefined) throw new Error('no card can move');
  const addresses = new Set<PciAddress>([chosen.gpu, ...chosen.companions]);
  card = facts.pci.functions.filter((one) => addresses.has(one.address)).map(identityOf);
  const intent = { kind: 'on-demand' as const, devices: [...card] };
  const { review } = await good('plan.draw', { machine, intent });
  await good('run.apply', { machine, intent, approved: review.hash });
  await expect.poll(async () => (await good('run.state', { machine })).run?.at, { timeout: 20_000 }).toBe('kept');
  const wish = { uuid: null, name: 'guest', system: 'linux' as const, use: 'work' as const, mode: { mode: 'passthrough' as const, way: 'on-demand' as const, card: chosen.gpu }, disk: { kind: 'new' as const, sizeGiB: 20, folder: null }, cores: null, memoryMiB: 4096, install: null };
  const { recipe, disks, install } = await good('vm.draft', { machine, wish });
  const asked = { kind: 'create' as const, recipe, disks, install, xml: null };
  const drawn = await good('vm.draw', { machine, asked, host: null });
  await good('vm.apply', { machine, asked, host: null, approved: drawn.review.hash });
  await expect.poll(async () => (await good('hand.list', { machine })).vms.length, { timeout: 20_000 }).toBe(1);
  return recipe.uuid;
}

async function over(): Promise<HandRun> {
  await expect.poll(() => heard('hand.news').at(-1)?.at, { timeout: 60_000, interval: 20 }).toBe('over');
  const last = heard('hand.news').at(-1);
  if (last === undefined) throw new Error('no news');
  forgetNews();
  return last;
}

const drivers = async (): Promise<readonly (string | null)[]> => {
  const { facts } = await good('machine.look', { machine, again: true });
  return card.map((one) => facts.pci.functions.find((two) => two.address === one.address)?.driver ?? null);
};

describe('a card moves from the window', () => {
  test('to its VM with live phases, and home again; meanwhile nothing else can move', { timeout: 60_000 }, async () => {
    const uuid = await setUp();
    const before = await drivers();
    expect((await good('hand.list', { machine })).vms).toMatchObject([{ uuid, name: 'guest', state: 'off', way: 'on-demand', status: null }]);
    expect(await good('hand.over', { machine, uuid })).toMatchObject({ doing: 'give', at: 'moving', end: null });
    expect(await ask('hand.back', { machine, uuid, force: false })).toMatchObject({ ok: false, problem: { code: 'busy' } });
    const told = new Set<number>();
    const leave = app().news.subscribe((name, body) => {
      if (name === 'hand.news') told.add((body as HandRun).status?.phases.length ?? 0);
    });
    expect(await over()).toMatchObject({ doing: 'give', end: 'given', said: null, status: { way: 'give', end: 'given' } });
    leave();
    expect([...told].filter((count) => count > 0).length).toBeGreaterThan(2);
    expect(new Set(await drivers())).toEqual(new Set(['vfio-pci']));
    await good('hand.back', { machine, uuid, force: false });
    expect(await over()).toMatchObject({ doing: 'take', end: 'home', status: { way: 'take', end: 'home' } });
    expect(await drivers()).toEqual(before);
    expect((await good('hand.list', { machine })).vms[0]).toMatchObject({ state: 'off', status: { end: 'home' } });
  });

  test('in judged rounds whose report is kept, and that a person can end', { timeout: 120_000 }, async () => {
    const uuid = await setUp();
    await good('hand.rounds', { machine, uuid, count: 2, force: false });
    const { report } = await over();
    if (report === null) throw new Error('no report');
    expect(report).toMatchObject({ wanted: 2, end: 'done', name: 'guest' });
    expect(sumsOf(report)).toMatchObject({ good: 2, failed: null, all: { give: { rounds: 2 }, take: { rounds: 2 } } });
    expect((await good('hand.list', { machine })).reports).toEqual([report]);

    await good('hand.rounds', { machine, uuid, count: 100, force: true });
    await expect.poll(() => heard('hand.news').at(-1)?.rounds?.through, { timeout: 60_000 }).toBe(1);
    await good('hand.stop', { machine });
    const stopped = await over();
    expect(stopped.report?.end).toBe('stopped');
    expect(stopped.report?.rounds.length).toBeLessThan(5);
    expect(await ask('hand.stop', { machine })).toMatchObject({ ok: false, problem: { code: 'not-found' } });
  });

  test('only for a VM that has a managed card', async () => {
    expect(await good('hand.list', { machine })).toEqual({ vms: [], run: null, reports: [] });
    expect(await ask('hand.over', { machine, uuid: '3f8f1a52-0a4e-4b0e-9d0e-6c1f6d1a0001' })).toMatchObject({ ok: false, problem: { code: 'not-found' } });
  });
});
