// SPDX-License-Identifier: GPL-3.0-or-later
import { expect, test } from 'vitest';
import { identityOf } from '../../core/plan/device-set';
import { apply } from '../../helper/apply';
import { draw, hashOf } from '../../helper/draw';
import { keep } from '../../helper/keep';
import { recover } from '../../helper/recover';
import { restore } from '../../helper/restore';
import { readStates } from '../../helper/store';
import { goBack, undo, undoLast } from '../../helper/undo';
import { probe } from '../../host/probe';
import type { FaultKind, Operation } from '../../rehearsal/faults';
import { differences, namesAt, textAt, writeAt } from '../../rehearsal/files';
import { flushAll } from '../../rehearsal/flush';
import { forkRunning } from '../../rehearsal/fork';
import { openRehearsal, rehearsalOf, type Rehearsal } from '../../rehearsal/machine';
import { corpusFacts } from '../rehearsal/corpus';
import { Scene } from './restore-scene';

async function kept() {
  const scene = new Scene();
  const [wish] = scene.wishes();
  await scene.make(wish!);
  return { scene, transaction: scene.kept[0]! };
}

const systemd = { via: 'systemd', uid: null } as const;

test('a kept change whose journal cannot be read once at a start stays kept', async () => {
  const { scene, transaction } = await kept();
  const before = scene.image();
  let looks = 0;
  const count = rehearsalOf(forkRunning(scene.rehearsal.world, 1));
  count.world.faults.onOperation = ({ path }) => { looks += path.endsWith('/journal.jsonl') ? 1 : 0; };
  await recover({ ...count.desk(), origin: systemd });
  expect(looks).toBeGreaterThan(2);
  for (let nth = 1; nth <= looks; nth += 1) {
    const numbered = forkRunning(scene.rehearsal.world, nth);
    let number = 0;
    let met = 0;
    numbered.faults.onOperation = (operation) => { if (operation.path.endsWith('/journal.jsonl') && (met += 1) === nth) number = operation.number; };
    await recover({ ...rehearsalOf(numbered).desk(), origin: systemd });
    const broken = forkRunning(scene.rehearsal.world, nth);
    broken.faults = { ...broken.faults, at: new Map([[number, 'fails']]) };
    const machine = rehearsalOf(broken);
    await recover({ ...machine.desk(), origin: systemd });
    expect(readStates(machine.desk()), `look ${nth}`).toMatchObject({ ok: true, value: [{ transaction, state: 'kept' }] });
    expect(differences(before, machine.image()), `look ${nth}`).toEqual([]);
  }
});

test('second names that an undo of this start leaves for the loader outlive the tidying of older changes', async () => {
  const { scene, transaction } = await kept();
  const to = { transaction, side: 'before' as const };
  const plan = draw(scene.rehearsal.eyes(), { kind: 'restore', to, choices: [] });
  if (!plan.ok) throw new Error('it can be drawn');
  const { world } = scene.rehearsal;
  let after = 0;
  const count = forkRunning(world, 1);
  count.faults.onOperation = ({ number, name, path }) => { if (name === 'rename' && path === '/boot/grub/grub.cfg') after = number + 4; };
  await restore(rehearsalOf(count).desk(), { to, choices: [], approved: hashOf(plan.value) });
  expect(after).toBeGreaterThan(4);
  const cut = forkRunning(world, 1);
  cut.faults = { ...cut.faults, at: new Map([[after, 'killed']]) };
  const machine = rehearsalOf(cut);
  expect(await restore(machine.desk(), { to, choices: [], approved: hashOf(plan.value) })).toMatchObject({ ok: false, problem: { code: 'internal' } });
  expect(await machine.restart()).toMatchObject({ recovered: { ok: true, value: { state: 'undone' } } });
  expect(namesAt(machine.world.disk, '/boot/grub').filter((name) => name.startsWith('grub.cfg.switchyard-old'))).not.toEqual([]);
  await machine.restart();
  expect(namesAt(machine.world.disk, '/boot/grub').filter((name) => name.includes('switchyard-old'))).toEqual([]);
});

test('undo.sh knows of what a generator that was cut off left beside an image', async () => {
  const scene = new Scene();
  const [wish] = scene.wishes();
  const plan = draw(scene.rehearsal.eyes(), wish!);
  if (!plan.ok) throw new Error('it can be drawn');
  const approved = hashOf(plan.value);
  const applied = await apply(scene.rehearsal.desk(), { intent: wish!, approved });
  const transaction = applied.ok ? applied.value.transaction! : scene.kept[0]!;
  await scene.restart();
  let built = 0;
  const count = forkRunning(scene.rehearsal.world, 1);
  count.faults.onOperation = ({ number, name }) => { if (name === 'start mkinitramfs') built = number; };
  await keep(rehearsalOf(count).desk(), { transaction, approved });
  expect(built).toBeGreaterThan(0);
  const cut = forkRunning(scene.rehearsal.world, 1);
  cut.faults = { ...cut.faults, at: new Map([[built + 1, 'killed']]) };
  await keep(rehearsalOf(cut).desk(), { transaction, approved });
  const beside = namesAt(cut.disk, '/boot').find((name) => /^initrd\.img-.*\.switchyard$/.test(name));
  expect(beside).toBeDefined();
  expect(textAt(cut.disk, `/var/lib/switchyard/${transaction}/private/undo.sh`)).toContain(`drop_leftover /boot/${beside}`);
});

