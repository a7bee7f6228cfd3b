// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import { actionsFor } from '../../core/hand-off/holders';
import { handJournalPath, handStatusPath } from '../../helper/hand-off/journal';
import { aborts } from '../../helper/hook/hook';
import type { FaultKind } from '../../rehearsal/faults';
import { noFaults } from '../../rehearsal/faults';
import { find, textAt, writeAt } from '../../rehearsal/files';
import { run } from '../../rehearsal/hand-off/desktop';
import { seatAt } from '../../rehearsal/hand-off/stage';
import { writeKernel } from '../../rehearsal/kernel-nodes';
import { makeRandom } from '../../rehearsal/random';
import { breakAt, countOperations, endVm, gpu, handFaults, mend, other, otherVm, showsDesktop, sound, stage, startVm, usb, vm, type Family, type Stage, type Way } from './hand-off-stage';

const groupsOf = (on: Stage): readonly number[] => [...new Set([gpu, sound, usb].map((address) => on.kernel.functions.get(address)?.group ?? -1))];
const node = (on: Stage): string => `/dev/dri/card${on.kernel.graphics.findIndex((one) => one.hardware.address === gpu)}`;
const refused = (why: string, detail: Record<string, string> = {}) => ({ ok: true, value: { end: 'refused', why, detail } });

describe('somebody else has the card', () => {
  test('a program that holds it is named with what helps, nothing is changed, and once it is closed the VM starts', async () => {
    const on = stage('amdgpu', 'on-demand');
    const before = on.portrait();
    const pid = run(on.desktop, { command: 'blender', group: '/user.slice/user-1000.slice/user@1000.service/app.slice/app-blender.scope', arguments: ['blender'], open: [node(on)] });
    const ended = await on.prepare();
    expect(ended).toMatchObject({ ok: true, value: { end: 'refused', why: 'held', holders: [{ device: gpu, kind: 'program', pid, name: 'blender', evidence: [`${node(on)} open`] }] } });
    expect(aborts(ended)).toBe(true);
    expect(actionsFor({ kind: 'program' })[0]).toBe('close');
    expect(on.portrait()).toBe(before);
    on.desktop.processes.delete(pid);
    expect(await on.prepare()).toMatchObject({ value: { end: 'given' } });
  });

  const groups = [
    ['container', '/system.slice/docker-0123456789abcdef0123456789abcdef.scope'],
    ['service', '/system.slice/ollama.service'],
    ['session', '/user.slice/user-1000.slice/session-2.scope'],
    ['vm', '/machine.slice/machine-qemu-3-other.scope'],
  ] as const;
  test.each(groups)('a %s is told as what it is', async (kind, group) => {
    const on = stage('amdgpu', 'on-demand');
    run(on.desktop, { command: kind === 'session' ? 'gnome-shell' : 'worker', group, arguments: ['x'], open: [node(on)] });
    expect(await on.prepare()).toMatchObject({ value: { end: 'refused', why: 'held', holders: [{ kind }] } });
  });

  test('a service that the table may move is stopped, stays stopped while the VM runs, and runs again after', async () => {
    const on = stage('nvidia', 'on-demand', { services: ['nvidia-persistenced.service'], extra: `service move ${gpu}\nstop nvidia-persistenced.service ${gpu}\n` });
    const before = on.portrait();
    expect(await on.prepare()).toMatchObject({ value: { end: 'given' } });
    expect([...on.desktop.running]).toEqual([]);
    await on.release();
    expect(on.portrait()).toBe(before);
    expect([...on.desktop.running]).toEqual(['nvidia-persistenced.service']);
  });

  test('the same service is only named where the table does not say so', async () => {
    const on = stage('nvidia', 'on-demand', { services: ['nvidia-persistenced.service'] });
    expect(await on.prepare()).toMatchObject({ value: { end: 'refused', why: 'held', detail: { ask: 'no' }, holders: [{ kind: 'service', unit: 'nvidia-persistenced.service' }] } });
    expect([...on.desktop.running]).toEqual(['nvidia-persistenced.service']);
  });

  test("another VM's start is refused, and its release, which libvirt calls all the same, leaves the card where it is", async () => {
    const on = stage('amdgpu', 'on-demand');
    const before = on.portrait();
    await on.prepare();
    startVm(on.kernel, vm, groupsOf(on));
    expect(await on.prepare(otherVm)).toMatchObject(refused('with-vm', { vm }));
    expect(await on.release(otherVm)).toEqual({ ok: true, value: null });
    expect(on.vfio()).toBe(true);
    endVm(on.kernel, vm);
    expect(await on.release()).toMatchObject({ value: { end: 'home' } });
    expect(on.portrait()).toBe(before);
  });
});

