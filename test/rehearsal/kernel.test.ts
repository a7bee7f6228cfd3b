// SPDX-License-Identifier: GPL-3.0-or-later
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { claims, type ClaimId } from '../../rehearsal/claims';
import { eyesOf } from '../../rehearsal/eyes';
import { bind, holdGroup, loadModule, probe, releaseGroup, removeAndRescan, unbind, writeOverride, type Kernel, type PciState } from '../../rehearsal/kernel';
import { writeKernel } from '../../rehearsal/kernel-nodes';
import { runProgram } from '../../rehearsal/programs';
import { powerOn } from '../../rehearsal/start';
import { buildWorld, type World } from '../../rehearsal/world';
import { sampleFacts } from './sample';

const gpu = '0000:01:00.0';
const sound = '0000:01:00.1';
const bridge = '0000:00:01.0';
const bootCard = '0000:02:00.0';

interface Bench {
  readonly world: World;
  readonly kernel: Kernel;
  readonly at: (address: string) => PciState;
  readonly read: (path: string) => string;
}

function bench(choices: Record<string, string> = {}): Bench {
  const world = buildWorld(sampleFacts(), choices, null);
  powerOn(world);
  const { kernel } = world;
  if (kernel === null) throw new Error('the sample machine does not start');
  const eyes = eyesOf(world, 0);
  return {
    world,
    kernel,
    at(address) {
      const state = kernel.functions.get(address);
      if (state === undefined) throw new Error(address);
      return state;
    },
    read(path) {
      const look = eyes.text(path);
      return look.at === 'is' ? look.value : look.at;
    },
  };
}

/** Unbound from its own driver, with vfio-pci there to be had. */
function parked(address: string): Bench {
  const it = bench();
  loadModule(it.kernel, 'vfio_pci');
  const state = it.at(address);
  if (state.driver !== null) unbind(state, state.driver);
  return it;
}

const folder = (address: string) => `/sys/bus/pci/devices/${address}`;

