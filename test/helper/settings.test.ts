// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import type { PointRef } from '../../contract/history';
import { vmNeeds, type Intent } from '../../contract/plan';
import { apply } from '../../helper/apply';
import { hashOf } from '../../helper/draw';
import { recover } from '../../helper/recover';
import { restore } from '../../helper/restore';
import { readStates } from '../../helper/store';
import { undo } from '../../helper/undo';
import { probe } from '../../host/probe';
import type { FaultKind } from '../../rehearsal/faults';
import { differences, find, textAt, writeAt } from '../../rehearsal/files';
import { holdGroup, type Kernel } from '../../rehearsal/kernel';
import { forkRunning } from '../../rehearsal/fork';
import { openRehearsal, rehearsalOf, type Rehearsal } from '../../rehearsal/machine';
import { makeRandom } from '../../rehearsal/random';
import { runThrough } from '../../rehearsal/run-through';
import { corpusFacts } from '../rehearsal/corpus';
import { identityOf } from '../../core/plan/device-set';

const open = (): Rehearsal => openRehearsal(corpusFacts('069-haswell-laptop-gtx765m-0302'), {}, null);

/** A card that lights no screen, with its whole slot: a laptop's second one. */
function idleCard(rehearsal: Rehearsal) {
  const facts = probe(rehearsal.eyes());
  const lit = new Set([...(facts.display.connectors.value ?? []).filter((one) => one.status === 'connected').map((one) => one.gpu), ...(facts.display.framebuffers.value ?? []).map((one) => one.device)]);
  const card = facts.pci.functions.find((one) => one.class.startsWith('03') && !lit.has(one.address) && one.address !== facts.display.bootDisplay.value);
  const slot = card?.address.slice(0, -1) ?? 'none';
  return facts.pci.functions.filter((one) => one.address.startsWith(slot)).map(identityOf);
}

interface Scene {
  readonly rehearsal: Rehearsal;
  readonly intent: Intent;
  readonly kernel: Kernel;
}

const intents = {
  'move-now': (rehearsal: Rehearsal): Intent => ({ kind: 'move-now', devices: idleCard(rehearsal), to: 'vfio-pci' }),
  'huge-pages': (): Intent => ({ kind: 'huge-pages', sizeKiB: 2048, count: 1024, numa: null, when: 'now' }),
  'huge-pages always': (): Intent => ({ kind: 'huge-pages', sizeKiB: 2048, count: 1024, numa: null, when: 'always' }),
  'vm-host': (): Intent => ({ kind: 'vm-host', needs: [...vmNeeds] }),
  'on-demand': (rehearsal: Rehearsal): Intent => ({ kind: 'on-demand', devices: idleCard(rehearsal) }),
} as const;
type Name = keyof typeof intents;
const names = Object.keys(intents) as Name[];

function scene(name: Name): Scene {
  const rehearsal = open();
  const { kernel } = rehearsal.world;
  if (kernel === null) throw new Error('off');
  return { rehearsal, intent: intents[name](rehearsal), kernel };
}

/** Everything of a machine that may not be another one after going back: its files, its drivers, its pages. */
function standsAs({ rehearsal }: Scene): string {
  const { kernel } = rehearsal.world;
  const drivers = [...(kernel?.functions.values() ?? [])].map((one) => `${one.hardware.address} ${one.driver ?? '-'} ${one.override ?? '-'}`);
  return [...drivers, kernel?.parameters.get('hugepages-2048kB') ?? '0'].join('\n');
}

async function applied(all: Scene) {
  const plan = all.rehearsal.plan(all.intent);
  if (!plan.ok) throw new Error(JSON.stringify(plan.problem));
  const done = await apply(all.rehearsal.desk(), { intent: all.intent, approved: hashOf(plan.value) });
  return { done, plan: plan.value };
}

async function transactionOf(all: Scene) {
  const { done } = await applied(all);
  if (!done.ok || done.value.transaction === null) throw new Error(JSON.stringify(done));
  return done.value.transaction;
}