describe('a desktop on the only card', () => {
  const inside = '/user.slice/user-1000.slice/user@1000.service/app.slice/app-firefox.scope';
  const open = (on: Stage, command: string, group: string): number => run(on.desktop, { command, group, arguments: [command], open: [node(on)] });

  test('ends with its log-in screen, with everything a person has open in it, and the log-in screen is back after', async () => {
    const on = stage('amdgpu', 'single-card');
    const before = on.portrait();
    on.desktop.sessions.set('2', { uid: 1000, drawn: true });
    open(on, 'gnome-shell', '/user.slice/user-1000.slice/user@1000.service/session.slice/org.gnome.Shell@wayland.service');
    const firefox = open(on, 'firefox', inside);
    open(on, 'gdm-session-wor', '/user.slice/user-1000.slice/session-2.scope');
    expect(await on.prepare()).toMatchObject({ value: { end: 'given' } });
    expect(on.desktop.processes.has(firefox)).toBe(false);
    expect(startVm(on.kernel, vm, groupsOf(on))).toBe(true);
    endVm(on.kernel, vm);
    expect(await on.release()).toMatchObject({ value: { end: 'home' } });
    expect(on.portrait()).toBe(before);
    expect(showsDesktop(on.kernel)).toBe(true);
  });

  const others: readonly (readonly [string, (on: Stage) => void, string])[] = [
    ['whose person is also logged in over ssh', (on) => void on.desktop.sessions.set('7', { uid: 1000, drawn: false }), inside],
    ['whose person lingers', (on) => writeAt(on.rehearsal.world.disk, '/var/lib/systemd/linger/user1000', ''), inside],
    ['that runs in an ssh session', (on) => void on.desktop.sessions.set('7', { uid: 1001, drawn: false }), '/user.slice/user-1001.slice/session-7.scope'],
    ['of a person who is not logged in at the desktop', () => undefined, '/user.slice/user-1001.slice/user@1001.service/app.slice/x.service'],
  ];
  test.each(others)('does not take a program along %s: that is named, and the desktop stays', async (_, set, group) => {
    const on = stage('amdgpu', 'single-card');
    on.desktop.sessions.set('2', { uid: 1000, drawn: true });
    set(on);
    const before = on.portrait();
    const pid = open(on, 'worker', group);
    expect(await on.prepare()).toMatchObject({ value: { end: 'refused', why: 'held', holders: [{ kind: 'program', pid }] } });
    expect(on.portrait()).toBe(before);
    expect(on.desktop.processes.has(pid)).toBe(true);
  });

  test('that somebody started without a log-in screen is not ended: nobody would bring it back', async () => {
    const on = stage('amdgpu', 'single-card', { manager: null });
    on.desktop.sessions.set('2', { uid: 1000, drawn: true });
    open(on, 'Xorg', '/user.slice/user-1000.slice/session-2.scope');
    expect(await on.prepare()).toMatchObject({ value: { end: 'refused', why: 'held', holders: [{ kind: 'session' }] } });
  });

  test('that does not end in time is waited for, and then everything is as before with the log-in screen there', async () => {
    const on = stage('amdgpu', 'single-card');
    const before = on.portrait();
    // Belongs to the log-in screen by its control group, and holds on all the same.
    run(on.desktop, { command: 'Xorg', group: '/system.slice/gdm3.service/left-over', arguments: ['Xorg'], open: [node(on)] });
    const since = on.rehearsal.world.clock;
    const ended = await on.prepare();
    expect(ended).toMatchObject({ value: { end: 'home', why: 'vm-runs' } });
    expect(on.rehearsal.world.clock - since).toBeGreaterThan(29_000);
    expect(on.portrait()).toBe(before);
    expect(showsDesktop(on.kernel)).toBe(true);
  });
});