/** One test for each thing the rehearsal says the kernel does; what a claim says is what is tried. */
const tried: Partial<Record<ClaimId, () => void>> = {
  'override-null'() {
    expect(bench().read(`${folder(gpu)}/driver_override`)).toBe('(null)\n');
  },
  'override-newline'() {
    const { world, at } = bench();
    writeOverride(at(gpu), 'vfio-pci');
    expect(writeKernel(world, `${folder(gpu)}/driver_override`, '\n')).toBe('done');
    expect(at(gpu).override).toBeNull();
  },
  'override-empty-write'() {
    const { at } = bench();
    writeOverride(at(gpu), 'vfio-pci');
    expect(writeOverride(at(gpu), '')).toBe('done');
    expect(at(gpu).override).toBe('vfio-pci');
  },
  'override-while-bound'() {
    const { kernel, at } = bench();
    loadModule(kernel, 'vfio_pci');
    writeOverride(at(gpu), 'vfio-pci');
    expect(probe(kernel, at(gpu))).toBe('done');
    expect(at(gpu).driver).toBe('nouveau');
  },
  'override-across-unbind'() {
    const { at } = bench();
    writeOverride(at(gpu), 'vfio-pci');
    unbind(at(gpu), 'nouveau');
    expect(at(gpu)).toMatchObject({ driver: null, override: 'vfio-pci' });
  },
  'override-lost-on-rescan'() {
    const { kernel, at } = parked(gpu);
    writeOverride(at(gpu), 'vfio-pci');
    removeAndRescan(kernel, at(gpu));
    expect(at(gpu)).toMatchObject({ driver: 'nouveau', override: null });
  },
  'override-unknown-driver'() {
    const { kernel, at } = parked(gpu);
    writeOverride(at(gpu), 'no-such-driver');
    expect(probe(kernel, at(gpu))).toBe('done');
    expect(at(gpu).driver).toBeNull();
  },
  'probe-lies'() {
    const { world, at } = bench();
    expect(writeKernel(world, '/sys/bus/pci/drivers_probe', '0000:00:00.0')).toBe('done');
    expect(at('0000:00:00.0').driver).toBeNull();
  },
  'probe-binds-override'() {
    const { world, at, read } = parked(gpu);
    writeOverride(at(gpu), 'vfio-pci');
    expect(writeKernel(world, '/sys/bus/pci/drivers_probe', gpu)).toBe('done');
    expect(read(`${folder(gpu)}/uevent`)).toContain('DRIVER=vfio-pci\n');
  },
  'probe-returns-native'() {
    const { kernel, at } = parked(gpu);
    writeOverride(at(gpu), 'vfio-pci');
    probe(kernel, at(gpu));
    writeOverride(at(gpu), '\n');
    unbind(at(gpu), 'vfio-pci');
    probe(kernel, at(gpu));
    expect(at(gpu).driver).toBe('nouveau');
  },
  'bind-without-match'() {
    const { world } = parked(gpu);
    expect(writeKernel(world, '/sys/bus/pci/drivers/vfio-pci/bind', gpu)).toBe('ENODEV');
  },
  'bind-bridge'() {
    const { kernel, at } = parked(bridge);
    writeOverride(at(bridge), 'vfio-pci');
    expect(bind(kernel, at(bridge), 'vfio-pci')).toBe('EINVAL');
    expect(at(bridge).driver).toBeNull();
  },
  'bind-without-iommu'() {
    const facts = sampleFacts();
    const world = buildWorld({ ...facts, iommu: { ...facts.iommu, groups: { value: [], from: 'test' } } }, {}, null);
    powerOn(world);
    const state = world.kernel?.functions.get(gpu);
    if (world.kernel === null || state === undefined) throw new Error('no machine');
    loadModule(world.kernel, 'vfio_pci');
    unbind(state, 'nouveau');
    writeOverride(state, 'vfio-pci');
    expect(bind(world.kernel, state, 'vfio-pci')).toBe('EINVAL');
    expect(state.driver).toBeNull();
  },
  'owned-group-refuses'() {
    const { kernel, at } = parked(gpu);
    unbind(at(sound), 'snd_hda_intel');
    writeOverride(at(gpu), 'vfio-pci');
    probe(kernel, at(gpu));
    expect(holdGroup(kernel, at(gpu).group ?? -1)).toBe('done');
    expect(['EBUSY', 'EINVAL']).toContain(probe(kernel, at(sound)));
    expect(at(sound).driver).toBeNull();
    releaseGroup(kernel, at(gpu).group ?? -1);
    expect(probe(kernel, at(sound))).toBe('done');
    expect(at(sound).driver).toBe('snd_hda_intel');
  },
  'unbind-held-blocks'() {
    const { kernel, at } = parked(gpu);
    unbind(at(sound), 'snd_hda_intel');
    writeOverride(at(gpu), 'vfio-pci');
    probe(kernel, at(gpu));
    holdGroup(kernel, at(gpu).group ?? -1);
    expect(unbind(at(gpu), 'vfio-pci')).toBe('blocks');
    expect(at(gpu).driver).toBe('vfio-pci');
  },
  'unbind-wrong-driver'() {
    const { world, at } = bench();
    expect(writeKernel(world, '/sys/bus/pci/drivers/amdgpu/unbind', gpu)).toBe('ENODEV');
    expect(at(gpu).driver).toBe('nouveau');
  },
  'vfio-node'() {
    const { kernel, at, world } = parked(gpu);
    const names = () => eyesOf(world, 0).names('/dev/vfio');
    writeOverride(at(gpu), 'vfio-pci');
    probe(kernel, at(gpu));
    expect(names()).toEqual({ at: 'is', value: ['vfio', String(at(gpu).group)] });
    unbind(at(gpu), 'vfio-pci');
    expect(names()).toEqual({ at: 'is', value: ['vfio'] });
  },
  'power-on-vfio'() {
    const { kernel, at, read } = parked(gpu);
    writeOverride(at(gpu), 'vfio-pci');
    probe(kernel, at(gpu));
    expect(read(`${folder(gpu)}/power/control`)).toBe('auto\n');
    writeOverride(at(gpu), '\n');
    unbind(at(gpu), 'vfio-pci');
    probe(kernel, at(gpu));
    expect(read(`${folder(gpu)}/power/control`)).toBe('on\n');
  },
  'power-unknown'() {
    const { at, read } = bench();
    unbind(at(gpu), 'nouveau');
    expect(read(`${folder(gpu)}/power_state`)).toBe('unknown\n');
  },
  'framebuffer-leaves'() {
    const world = buildWorld(sampleFacts(), {}, null);
    powerOn(world);
    const { kernel } = world;
    const state = kernel?.functions.get(bootCard);
    if (kernel === null || state === undefined) throw new Error('no machine');
    unbind(state, 'amdgpu');
    const other = kernel.functions.get(gpu);
    if (other !== undefined) unbind(other, 'nouveau');
    // As if neither driver had come yet.
    kernel.firmwareFramebuffer = true;
    const read = (path: string) => eyesOf(world, 0).text(path);
    expect(read('/proc/fb')).toEqual({ at: 'is', value: '0 EFI VGA\n' });
    loadModule(kernel, 'vfio_pci');
    writeOverride(state, 'vfio-pci');
    probe(kernel, state);
    expect(read('/proc/fb')).toEqual({ at: 'is', value: '' });
    expect(read('/sys/class/vtconsole/vtcon0/bind')).toEqual({ at: 'is', value: '1\n' });
    expect(eyesOf(world, 0).stat('/sys/class/vtconsole/vtcon1').at).toBe('absent');
  },
  'new-attribute-eacces'() {
    expect(writeKernel(bench().world, `${folder(gpu)}/no_such_attribute`, '1')).toBe('EACCES');
  },
  'ids-are-modprobe'() {
    const { kernel, at } = bench();
    unbind(at(gpu), 'nouveau');
    loadModule(kernel, 'vfio_pci', ['10de:2206', '1002:164e']);
    expect([at(gpu).driver, at(bootCard).driver]).toEqual(['vfio-pci', 'amdgpu']);
  },
  'groups-renumbered'() {
    const { world } = bench();
    const before = world.kernel?.functions.get(gpu)?.group;
    powerOn(world);
    expect(world.kernel?.functions.get(gpu)?.group).not.toBe(before);
    expect(world.kernel?.functions.get(gpu)?.group).toBe(world.kernel?.functions.get(sound)?.group);
  },
  'huge-pages-fewer'() {
    const { world, read } = bench();
    const pool = '/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages';
    expect(writeKernel(world, pool, '64')).toBe('done');
    expect(read(pool)).toBe('64\n');
    expect(writeKernel(world, pool, '8000000')).toBe('done');
    const got = Number(read(pool));
    expect(got).toBeGreaterThan(64);
    expect(got).toBeLessThan(8_000_000);
  },
  'autostart-link'() {
    const { world } = bench();
    const link = '/etc/libvirt/qemu/networks/autostart/default.xml';
    const set = (on: boolean) => runProgram(world, { program: 'virsh-autostart', of: 'network', name: 'default', on }, 'whole');
    expect(runProgram(world, { program: 'virsh-autostart', of: 'network', name: 'nobodys', on: true }, 'whole')).toMatchObject({ value: { exit: 1 } });
    expect(set(true)).toMatchObject({ value: { exit: 0 } });
    expect(eyesOf(world, 0).target(link)).toEqual({ at: 'is', value: '/etc/libvirt/qemu/networks/default.xml' });
    expect(set(false)).toMatchObject({ value: { exit: 0 } });
    expect(eyesOf(world, 0).stat(link).at).toBe('absent');
  },
  'gpasswd-replaces'() {
    const { world, read } = bench();
    const line = () => read('/etc/group').split('\n').find((one) => one.startsWith('libvirt:'));
    const set = (add: boolean) => runProgram(world, { program: 'gpasswd', user: 'user', group: 'libvirt', add }, 'whole');
    const before = line();
    expect(set(true)).toMatchObject({ value: { exit: 0 } });
    expect(line()?.endsWith('user')).toBe(true);
    expect(set(false)).toMatchObject({ value: { exit: 0 } });
    expect(line()).toBe(before);
    expect(set(false)).toMatchObject({ value: { exit: 3 } });
  },
};

describe('the kernel of a machine of memory', () => {
  test.each(Object.entries(tried))('%s: does what was seen on a real one', (id, attempt) => {
    expect(claims.map((claim) => claim.id)).toContain(id);
    attempt();
  });

  test('claims each thing once and says where it was seen', () => {
    expect(new Set(claims.map((claim) => claim.id)).size).toBe(claims.length);
    // Seen by whoever wrote the pages, or by a test of ours on a real machine, which must still be there.
    for (const { source } of claims) expect(/host\.md|lab\/README|security\.md/.test(source) || existsSync(source.replace(/,.*/, '')), source).toBe(true);
  });

  test('tries every claim about kernel and drivers here; the others belong to loader, disk, libvirt and the desktop', () => {
    const elsewhere: readonly ClaimId[] = ['early-before-udev', 'one-shot', 'one-shot-unwritable', 'save-env-guard', 'grubenv-size', 'no-journal-replay', 'written-back', 'replace-survives', 'naive-write-dies', 'panic-restarts', 'libvirt-keeps-vm', 'libvirt-vm-files', 'desktop-ends', 'console-one-way', 'threads-kept'];
    expect([...Object.keys(tried), ...elsewhere].sort()).toEqual(claims.map((claim) => claim.id).sort());
  });
});
