// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import type { HostFacts } from '../../../contract/facts';
import type { Intent, Place } from '../../../contract/plan';
import { planFor } from '../../../core/plan/plan-for';
import type { PlacesSeen } from '../../../core/plan/seen';
import { putBlock } from '../../../core/step/edit/marker-block';
import { steps as words } from '../../../words/en/steps';
import { dedicate, facts, fn, grubEnv, identities, kernel, seen, texts } from './machine';

interface Case {
  readonly name: string;
  readonly facts?: (machine: HostFacts) => void;
  readonly intent?: (machine: HostFacts) => Intent;
  readonly content?: Record<Place, string | null>;
  readonly seen?: (found: PlacesSeen) => PlacesSeen;
  readonly expected: readonly [code: string, why: string];
}

const chosen =
  (...addresses: string[]) =>
  (machine: HostFacts): Intent => ({ kind: 'dedicate', devices: identities(machine, ...addresses), consents: [] });
const odd =
  (place: Place) =>
  (found: PlacesSeen): PlacesSeen => ({
    ...found,
    places: found.places.map((look) => (look.place === place ? { place, state: { kind: 'odd' }, text: null } : look)),
  });
const mount =
  (kind: string, source: string) =>
  (machine: HostFacts): void =>
    void (machine.system.mounts.value = [{ path: '/', kind, source, readOnly: false }]);

const cases: readonly Case[] = [
  {
    name: 'another loader',
    facts: (m) => void (m.system.bootLoader.value = 'systemd-boot'),
    expected: ['unsupported-host', 'loader systemd-boot'],
  },
  {
    name: 'an unknown loader',
    facts: (m) => void (m.system.bootLoader.value = null),
    expected: ['unsupported-host', 'loader unknown'],
  },
  {
    name: 'another generator',
    facts: (m) => void (m.system.initramfs.value = 'dracut'),
    expected: ['unsupported-host', 'generator dracut'],
  },
  {
    name: 'an immutable system',
    facts: (m) => void (m.system.immutable.value = 'ostree'),
    expected: ['unsupported-host', 'immutable ostree'],
  },
  {
    name: 'a container',
    facts: (m) => void (m.machine.container.value = 'docker'),
    expected: ['unsupported-host', 'container docker'],
  },
  {
    name: 'a GRUB without drop-ins',
    seen: (found) => ({ ...found, grubDropIns: false }),
    expected: ['unsupported-host', 'grub-drop-ins no'],
  },
  {
    name: 'a kernel started by kexec',
    facts: (m) => void (m.kernel.bootloaderType.value = 208),
    expected: ['precondition-failed', 'kexec'],
  },
  {
    name: 'a running kernel that was removed',
    seen: (found) => ({ ...found, kernels: [] }),
    expected: ['precondition-failed', 'kernel-image-missing'],
  },
  {
    name: 'a closed /boot',
    seen: (found) => ({ ...found, kernels: null }),
    expected: ['precondition-failed', 'boot-closed'],
  },
  { name: 'an IOMMU that is off', facts: (m) => void (m.iommu.groups.value = []), expected: ['refused', 'iommu-off'] },
  {
    name: 'a device without a group',
    facts: (m) => void m.iommu.groups.value!.splice(2, 1),
    expected: ['refused', 'no-group'],
  },
  { name: 'half a group', intent: chosen('0000:01:00.0'), expected: ['refused', 'split-group'] },
  { name: 'a bridge', intent: chosen('0000:00:01.0'), expected: ['refused', 'bridge'] },
  { name: 'the disk of the host', intent: chosen('0000:02:00.0'), expected: ['refused', 'host-needs'] },
  {
    name: 'a group with a foreign network card',
    facts: (m) => {
      m.pci.functions.push(fn('0000:04:00.0', '8086:15f3', '0200', { modules: ['igc'] }));
      m.iommu.groups.value![2]!.members.push('0000:04:00.0' as never);
    },
    expected: ['refused', 'split-group'],
  },
  {
    name: 'a physical function with virtual ones',
    facts: (m) => void (m.pci.functions[3]!.sriov = { total: 8, now: 2 }),
    expected: ['refused', 'virtual-functions'],
  },
  { name: 'the only screen', intent: chosen('0000:00:02.0'), expected: ['refused', 'only-screen'] },
  {
    name: 'a card that is gone',
    intent: (m) => ({
      ...dedicate(),
      devices: [{ ...identities(m, '0000:01:00.0')[0]!, address: '0000:09:00.0' as never }],
      kind: 'dedicate',
      consents: [],
    }),
    expected: ['precondition-failed', 'device-gone'],
  },
  {
    name: 'another board at the same address',
    facts: (m) => void (m.pci.functions[3]!.subsystemDevice = '0001'),
    intent: () => dedicate(facts()),
    expected: ['precondition-failed', 'device-changed'],
  },
  {
    name: 'a kernel without vfio-pci',
    facts: (m) => void (m.kernel.config.value = { ...m.kernel.config.value, CONFIG_VFIO_PCI: 'n' }),
    expected: ['refused', 'no-vfio'],
  },
  {
    name: 'a boot folder on btrfs',
    facts: mount('btrfs', '/dev/nvme0n1p2'),
    expected: ['refused', 'one-shot-would-stay'],
  },
  {
    name: 'a boot folder on LVM',
    facts: mount('ext4', '/dev/mapper/vg-root'),
    expected: ['refused', 'one-shot-would-stay'],
  },
  { name: 'a boot folder on RAID', facts: mount('ext4', '/dev/md0'), expected: ['refused', 'one-shot-would-stay'] },
  {
    name: 'a boot folder on who knows what',
    facts: mount('ext4', 'overlay'),
    expected: ['refused', 'one-shot-would-stay'],
  },
  {
    name: 'unknown mounts',
    facts: (m) => void (m.system.mounts.value = null),
    expected: ['precondition-failed', 'boot-volume-unknown'],
  },
  { name: 'a link where we would write', seen: odd('grub-drop-in'), expected: ['precondition-failed', 'place-odd'] },
  {
    name: 'a missing grub.cfg',
    content: { ...texts(), 'grub-config': null },
    expected: ['precondition-failed', 'place-missing'],
  },
  {
    name: 'a foreign file in our place',
    content: { ...texts(), 'grub-drop-in': 'GRUB_TIMEOUT=3\n' },
    expected: ['refused', 'not-ours'],
  },
  {
    name: 'a changed early script',
    content: { ...texts(), 'early-script': '#!/bin/sh\nexit 0\n' },
    expected: ['refused', 'not-ours'],
  },
  {
    name: 'a trial image left over',
    content: { ...texts(), [`trial-image:${kernel}`]: 'x' },
    expected: ['refused', 'trial-left'],
  },
  {
    name: 'a trial entry left over',
    content: { ...texts(), 'grub-custom': block('menuentry x {\n}\n') },
    expected: ['refused', 'trial-left'],
  },
];