describe('a hand-over that must not begin', () => {
  test('is refused where another device sits at the address', async () => {
    const on = stage('amdgpu', 'on-demand', { table: `${gpu} 10de:2206 1043:8888\n` });
    expect(await on.prepare()).toMatchObject(refused('changed', { device: gpu }));
  });

  test('is refused where a function of the group stays on the host', async () => {
    const on = stage('amdgpu', 'on-demand', { table: `${gpu} 1002:73bf 1043:8888\n${sound} 1002:ab28 1043:8888\n` });
    expect(await on.prepare()).toMatchObject(refused('group', { device: usb, driver: 'xhci_hcd' }));
  });

  test('is refused where the card shows the only picture and nobody chose to lose it', async () => {
    const table = `${gpu} 1002:73bf 1043:8888\n${sound} 1002:ab28 1043:8888\n${usb} 10de:1ad8 1043:8888\n`;
    const on = stage('amdgpu', 'single-card', { table, manager: null });
    expect(await on.prepare()).toMatchObject(refused('last-screen', { device: gpu }));
  });

  test('is refused for an NVIDIA driver that hangs, where another card keeps its modules', async () => {
    const on = stage('nvidia', 'on-demand', { twin: true });
    on.kernel.parameters.set('nvidia-version', '595.58.03');
    const before = on.portrait();
    expect(await on.prepare()).toMatchObject(refused('known-bad', { driver: 'nvidia', version: '595.58.03', reason: 'unbind-waits-for-ever' }));
    expect(on.portrait()).toBe(before);
  });

  test('goes by address for an NVIDIA driver that does not, and leaves the modules to the other card', async () => {
    const on = stage('nvidia', 'on-demand', { twin: true });
    const before = on.portrait();
    expect(await on.prepare()).toMatchObject({ value: { end: 'given' } });
    expect(on.kernel.modules.has('nvidia_drm')).toBe(true);
    expect(on.kernel.functions.get(other)?.driver).toBe('nvidia');
    await on.release();
    expect(on.portrait()).toBe(before);
  });

  test('is refused when the definition cannot be read, and nothing is written', async () => {
    const on = stage('amdgpu', 'on-demand');
    const { hook } = await import('../../helper/hook/hook');
    const desk = { ...on.rehearsal.desk(), origin: { via: 'libvirt', uid: null } } as const;
    const ended = await hook(desk, ['win11', 'prepare', 'begin', '-'], { xml: on.xml.slice(0, -9), began: 0 });
    expect(ended.ok).toBe(false);
    expect(aborts(ended)).toBe(true);
    expect(find(on.rehearsal.world.disk, '/var/lib/switchyard')).toBeNull();
  });

  test('a VM without a managed card is let through without a trace', async () => {
    const on = stage('amdgpu', 'on-demand', { table: '0000:09:00.0 10de:2206 1043:8888\n' });
    expect(await on.prepare()).toEqual({ ok: true, value: null });
    expect(find(on.rehearsal.world.disk, '/var/lib/switchyard')).toBeNull();
  });

  test('a card that is set aside at every start is given as it is, and stays set aside', async () => {
    const on = stage('amdgpu', 'on-demand');
    for (const address of [gpu, sound, usb]) {
      const state = on.kernel.functions.get(address);
      if (state !== undefined) Object.assign(state, { driver: 'vfio-pci', override: 'vfio-pci', powerControl: 'auto' });
    }
    on.kernel.seen = null;
    const before = on.portrait();
    expect(await on.prepare()).toMatchObject({ value: { end: 'given' } });
    expect(on.desktop.timer).toBe(false);
    expect(await on.release()).toMatchObject({ value: { end: 'home' } });
    expect(on.portrait()).toBe(before);
  });

  test('waits for another change and then names it, rather than for ever', async () => {
    const on = stage('amdgpu', 'on-demand');
    await on.rehearsal.hands().lock({ who: 'pkexec 1000', what: 'apply', since: 1 });
    const since = on.rehearsal.world.clock;
    expect(await on.prepare()).toMatchObject({ ok: false, problem: { code: 'busy', detail: { what: 'apply' } } });
    expect(on.rehearsal.world.clock - since).toBeGreaterThan(25_000);
    expect(on.rehearsal.world.clock - since).toBeLessThan(60_000);
  });
});

