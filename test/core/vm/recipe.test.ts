// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import { guestSystems, vmRecipe, type VmGraphics } from '../../../contract/vm';
import { drawDomain } from '../../../core/vm/domain';
import { cardGraphics, draftRecipe, installStage } from '../../../core/vm/recipe';
import { tune } from '../../../core/vm/tuning/tune';
import { hostWith, versions } from './hosts';
import { at } from './recipes';
import { facts, knownProcessors, topology } from './topologies';

const graphics: readonly VmGraphics[] = [
  { mode: 'vga' },
  { mode: 'virtio-3d', node: null },
  cardGraphics('dedicated', [at('0000:01:00.0'), at('0000:01:00.1')], '10de'),
  cardGraphics('on-demand', [at('0000:01:00.0')], '1002'),
  cardGraphics('single-card', [at('0000:01:00.0')], '8086'),
  { mode: 'mdev', uuid: 'c2177883-f1bb-47f0-914d-32a22e3a8804', picture: 'pixels' },
  { mode: 'sriov', address: at('0000:00:02.1'), driver: 'vfio' },
  { mode: 'none' },
];
const parts = [...Object.values(knownProcessors), null];
const wish = { name: 'vm', uuid: '7f0c2b52-6f0a-4d6c-9a1e-0c6d5a1b1101', mac: '52:54:00:11:01:01', disk: '/var/lib/libvirt/images/vm.qcow2' };

describe('a draft for a person without further wishes', () => {
  const hosts = [
    ...versions.map(([libvirt, qemu]) => hostWith(libvirt, qemu)),
    hostWith('9.0.0', '7.2.22', { graphics: ['vnc', 'egl-headless'] }),
    hostWith('9.0.0', '7.2.22', { graphics: ['vnc', 'spice'] }),
    hostWith('9.0.0', '7.2.22', { secureLoader: false, tpmBackends: [] }),
    hostWith('9.0.0', '7.2.22', { accelerated: false, hyperv: [], hostPassthrough: false }),
  ];
  const pairs = guestSystems.flatMap((system) => graphics.filter((one) => !(one.mode === 'virtio-3d' && system.startsWith('windows'))).map((one) => [system, one.mode, one] as const));

  test.each(pairs)('%s with %s can be drawn on every host, whole and for its installation', (system, _mode, chosen) => {
    for (const host of hosts)
      for (const part of parts) {
        const tuning = tune(facts(part === null ? null : topology(part, 'half')), { cores: null, profile: 'play', cardNode: null, memoryMiB: 12_288, pinsMemory: true, isolated: [] });
        const recipe = vmRecipe.parse(draftRecipe({ ...wish, system, graphics: chosen }, host, tuning));
        const stage = vmRecipe.parse(installStage(recipe, { system: '/iso/a.iso', drivers: '/iso/b.iso', answers: null }));
        for (const one of [recipe, stage]) expect(drawDomain(one, host)).toMatchObject({ ok: true });
        expect(stage.graphics).toEqual({ mode: 'vga' });
        expect(stage.disks.length).toBe(1);
      }
  });

  test('Windows gets Secure Boot and a TPM where they can be had, and is drawn without where not', () => {
    const tuning = tune(facts(null), { cores: null, profile: 'play', cardNode: null, memoryMiB: 8192, pinsMemory: false, isolated: [] });
    const draft = (change: Parameters<typeof hostWith>[2]) => draftRecipe({ ...wish, system: 'windows-11', graphics: { mode: 'vga' } }, hostWith('9.0.0', '7.2.22', change), tuning);
    expect([draft({}).firmware, draft({}).tpm]).toEqual([{ kind: 'uefi', secureBoot: 'enforced' }, true]);
    expect([draft({ secureLoader: false }).firmware, draft({ tpmBackends: [] }).tpm]).toEqual([{ kind: 'uefi', secureBoot: 'off' }, false]);
  });

  test('pins only a guest that gets a whole card', () => {
    const tuning = tune(facts(topology(knownProcessors['eight cores, one cache'] ?? [], 'half')), { cores: null, profile: 'play', cardNode: null, memoryMiB: 16_384, pinsMemory: true, isolated: [] });
    const draft = (chosen: VmGraphics) => draftRecipe({ ...wish, system: 'linux', graphics: chosen }, hostWith('9.0.0', '7.2.22'), tuning).cpu;
    expect(draft({ mode: 'vga' }).pinning).toBeNull();
    expect(draft(cardGraphics('dedicated', [at('0000:01:00.0')], '10de'))).toMatchObject({ cores: 6, threads: 2, pinning: tuning.pinning });
  });
});
