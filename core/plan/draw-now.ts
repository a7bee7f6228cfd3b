// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciAddress } from '../../contract/pci';
import type { Intent, PlanBasis, Step, VmNeed } from '../../contract/plan';
import { ok, type Result } from '../../contract/problem';
import type { GrantedGroup } from '../../contract/setting';
import type { ManagedFunction, ModprobeContent, OwnNow } from '../../contract/steps-now';
import { compareAddresses, slotOf } from '../read/address';
import { canonicalText } from './canonical';
import { givenDevices } from './device-set';

type Of<K extends Intent['kind']> = Extract<Intent, { kind: K }>;
const now = 'now' as const;

/** Steps of the intents that need no trial: nothing a start needs to reach a screen depends on them. */
export function drawNow(basis: PlanBasis, intent: Of<'huge-pages' | 'vm-host' | 'move-now' | 'on-demand' | 'single-card'>): Result<readonly Step[]> {
  switch (intent.kind) {
    case 'huge-pages':
      return ok(intent.when === 'now' ? pagesNow(intent) : pagesAlways(basis.own, intent.count));
    case 'vm-host':
      return ok(vmHost(basis, intent.needs));
    case 'move-now':
      return ok(moves(intent));
    case 'on-demand':
    case 'single-card':
      return ok(withVm(basis, intent));
    default:
      return intent satisfies never;
  }
}

const pagesNow = ({ sizeKiB, numa, count }: Of<'huge-pages'>): readonly Step[] => [{ kind: 'huge-pages', phase: now, id: 'huge-pages', sizeKiB, numa, count }];

function pagesAlways(own: OwnNow, count: number): readonly Step[] {
  const is = own.sysctl?.hugePages ?? 0;
  return is === count ? [] : [{ kind: 'sysctl', phase: now, id: 'sysctl', content: count === 0 ? null : { hugePages: count } }];
}

/** Sound and USB before the display on the way to the VM, the display before its sound on the way back (host facts 4.1, 4.5): by function number. */
function moves({ devices, to }: Of<'move-now'>): readonly Step[] {
  const sorted = [...devices].sort((a, b) => compareAddresses(a.address, b.address));
  const ordered = to === 'host' ? sorted : sorted.reverse();
  return ordered.map((device, index) => ({ kind: 'move-device', phase: now, id: `move-device-${index + 1}`, device, to }));
}

/** The table before the hook that reads it. */
function withVm({ own, groups }: PlanBasis, intent: Of<'on-demand' | 'single-card'>): readonly Step[] {
  const table = tableWith(own['hook-table'] ?? [], intent);
  const chosen = new Set<string>(intent.devices.map((device) => device.address));
  const sounds = groups.flat().filter((member) => isSound.test(member.class) && chosen.has(member.identity.address)).map((member) => member.identity.address);
  const rule = ruleWith(own['udev-rule'] ?? {}, sounds, intent.kind);
  return [
    ...(same(rule, own['udev-rule']) ? [] : [{ kind: 'udev-rule' as const, phase: now, id: 'udev-rule', content: rule }]),
    ...(same(table, own['hook-table']) ? [] : [{ kind: 'hook-table' as const, phase: now, id: 'hook-table', content: [...table] }]),
    ...(own['libvirt-hook'] === 'hook' ? [] : [{ kind: 'libvirt-hook' as const, phase: now, id: 'libvirt-hook', content: 'hook' as const }]),
  ];
}

/** A slot is one card and moves in one way: what of it was in the table before follows what was chosen now. */
function tableWith(before: readonly ManagedFunction[], intent: Of<'on-demand' | 'single-card'>): readonly ManagedFunction[] {
  const slots = new Set(intent.devices.map((device) => slotOf(device.address)));
  const way = intent.kind === 'on-demand' ? {} : ({ single: intent.restartWhenStuck ? 'restart-when-stuck' : 'leave-stuck' } as const);
  return givenDevices(before, intent.devices).map((device) => {
    if (!slots.has(slotOf(device.address))) return device;
    const { single: _, ...identity }: ManagedFunction = device;
    return { ...identity, ...way };
  });
}

/**
 * The sound of a card on demand is kept from sound servers, which would stand in the way of every hand-over. That of a single
 * card is not: they end with the desktop, and its monitors are the only ones. Null: nothing is left to say.
 */