test('an undo that was cut off while it put our lines out of somebody’s file leaves theirs at the next one', async () => {
  const scene = new Scene();
  const [wish] = scene.wishes();
  const plan = draw(scene.rehearsal.eyes(), wish!);
  if (!plan.ok) throw new Error('it can be drawn');
  const applied = await apply(scene.rehearsal.desk(), { intent: wish!, approved: hashOf(plan.value) });
  expect(applied).toMatchObject({ ok: true, value: { state: 'waiting-for-restart' } });
  const custom = '/boot/grub/custom.cfg';
  const { disk } = scene.rehearsal.world;
  writeAt(disk, custom, `${textAt(disk, custom)!}# mine\n`);
  flushAll(disk);
  let operations = 0;
  const count = forkRunning(scene.rehearsal.world, 1);
  count.faults.onOperation = ({ number }) => { operations = number; };
  expect(await goBack(rehearsalOf(count).desk())).toMatchObject({ ok: true });
  for (let at = 1; at <= operations; at += 1) {
    const cut = forkRunning(scene.rehearsal.world, at);
    cut.faults = { ...cut.faults, at: new Map([[at, 'power']]) };
    const machine = rehearsalOf(cut);
    await goBack(machine.desk()).catch(() => undefined);
    await machine.start();
    await undoLast(machine.desk());
    expect(textAt(cut.disk, custom), `cut at ${at}`).toBe('# mine\n');
  }
}, 60_000);

test('undo.sh knows of a folder that was made for a file that never came', async () => {
  const rehearsal = openRehearsal(corpusFacts('069-haswell-laptop-gtx765m-0302'), {}, null);
  const { functions } = probe(rehearsal.eyes()).pci;
  const slot = functions.find((one) => one.class.startsWith('0302'))?.address.slice(0, -1) ?? 'none';
  const card = functions.filter((one) => one.address.startsWith(slot)).map(identityOf);
  const intent = { kind: 'on-demand' as const, devices: card };
  const plan = rehearsal.plan(intent);
  if (!plan.ok) throw new Error(JSON.stringify(plan.problem));
  let made = 0;
  const count = forkRunning(rehearsal.world, 1);
  count.faults.onOperation = ({ number, name, path }) => { if (name === 'makeFolder' && path === '/etc/libvirt/hooks/qemu.d') made = number; };
  await apply(rehearsalOf(count).desk(), { intent, approved: hashOf(plan.value) });
  expect(made).toBeGreaterThan(0);
  const cut = forkRunning(rehearsal.world, 1);
  cut.faults = { ...cut.faults, at: new Map([[made + 1, 'killed']]) };
  await apply(rehearsalOf(cut).desk(), { intent, approved: hashOf(plan.value) });
  const [transaction = ''] = namesAt(cut.disk, '/var/lib/switchyard').filter((name) => /^[0-9a-f]{16}$/.test(name));
  expect(namesAt(cut.disk, '/etc/libvirt/hooks')).toContain('qemu.d');
  const script = textAt(cut.disk, `/var/lib/switchyard/${transaction}/private/undo.sh`) ?? '';
  expect(script).toContain('drop_folder /etc/libvirt/hooks/qemu.d');
  // A file that was being written when it was cut off stands in that folder.
  expect(script.indexOf('drop_leftover /etc/libvirt/hooks/qemu.d/.50-switchyard.switchyard-new')).toBeGreaterThan(0);
  expect(script.indexOf('drop_folder /etc/libvirt/hooks/qemu.d')).toBeGreaterThan(script.lastIndexOf('drop_leftover '));
});