function block(body: string): string {
  const text = putBlock('', body);
  return text.ok ? text.value : '';
}

describe('before anything starts, refuses', () => {
  test.each(cases)('$name', ({ facts: change, intent, content, seen: look, expected }) => {
    const machine = facts();
    const wanted = intent?.(machine) ?? dedicate(machine);
    change?.(machine);
    const found = seen(content ?? texts());
    const drawn = planFor(machine, look?.(found) ?? found, wanted);
    expect(drawn.ok).toBe(false);
    if (drawn.ok) return;
    const { code, detail } = drawn.problem;
    expect([code, detail['why'] ?? `${detail['part']} ${detail['name']}`]).toEqual(expected);
    expect(Object.keys(words)).toContain(`step.refused.${detail['why'] ?? 'part'}`);
  });

  test('a default entry that starts another kernel, a chosen one-shot, a menu that reads no custom.cfg', () => {
    const config = texts()['grub-config'] ?? '';
    const cases = [
      [{ 'grub-config': config.replaceAll(`vmlinuz-${kernel}`, 'vmlinuz-6.9.0') }, 'default-kernel'],
      [{ 'grub-env': grubEnv('next_entry=memtest') }, 'one-shot-taken'],
      [{ 'grub-config': config.replaceAll('custom.cfg', 'other.cfg') }, 'custom-not-sourced'],
    ] as const;
    for (const [change, why] of cases)
      expect(planFor(facts(), seen({ ...texts(), ...change }), dedicate())).toMatchObject({
        ok: false,
        problem: { code: 'precondition-failed', detail: { why } },
      });
  });

  test('as root what a person could not see, and draws no other plan', () => {
    const broken = { ...texts(), 'grub-config': 'set default="0"\n' };
    const closed = ['grub-config'];
    expect(planFor(facts(), seen(broken, { closed }), dedicate()).ok).toBe(true);
    expect(planFor(facts(), seen(broken, { closed, asRoot: true }), dedicate())).toMatchObject({
      ok: false,
      problem: { stepId: 'trial-entry' },
    });
  });

  test('not the only screen of a person who said so', () => {
    const machine = facts();
    const intent = { ...dedicate(machine, '0000:00:02.0'), consents: ['lose-only-screen' as const] };
    expect(planFor(machine, seen(), intent).ok).toBe(true);
  });

  test('an IOMMU somebody turned off on purpose', () => {
    const machine = facts();
    machine.iommu.groups.value = [];
    machine.kernel.args.value = ['intel_iommu=off'];
    expect(planFor(machine, seen(), { kind: 'enable-iommu' })).toMatchObject({
      ok: false,
      problem: { detail: { why: 'iommu-turned-off' } },
    });
  });
});