function ruleWith(before: NonNullable<OwnNow['udev-rule']>, sounds: readonly PciAddress[], kind: 'on-demand' | 'single-card'): NonNullable<OwnNow['udev-rule']> | null {
  const { silent: was = [], ...others } = before;
  const kept = kind === 'on-demand' ? [...was, ...sounds] : was.filter((address) => !sounds.includes(address));
  const silent = [...new Set(kept)].sort(compareAddresses);
  const rule = { ...others, ...(silent.length === 0 ? {} : { silent }) };
  return Object.keys(rule).length === 0 ? null : rule;
}

/** Multimedia controllers: 0401 and 0403 (HD Audio). */
const isSound = /^04/;

function vmHost(basis: PlanBasis, needs: readonly VmNeed[]): readonly Step[] {
  const has = (need: VmNeed): boolean => needs.includes(need);
  const groups: readonly (readonly [GrantedGroup, boolean])[] = [
    ['libvirt', has('account')],
    ['kvm', has('account') || has('session') || has('looking-glass')],
    ['input', has('evdev')],
  ];
  return [
    ...(has('cards') ? cards(basis.own) : []),
    ...(has('session') ? session(basis.own) : []),
    ...(has('looking-glass') ? lookingGlass(basis.own) : []),
    ...(has('network') && basis.network !== 'on' ? [{ kind: 'autostart' as const, phase: now, id: 'autostart-network', of: 'network' as const, name: 'default' }] : []),
    ...groups.flatMap(([group, wanted]) => (wanted ? joins(basis.person, group) : [])),
  ];
}

function joins(person: PlanBasis['person'], group: GrantedGroup): readonly Step[] {
  if (person === null || person.groups.includes(group) || !person.there.includes(group)) return [];
  return [{ kind: 'membership', phase: now, id: `membership-${group}`, group, uid: person.uid, user: person.user }];
}

const vfioModules = ['vfio_pci', 'vfio_iommu_type1'] as const;
/** Recommended for guests with UEFI: without it a card takes part in VGA arbitration and may cost other cards their acceleration (host fact 4.3). */
const withoutVga = { module: 'vfio-pci', name: 'disable_vga', value: '1' } as const;

function cards(own: OwnNow): readonly Step[] {
  const was = own['modprobe-config'] ?? { options: [], before: [] };
  const options: ModprobeContent['options'] = [...was.options.filter((each) => each.module !== withoutVga.module || each.name !== withoutVga.name), withoutVga];
  const modules = [...new Set([...(own['modules-load'] ?? []), ...vfioModules])];
  return [
    ...(same(options, was.options) ? [] : [{ kind: 'modprobe-config' as const, phase: now, id: 'modprobe-config', content: { ...was, options } }]),
    ...(same(modules, own['modules-load']) ? [] : [{ kind: 'modules-load' as const, phase: now, id: 'modules-load', content: modules }]),
  ];
}

/** A VM without root pins its memory itself, and opens the group's node itself (host fact 4.9). */
function session(own: OwnNow): readonly Step[] {
  const limits = { group: 'kvm', memlockKiB: null } as const;
  const unit = { memlockKiB: null };
  const rule = { ...own['udev-rule'], vfio: 'kvm' as const };
  return [
    ...(same(limits, own.limits) ? [] : [{ kind: 'limits' as const, phase: now, id: 'limits', content: limits }]),
    ...(same(unit, own['unit-drop-in']) ? [] : [{ kind: 'unit-drop-in' as const, phase: now, id: 'unit-drop-in', content: unit }]),
    ...(same(rule, own['udev-rule']) ? [] : [{ kind: 'udev-rule' as const, phase: now, id: 'udev-rule', content: rule }]),
  ];
}

function lookingGlass(own: OwnNow): readonly Step[] {
  const memory = { sharedMemory: 'kvm' } as const;
  const rules = ['shared-memory' as const];
  return [
    ...(same(memory, own.tmpfiles) ? [] : [{ kind: 'tmpfiles' as const, phase: now, id: 'tmpfiles', content: memory }]),
    ...(same(rules, own['apparmor-rule']) ? [] : [{ kind: 'apparmor-rule' as const, phase: now, id: 'apparmor-rule', content: rules }]),
  ];
}


const same = (a: unknown, b: unknown): boolean => canonicalText(a ?? null) === canonicalText(b ?? null);
