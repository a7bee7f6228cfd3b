// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import type { HostFacts } from '../../../contract/facts';
import { guestSystems, type GuestSystem } from '../../../contract/vm';
import { vmMode, type VmMode } from '../../../contract/vm-mode';
import type { VmHost } from '../../../contract/vm-host';
import { assess } from '../../../core/judge/assess';
import { modesOf, recommendMode } from '../../../core/vm/modes';
import { isKey } from '../../../words/say';
import { corpus, factsOf } from '../judge/corpus';
import { hostWith } from './hosts';

const uses = ['play', 'work', 'compute', 'stream'] as const;
const modes = (facts: HostFacts, system: GuestSystem = 'linux', host: VmHost | null = null): VmMode[] => modesOf({ facts, cards: assess(facts).cards, host, system });
const machine = (id: string): HostFacts => factsOf(corpus.find((one) => one.file.startsWith(`${id}-`))?.text ?? '');
const short = (mode: VmMode | null): string => (mode === null ? 'none' : [mode.mode, mode.way ?? '', mode.card?.address ?? ''].filter((one) => one !== '').join(' '));
const noKvm = (facts: HostFacts): HostFacts => ({ ...facts, virtualisation: { ...facts.virtualisation, kvmOpens: { value: false, from: '/dev/kvm' } } });

describe('graphics modes', () => {
  test.each(corpus.map((one) => [one.file, one.text] as const))('%s: every mode is told with a reason, fits its shape and has sentences', (_file, text) => {
    const facts = factsOf(text);
    for (const system of guestSystems) {
      const told = modes(facts, system, hostWith('9.0.0', '7.2.22'));
      expect([...new Set(told.map((mode) => mode.mode))].sort()).toEqual(['mdev', 'none', 'passthrough', 'sriov', 'vga', 'virtio-3d']);
      for (const mode of told) {
        expect(vmMode.safeParse(mode).error).toBeUndefined();
        expect(mode.reasons.length + mode.notes.length, short(mode)).toBeGreaterThan(0);
        for (const code of mode.notes) expect(isKey(`vm.mode.${code}`)).toBe(true);
        for (const { code } of [...mode.reasons, ...mode.costs]) expect(isKey(`finding.${code}`), code).toBe(true);
      }
      for (const use of uses) {
        const best = recommendMode(told, use);
        expect(best === null || (['yes', 'conditional'].includes(best.possible) && best.way !== 'single-card'), `${use} ${short(best)}`).toBe(true);
      }
    }
  });

  test('emulated graphics can be had on every PC, slowly and said so without KVM', () => {
    for (const { text } of corpus.filter((one) => [null, 'x86_64'].includes(factsOf(one.text).cpu.architecture.value))) {
      const [vga] = modes(noKvm(factsOf(text)), 'windows-11');
      expect(vga).toMatchObject({ mode: 'vga', possible: 'yes', notes: expect.arrayContaining(['slow-without-kvm', 'always']) as unknown });
    }
  });

  test('nothing can be had where libvirt is missing, and it is said', () => {
    const facts = machine('004');
    const without: HostFacts = { ...facts, virtualisation: { ...facts.virtualisation, libvirt: { present: false, version: null, from: null } } };
    for (const mode of modes(without).filter((one) => one.card === null && one.mode === 'vga')) expect([mode.possible, mode.notes.includes('libvirt-missing')]).toEqual(['no', true]);
  });

  test('Windows is offered no forwarded graphics, Linux is', () => {
    const facts = machine('004');
    expect(modes(facts, 'windows-11').filter((one) => one.mode === 'virtio-3d').every((one) => one.possible === 'no' && one.notes.includes('windows-no-3d'))).toBe(true);
    expect(modes(facts, 'linux').some((one) => one.mode === 'virtio-3d' && one.possible !== 'no')).toBe(true);
  });

  test('a connection of the person alone gives no device, and one whose VFIO is not ready gives it on conditions', () => {
    const facts = machine('004');
    const cards = (host: VmHost) => modes(facts, 'windows-11', host).filter((one) => one.mode === 'passthrough' && one.way === 'dedicated');
    expect(cards(hostWith('9.0.0', '7.2.22', { connection: 'session' })).every((one) => one.possible === 'no' && one.notes.includes('needs-system-rights'))).toBe(true);
    const [ready, unready] = [cards(hostWith('9.0.0', '7.2.22')), cards(hostWith('9.0.0', '7.2.22', { pciBackends: [] }))];
    expect(ready.some((one) => one.possible === 'yes')).toBe(true);
    expect(unready.some((one) => one.possible === 'yes')).toBe(false);
    expect(unready.some((one) => one.possible === 'conditional')).toBe(true);
  });

  test.each([
    ['004', 'windows-11', 'play', 'passthrough dedicated 0000:01:00.0'],
    ['004', 'linux', 'work', 'vga'],
    ['013', 'linux', 'work', 'virtio-3d 0000:00:02.0'],
    ['010', 'windows-11', 'work', 'vga'],
    ['076', 'windows-11', 'work', 'sriov 0000:00:02.1'],
    ['002', 'windows-11', 'play', 'vga'],
    ['046', 'linux', 'play', 'none'],
  ] as const)('machine %s, %s, for %s: the recommendation fits', (id, system, use, expected) => {
    expect(short(recommendMode(modes(machine(id), system), use))).toBe(expected);
  });
});