describe.each(names)('%s', (name) => {
  test('is done at once and kept, without a restart, and undone to exactly what was', async () => {
    const all = scene(name);
    const [files, before] = [all.rehearsal.image(), standsAs(all)];
    const { done, plan } = await applied(all);
    expect(done).toMatchObject({ ok: true, value: { state: 'kept', restart: false } });
    expect(plan.steps.length).toBeGreaterThan(0);
    expect(differences(files, all.rehearsal.image()).length + (standsAs(all) === before ? 0 : 1)).toBeGreaterThan(0);
    if (!done.ok || done.value.transaction === null) return;
    expect(await undo(all.rehearsal.desk(), { transaction: done.value.transaction })).toMatchObject({ ok: true, value: { state: 'undone', restart: false } });
    expect(differences(files, all.rehearsal.image())).toEqual([]);
    expect(standsAs(all)).toBe(before);
  });

  test('done twice has nothing to do the second time, or does the same again', async () => {
    const all = scene(name);
    await transactionOf(all);
    const stands = standsAs(all);
    const files = all.rehearsal.image();
    const { done } = await applied(all);
    expect(done.ok).toBe(true);
    expect(differences(files, all.rehearsal.image())).toEqual([]);
    expect(standsAs(all)).toBe(stands);
  });

  test('survives a restart as far as it should, and goes back after one', async () => {
    const all = scene(name);
    const files = all.rehearsal.image();
    const before = standsAs(all);
    const transaction = await transactionOf(all);
    await all.rehearsal.restart();
    expect((await undo(all.rehearsal.desk(), { transaction })).ok).toBe(true);
    await all.rehearsal.restart();
    expect(differences(files, all.rehearsal.image())).toEqual([]);
    expect(standsAs(all)).toBe(before);
  });

  const kinds: readonly FaultKind[] = ['fails', 'half', 'lies', 'throws', 'hangs', 'killed', 'power'];
  test.each(kinds)('one accident (%s) at any operation leaves it done, or as it was', { timeout: 600_000 }, async (kind) => {
    const probeScene = scene(name);
    const from = probeScene.rehearsal.world.faults.operations;
    await applied(probeScene);
    const length = probeScene.rehearsal.world.faults.operations - from;
    const stride = process.env['SWEEP'] === '1' ? 1 : Math.max(5, Math.floor(length / 12));
    const wrong: string[] = [];
    for (let nth = 1 + (kinds.indexOf(kind) % stride); nth <= length; nth += stride) {
      const told = await accident(name, kind, nth);
      if (told !== '') wrong.push(`${nth}: ${told}`);
    }
    expect(wrong).toEqual([]);
  });
});

/** One fault at the nth operation; then what a person would do: start again, and undo what still stands. Says what differs. */
async function accident(name: Name, kind: FaultKind, nth: number): Promise<string> {
  const all = scene(name);
  const { rehearsal } = all;
  const [files, before] = [rehearsal.image(), standsAs(all)];
  const { faults } = rehearsal.world;
  let met = '';
  Object.assign(faults, { at: new Map([[faults.operations + nth, kind]]), onOperation: (operation: { name: string; path: string }, fault: FaultKind | null): void => { if (fault !== null) met = `${operation.name} ${operation.path}`; } });
  await applied(all).catch(() => undefined);
  Object.assign(faults, { at: new Map(), due: [] });
  if (rehearsal.world.kernel === null) await rehearsal.start();
  else if (kind === 'killed') await recover(rehearsal.desk());
  for (let round = 0; round < 3; round += 1) {
    const states = readStates({ hands: rehearsal.hands() });
    if (!states.ok) return `${met}: ${states.problem.code}`;
    const standing = states.value.find(({ state }) => state !== 'undone');
    if (standing === undefined) break;
    await undo(rehearsal.desk(), { transaction: standing.transaction });
  }
  const states = readStates({ hands: rehearsal.hands() });
  const left = states.ok ? states.value.filter(({ state }) => state !== 'undone').map(({ state }) => state) : ['unreadable'];
  if (kind === 'power' || standsAs(all) !== before) await rehearsal.restart();
  const differs = [...left, ...differences(files, rehearsal.image()), ...(standsAs(all) === before ? [] : ['running'])];
  return differs.length === 0 ? '' : `${met}: ${differs.join(' ')}`;
}