test('a keep that failed and was put back can be asked for again, and somebody else’s image cannot be passed off as ours', async () => {
  const scene = new Scene();
  const [wish] = scene.wishes();
  const plan = draw(scene.rehearsal.eyes(), wish!);
  if (!plan.ok) throw new Error('it can be drawn');
  const approved = hashOf(plan.value);
  const applied = await apply(scene.rehearsal.desk(), { intent: wish!, approved });
  const transaction = applied.ok ? applied.value.transaction! : scene.kept[0]!;
  await scene.restart();
  let swapped = 0;
  const count = forkRunning(scene.rehearsal.world, 1);
  count.faults.onOperation = ({ number, name, path }) => { if (name === 'rename' && path === '/boot/grub/grub.cfg') swapped = number; };
  await keep(rehearsalOf(count).desk(), { transaction, approved });
  const failing = forkRunning(scene.rehearsal.world, 1);
  failing.faults = { ...failing.faults, at: new Map([[swapped, 'fails']]) };
  expect(await keep(rehearsalOf(failing).desk(), { transaction, approved })).toMatchObject({ ok: false, problem: { code: 'step-failed' } });
  const touched = forkRunning(failing, 2);
  expect(await keep(rehearsalOf(failing).desk(), { transaction, approved })).toMatchObject({ ok: true, value: { state: 'kept' } });
  const image = `/boot/${namesAt(touched.disk, '/boot').find((name) => name.startsWith('initrd.img-') && !name.includes('switchyard'))!}`;
  writeAt(touched.disk, image, `${textAt(touched.disk, image)!}and more`);
  expect(await keep(rehearsalOf(touched).desk(), { transaction, approved })).toMatchObject({ ok: false, problem: { code: 'plan-stale' } });
});

test('an undo in a start of what a cut-off keep had changed says that it is true from the next start on', async () => {
  const { scene, transaction: given } = await kept();
  await scene.back({ transaction: given, side: 'before' });
  // Its files are those of the first change, whose name the start then has.
  const to = { transaction: scene.kept.at(-1)!, side: 'before' as const };
  const plan = draw(scene.rehearsal.eyes(), { kind: 'restore', to, choices: [] });
  if (!plan.ok) throw new Error('it can be drawn');
  const approved = hashOf(plan.value);
  const again = await restore(scene.rehearsal.desk(), { to, choices: [], approved });
  const transaction = again.ok ? again.value.transaction! : given;
  await scene.restart();
  let operations = 0;
  const count = forkRunning(scene.rehearsal.world, 1);
  count.faults.onOperation = ({ number, name, path }) => { if (operations === 0 && name !== 'inspect' && path.startsWith('/boot/grub/custom.cfg')) operations = number; };
  expect(await keep(rehearsalOf(count).desk(), { transaction, approved })).toMatchObject({ ok: true });
  const cut = forkRunning(scene.rehearsal.world, 1);
  // Killed when the loader has its new menu, and again before the next start has put anything back.
  cut.faults = { ...cut.faults, at: new Map([[operations, 'killed'], [operations + 8, 'killed']]) };
  const machine = rehearsalOf(cut);
  await keep(machine.desk(), { transaction, approved });
  expect(await machine.restart()).toMatchObject({ recovered: { ok: false, problem: { code: 'internal' } } });
  expect(probe(machine.eyes()).pci.functions.some(({ driver }) => driver === 'vfio-pci')).toBe(true);
  expect(await undoLast(machine.desk())).toMatchObject({ ok: true, value: { state: 'undone', restart: true } });
  await machine.restart();
  expect(probe(machine.eyes()).pci.functions.some(({ driver }) => driver === 'vfio-pci')).toBe(false);
});

test('an undo whose first line could not be flushed once is known all the same when the power goes in it', async () => {
  const scene = new Scene();
  expect(await scene.make({ kind: 'vm-host', needs: ['cards', 'session'] })).toMatchObject({ ok: true });
  const transaction = scene.kept[0]!;
  const before = scene.image();
  const goes = ({ path, name }: Operation): boolean => name === 'remove' && path.startsWith('/etc/');
  const operations = async (at: ReadonlyMap<number, FaultKind>): Promise<{ readonly seen: readonly Operation[]; readonly machine: Rehearsal }> => {
    const world = forkRunning(scene.rehearsal.world, 1);
    const seen: Operation[] = [];
    world.faults = { ...world.faults, at, onOperation: (operation) => void seen.push(operation) };
    const machine = rehearsalOf(world);
    await undo(machine.desk(), { transaction });
    return { seen, machine };
  };
  const whole = (await operations(new Map())).seen;
  const first = whole.findIndex(goes);
  const flushes = whole.slice(0, first).filter(({ name }) => name === 'flush');
  expect([first > 0, flushes.length > 2]).toEqual([true, true]);
  for (const { number } of flushes) {
    const late = (await operations(new Map([[number, 'fails']]))).seen.find(goes)?.number ?? 0;
    const { machine } = await operations(new Map([[number, 'fails'], [late + 3, 'power']]));
    await machine.start();
    const states = readStates(machine.desk());
    const state = states.ok ? states.value[0]?.state : undefined;
    // All of it or nothing of it: undone, or kept with every file.
    expect(state === 'undone' || (state === 'kept' && differences(before, machine.image()).length === 0), `flush ${number}: ${String(state)}`).toBe(true);
  }
});