describe('when nobody says that the VM ended', () => {
  async function given(family: Family, way: Way): Promise<{ on: Stage; before: string }> {
    const on = stage(family, way);
    const before = on.portrait();
    await on.prepare();
    return { on, before };
  }

  test.each(['on-demand', 'single-card'] as const)('the timer leaves a card alone whose VM runs, and takes it back when it is gone, %s', async (way) => {
    const { on, before } = await given('amdgpu', way);
    startVm(on.kernel, vm, groupsOf(on));
    on.rehearsal.world.clock += 3_600_000;
    await on.timer();
    expect(on.vfio()).toBe(true);
    expect(on.desktop.timer).toBe(true);
    endVm(on.kernel, vm);
    on.rehearsal.world.clock += 3_600_000;
    await on.timer();
    expect(on.portrait()).toBe(before);
  });

  test('the timer gives a VM time to start before QEMU has the card', async () => {
    const { on, before } = await given('nvidia', 'on-demand');
    on.rehearsal.world.clock += 120_000;
    await on.timer();
    expect(on.vfio()).toBe(true);
    on.rehearsal.world.clock += 600_000;
    await on.timer();
    expect(on.portrait()).toBe(before);
  });

  test('the timer stays as long as another VM has a card of ours', async () => {
    const { on, before } = await given('amdgpu', 'on-demand');
    const { world } = on.rehearsal;
    const round = { at: world.clock, boot: world.kernel?.bootId, kind: 'round', schema: 1, way: 'give', vm: otherVm, devices: ['0000:09:00.0'], via: 'hook' };
    writeAt(world.disk, handJournalPath(otherVm), `${JSON.stringify(round)}\n`, { mode: 0o600 });
    expect(await on.release()).toMatchObject({ value: { end: 'home' } });
    expect(on.portrait()).toBe(before.replace('timer false', 'timer true'));
  });

  test('after a restart the card is at home, what was written before counts for nothing, and the next VM starts', async () => {
    const { on } = await given('amdgpu', 'on-demand');
    await on.rehearsal.cutAndStart();
    const { world } = on.rehearsal;
    expect(world.kernel?.functions.get(gpu)?.driver).toBe('amdgpu');
    const kernel = world.kernel;
    if (kernel === null) throw new Error('off');
    seatAt(on.rehearsal, { manager: null, services: [] }, `${gpu} 1002:73bf 1043:8888\n${sound} 1002:ab28 1043:8888\n${usb} 10de:1ad8 1043:8888\n`);
    expect(await on.prepare(otherVm)).toMatchObject({ value: { end: 'given' } });
  });
});

describe('a driver that hangs', () => {
  async function hang(way: Way): Promise<Stage> {
    const counted = stage('amdgpu', way);
    const unbind = (await countOperations(counted, () => counted.prepare())).filter((one) => one.path.endsWith('/driver/unbind') && one.path.includes(gpu))[0];
    const on = stage('amdgpu', way, { extra: way === 'single-card' ? `restart-when-stuck ${gpu}\n` : '' });
    breakAt(on, new Map([[unbind?.number ?? 0, 'hangs']]));
    expect(await on.prepare()).toMatchObject({ value: { end: 'stuck', why: 'stuck', detail: { device: gpu } } });
    mend(on);
    return on;
  }

  test('is told as what it is, once and for this start, and every later start of a VM is refused with the reason', async () => {
    const on = await hang('on-demand');
    expect(on.status()).toMatchObject({ end: 'stuck', why: 'stuck' });
    expect(on.desktop.timer).toBe(false);
    expect(await on.release()).toMatchObject({ value: { end: 'stuck' } });
    expect(await on.prepare()).toMatchObject(refused('stuck'));
    expect(await on.prepare(otherVm)).toMatchObject(refused('stuck'));
  });

  test('restarts the machine only where no screen is left and the person had said so', async () => {
    expect((await hang('on-demand')).rehearsal.world.restartAsked).toBe(false);
    expect((await hang('single-card')).rehearsal.world.restartAsked).toBe(true);
  });
});

test('started by BIOS, a text console that let go cannot be taken back by a write (claim console-one-way)', () => {
  const after = (family: 'i915' | 'xe', console: string): boolean => {
    const on = stage(family, 'single-card');
    for (const value of ['0', '1']) expect(writeKernel(on.rehearsal.world, `/sys/class/vtconsole/${console}/bind`, value)).toBe('done');
    return on.desktop.consoleBound;
  };
  expect([after('i915', 'vtcon0'), after('xe', 'vtcon1')]).toEqual([false, true]);
});