describe('moving a card now', () => {
  test('binds exactly these functions to vfio-pci, each through its own override', async () => {
    const all = scene('move-now');
    await transactionOf(all);
    if (all.intent.kind !== 'move-now') return;
    for (const [address, state] of all.kernel.functions) {
      const chosen = all.intent.devices.some((device) => device.address === address);
      expect(state.driver === 'vfio-pci', address).toBe(chosen);
      expect(state.override).toBe(chosen ? 'vfio-pci' : null);
    }
  });

  test('and back gives every function the driver the host has for it', async () => {
    const all = scene('move-now');
    const before = standsAs(all);
    await transactionOf(all);
    if (all.intent.kind !== 'move-now') return;
    const home: Intent = { kind: 'move-now', devices: all.intent.devices, to: 'host' };
    const second = await transactionOf({ ...all, intent: home });
    expect(standsAs(all)).toBe(before);
    // What was undone of coming home is the card at vfio-pci again.
    expect((await undo(all.rehearsal.desk(), { transaction: second })).ok).toBe(true);
    for (const device of all.intent.devices) expect(all.kernel.functions.get(device.address)).toMatchObject({ driver: 'vfio-pci', override: 'vfio-pci' });
  });

  test('a device that another took the place of is not touched', async () => {
    const all = scene('move-now');
    if (all.intent.kind !== 'move-now') return;
    const [first] = all.intent.devices;
    const transaction = await transactionOf(all);
    const state = all.kernel.functions.get(first?.address ?? '');
    if (state === undefined) throw new Error('no card');
    Object.assign(state.hardware, { device: 'ffff' });
    all.kernel.seen = null;
    expect(await undo(all.rehearsal.desk(), { transaction })).toMatchObject({ ok: false, problem: { code: 'undo-incomplete' } });
    expect(state.driver).toBe('vfio-pci');
  });

  test('what was moved in an earlier start is not moved in this one, whoever did it now', async () => {
    const all = scene('move-now');
    const transaction = await transactionOf(all);
    await all.rehearsal.restart();
    const { kernel } = all.rehearsal.world;
    if (kernel === null || all.intent.kind !== 'move-now') throw new Error('off');
    const states = all.intent.devices.map((device) => kernel.functions.get(device.address));
    for (const state of states) Object.assign(state ?? {}, { driver: 'vfio-pci', override: 'vfio-pci' });
    kernel.seen = null;
    expect(await undo(all.rehearsal.desk(), { transaction })).toMatchObject({ ok: true, value: { state: 'undone' } });
    expect(states.map((state) => state?.driver)).toEqual(states.map(() => 'vfio-pci'));
  });

  test('a driver that does not let go is told, and nothing else is tried on the bus', async () => {
    const all = scene('move-now');
    const transaction = await transactionOf(all);
    const group = [...all.kernel.byGroup.entries()].find(([, members]) => members.some((one) => one.driver === 'vfio-pci'))?.[0] ?? -1;
    expect(holdGroup(all.kernel, group)).toBe('done');
    expect(await undo(all.rehearsal.desk(), { transaction })).toMatchObject({ ok: false, problem: { code: 'undo-incomplete' } });
    expect(readStates({ hands: all.rehearsal.hands() })).toMatchObject({ ok: true, value: [{ state: 'undo-incomplete' }] });
  });
});

describe('huge pages', () => {
  test('fewer than asked for are told by number, and given back', async () => {
    const all = scene('huge-pages');
    all.kernel.parameters.set('hugepages-found', '500');
    const { done } = await applied(all);
    expect(done).toMatchObject({ ok: false, problem: { code: 'step-failed', stepId: 'huge-pages', detail: { why: 'huge-pages-fewer', given: '500', wanted: '1024' } } });
    expect(all.kernel.parameters.get('hugepages-2048kB')).toBe('0');
    expect(readStates({ hands: all.rehearsal.hands() })).toMatchObject({ ok: true, value: [{ state: 'undone' }] });
  });

  test('a number somebody changed since is left as they made it', async () => {
    const all = scene('huge-pages');
    const transaction = await transactionOf(all);
    all.kernel.parameters.set('hugepages-2048kB', '4000');
    all.kernel.seen = null;
    expect(await undo(all.rehearsal.desk(), { transaction })).toMatchObject({ ok: false, problem: { code: 'undo-incomplete' } });
    expect(all.kernel.parameters.get('hugepages-2048kB')).toBe('4000');
  });
});

describe('what a VM host needs', () => {
  test('is for the person who asked, by number, and nobody else', async () => {
    const all = scene('vm-host');
    await transactionOf(all);
    expect(textAt(all.rehearsal.world.disk, '/etc/group')).toContain('libvirt:x:106:user\n');
    expect(find(all.rehearsal.world.disk, '/etc/libvirt/qemu/networks/autostart/default.xml')).not.toBeNull();
  });

  test('root that nobody asked through has nobody to put into a group', async () => {
    const all = scene('vm-host');
    const desk = all.rehearsal.desk();
    const plan = all.rehearsal.plan(all.intent);
    if (!plan.ok) throw new Error('plan');
    expect(await apply({ ...desk, origin: { via: 'root', uid: null } }, { intent: all.intent, approved: hashOf(plan.value) })).toMatchObject({ ok: false, problem: { code: 'refused', detail: { why: 'no-person' } } });
    expect(await apply({ ...desk, origin: { via: 'pkexec', uid: 0 } }, { intent: all.intent, approved: hashOf(plan.value) })).toMatchObject({ ok: false });
  });

  test('a member who was one before stays one when it is undone', async () => {
    const all = scene('vm-host');
    writeAt(all.rehearsal.world.disk, '/etc/group', (textAt(all.rehearsal.world.disk, '/etc/group') ?? '').replace('kvm:x:105:', 'kvm:x:105:other,user'));
    const transaction = await transactionOf(all);
    await undo(all.rehearsal.desk(), { transaction });
    expect(textAt(all.rehearsal.world.disk, '/etc/group')).toContain('kvm:x:105:other,user\n');
    expect(textAt(all.rehearsal.world.disk, '/etc/group')).toContain('libvirt:x:106:\n');
  });

  test('a recover at a start puts files back and leaves groups and autostart for the running system', async () => {
    const all = scene('vm-host');
    const files = all.rehearsal.image();
    const { faults } = all.rehearsal.world;
    Object.assign(faults, { onOperation: (operation: { name: string; path: string }): void => { if (operation.name === 'start gpasswd') Object.assign(faults, { at: new Map([[faults.operations + 1, 'power']]) }); } });
    await applied(all).catch(() => undefined);
    Object.assign(faults, { at: new Map(), due: [], onOperation: () => undefined });
    const boot = await all.rehearsal.start();
    expect(boot.recovered).toMatchObject({ ok: false, problem: { code: 'undo-incomplete' } });
    const states = readStates({ hands: all.rehearsal.hands() });
    const open = states.ok ? states.value[0] : undefined;
    if (open === undefined) throw new Error('no transaction');
    expect(await undo(all.rehearsal.desk(), { transaction: open.transaction })).toMatchObject({ ok: true, value: { state: 'undone' } });
    expect(differences(files, all.rehearsal.image())).toEqual([]);
  });
});

describe('a walk through a change without a trial', () => {
  test.each(['keep', 'none'] as const)('ends where it began, when the person would answer %s', async (answer) => {
    const all = scene('vm-host');
    const told: string[] = [];
    const ended = await runThrough(all.rehearsal, { intent: all.intent, answer, tell: (line) => void told.push(line.told) });
    expect(ended).toEqual({ end: 'back', differs: [] });
    expect(told.filter((line) => line === 'did')).toHaveLength(2);
  });
});