describe('threads a VM wants for itself', () => {
  test('are kept free of everything of the host while it runs, and given back', async () => {
    const on = stage('xe', 'on-demand');
    await on.prepare();
    expect([...on.desktop.kept]).toEqual(['user.slice', 'system.slice', 'init.scope'].map((slice) => [slice, '0-1,4-5']));
    expect(await on.release()).toMatchObject({ ok: true, value: { end: 'home' } });
    expect([...on.desktop.kept].map(([, threads]) => threads)).toEqual(['0-7', '0-7', '0-7']);
    await on.prepare();
    expect(on.desktop.kept.get('user.slice')).toBe('0-1,4-5');
  });

  test('that cannot be had keep no VM from starting, and the journal says so', async () => {
    const counted = stage('xe', 'on-demand');
    const asked = (await countOperations(counted, () => counted.prepare())).filter(({ name }) => name === 'start systemctl-allowed-threads');
    const fresh = stage('xe', 'on-demand');
    breakAt(fresh, new Map(asked.map(({ number }) => [number, 'fails' as const])));
    expect(await fresh.prepare()).toMatchObject({ ok: true, value: { end: 'given' } });
    mend(fresh);
    expect(textAt(fresh.rehearsal.world.disk, handJournalPath(vm))).toContain('"kind":"failed","act":{"act":"threads"');
    expect(await fresh.release()).toMatchObject({ ok: true, value: { end: 'home' } });
  });

  test('are not taken from a VM that has them', async () => {
    const on = stage('xe', 'on-demand');
    on.desktop.kept.set('user.slice', '0-5');
    await on.prepare();
    await on.release();
    expect([...on.desktop.kept]).toEqual([['user.slice', '0-5']]);
  });
});

describe('what is written down', () => {
  test('the journal is for root alone, and what everybody may read names no process and no unit', async () => {
    const on = stage('amdgpu', 'on-demand');
    run(on.desktop, { command: 'blender', group: '/user.slice/secret.scope', arguments: ['x'], open: [node(on)] });
    await on.prepare();
    const { disk } = on.rehearsal.world;
    expect(find(disk, handJournalPath(vm))?.attributes.mode).toBe(0o600);
    expect(find(disk, handStatusPath(vm))?.attributes.mode).toBe(0o644);
    expect(on.status()).toMatchObject({ end: 'refused', why: 'held', holders: [{ kind: 'program', name: 'blender' }, { kind: 'console', name: 'vtcon1' }] });
    expect(JSON.stringify(on.status())).not.toContain('secret');
  });

  test('times of every phase are told, the start of the runtime among them', async () => {
    const on = stage('nvidia', 'single-card');
    await on.prepare();
    const phases = on.status()?.phases.map((one) => one.phase) ?? [];
    expect(phases).toEqual(expect.arrayContaining(['start', 'identity', 'conflict', 'reset', 'holders', 'arm', 'session', 'consoles', 'modules', 'unbind', 'bind', 'verify']));
    expect(on.status()?.phases.find((one) => one.phase === 'start')?.took).toBeGreaterThanOrEqual(40);
  });
});

/** A disk that says it wrote a line and did not is nobody's to survive; commands that lie are all tried one by one in hand-off.test.ts. */
const accidents = handFaults.filter((kind) => kind !== 'lies');
const seeds = Number(process.env['HAND_OFF_SEEDS'] ?? 60);
describe('several accidents at once', () => {
  test(`end with the card at home and a desktop, or with a hang that was told, in ${seeds} seeded rounds`, { timeout: 1_200_000 }, async () => {
    for (let seed = 1; seed <= seeds; seed++) await accidentRound(seed);
  });
});

async function accidentRound(seed: number): Promise<void> {
  const random = makeRandom(seed);
  const family = (['nvidia', 'amdgpu', 'xe'] as const)[random.below(3)] ?? 'xe';
  const way: Way = random.below(2) === 0 ? 'on-demand' : 'single-card';
  const on = stage(family, way);
  const before = on.portrait();
  const faults = (most: number): ReadonlyMap<number, FaultKind> => new Map(Array.from({ length: 1 + random.below(3) }, () => [1 + random.below(most), accidents[random.below(accidents.length)] ?? 'fails']));
  breakAt(on, faults(150));
  const ended = await on.prepare().catch(() => null);
  mend(on);
  if (ended?.ok === true && ended.value?.end === 'given') {
    expect(startVm(on.kernel, vm, groupsOf(on)), `seed ${seed}`).toBe(true);
    endVm(on.kernel, vm);
  }
  breakAt(on, faults(60));
  await on.release().catch(() => null);
  on.rehearsal.world.faults = noFaults();
  for (let tick = 0; tick < 3 && on.desktop.timer; tick++) {
    on.rehearsal.world.clock += 600_000;
    await on.timer();
  }
  if (!on.told()) expect(on.portrait(), `seed ${seed}: ${family} ${way}`).toBe(before);
  else if (way === 'on-demand') expect(showsDesktop(on.kernel)).toBe(true);
}