test('when power goes right after it says that a store starts by itself, or no more, that is so', async () => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const all = scene('vm-host');
    const files = all.rehearsal.image();
    all.rehearsal.world.random = makeRandom(seed);
    const transaction = await transactionOf(all);
    const done = all.rehearsal.image();
    await all.rehearsal.cutAndStart();
    expect(differences(done, all.rehearsal.image()), `done, seed ${seed}`).toEqual([]);
    expect((await undo(all.rehearsal.desk(), { transaction })).ok).toBe(true);
    await all.rehearsal.cutAndStart();
    expect(differences(files, all.rehearsal.image()), `undone, seed ${seed}`).toEqual([]);
  }
});

test('a restore leads groups and what starts by itself back, and forth again', async () => {
  const all = scene('vm-host');
  const files = all.rehearsal.image();
  const transaction = await transactionOf(all);
  const kept = all.rehearsal.image();
  expect(textAt(all.rehearsal.world.disk, '/etc/group')).toMatch(/^kvm:.*user/m);
  const go = async (to: PointRef) => {
    const intent: Intent = { kind: 'restore', to, choices: [] };
    const plan = all.rehearsal.plan(intent);
    if (!plan.ok) throw new Error(JSON.stringify(plan.problem));
    expect(plan.value.steps.filter(({ kind }) => kind === 'membership').length).toBeGreaterThan(0);
    return restore(all.rehearsal.desk(), { to, choices: [], approved: hashOf(plan.value) });
  };
  const back = await go({ transaction, side: 'before' });
  expect(back).toMatchObject({ ok: true, value: { state: 'kept' } });
  // A folder that a file of ours needed stays, empty.
  expect(differences(files, all.rehearsal.image())).toEqual(['+/etc/systemd/system/user@.service.d']);
  expect(await go({ transaction, side: 'after' })).toMatchObject({ ok: true, value: { state: 'kept' } });
  expect(differences(kept, all.rehearsal.image())).toEqual([]);
});

test('a restore leaves a group alone that somebody left by themselves', async () => {
  const all = scene('vm-host');
  const transaction = await transactionOf(all);
  const { disk } = all.rehearsal.world;
  writeAt(disk, '/etc/group', (textAt(disk, '/etc/group') ?? '').replace(/^(kvm:.*:)user$/m, '$1'));
  const plan = all.rehearsal.plan({ kind: 'restore', to: { transaction, side: 'before' }, choices: [] });
  expect(plan.ok && plan.value.steps.filter((step) => step.kind === 'membership').map((step) => step.group)).not.toContain('kvm');
});

test('a card that goes back to this computer gets its driver also where the first probe did nothing', async () => {
  const all = scene('move-now');
  const before = standsAs(all);
  await transactionOf(all);
  const { devices } = all.intent as Extract<Intent, { kind: 'move-now' }>;
  const intent: Intent = { kind: 'move-now', devices, to: 'host' };
  const plan = all.rehearsal.plan(intent);
  if (!plan.ok) throw new Error(JSON.stringify(plan.problem));
  const probes: number[] = [];
  const count = forkRunning(all.rehearsal.world, 1);
  count.faults.onOperation = ({ number, path }) => { if (path === '/sys/bus/pci/drivers_probe') probes.push(number); };
  await apply(rehearsalOf(count).desk(), { intent, approved: hashOf(plan.value) });
  expect(probes.length).toBeGreaterThan(0);
  for (const at of probes) {
    const lied = forkRunning(all.rehearsal.world, at);
    lied.faults = { ...lied.faults, at: new Map([[at, 'lies']]) };
    const rehearsal = rehearsalOf(lied);
    expect(await apply(rehearsal.desk(), { intent, approved: hashOf(plan.value) })).toMatchObject({ ok: true });
    expect(standsAs({ ...all, rehearsal })).toBe(before);
  }
});
