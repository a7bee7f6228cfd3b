// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import type { PciAddress, PciFunction } from '../../contract/pci';
import type { GpuKind } from '../../contract/verdict';
import { compareAddresses, slotOf } from '../read/address';
import type { Family } from './families/family';
import { familyOf } from './families/lookup';
import { kindOf } from './gpu-kind';
import { idOf, isDisplay, isReserved } from './pci-kind';
import { ownFunctions } from './own-functions';
import { groupSets } from './group-sets';

/** A display-class function and everything that belongs to it or must move with it. */
export interface Gpu {
  readonly fn: PciFunction;
  readonly kind: GpuKind;
  readonly family: Family;
  /** Functions of the card, the display function first by address order. */
  readonly own: readonly PciFunction[];
  /** `own` and every endpoint of their groups. */
  readonly bind: readonly PciFunction[];
  /** Bridges of those groups: never touched. */
  readonly leave: readonly PciFunction[];
  /** Members of those groups that the listing names but does not describe. */
  readonly unseen: readonly PciAddress[];
  /** Held by vfio-pci, or, where drivers were not printed, named in `vfio-pci.ids=` of the kernel arguments. */
  readonly setAside: boolean;
}

/** The facts in the order in which they are judged; independent of the order in which they were read. */
export interface Inventory {
  readonly facts: HostFacts;
  readonly functions: readonly PciFunction[];
  readonly byAddress: ReadonlyMap<PciAddress, PciFunction>;
  readonly groups: ReadonlyMap<number, readonly PciAddress[]>;
  readonly gpus: readonly Gpu[];
  /** Kind of the first display function in a slot. */
  readonly slotKinds: ReadonlyMap<string, GpuKind>;
  /** Functions that belong to some card a VM could have. */
  readonly cardFunctions: ReadonlySet<PciFunction>;
}

/** Display functions that are judged; the largest machines have a few hundred with all their virtual functions. */
export const mostDisplays = 256;

/** Sorts, indexes and finds the display devices. */
export function takeInventory(facts: HostFacts): Inventory {
  const functions = withGroups(facts).sort((a, b) => compareAddresses(a.address, b.address));
  const byAddress = new Map(functions.map((fn) => [fn.address, fn]));
  const groups = collectGroups(facts, functions);
  const bare = { facts, functions, byAddress, groups };
  const displays = functions.filter(isDisplay).slice(0, mostDisplays);
  const kinds = new Map(displays.map((fn) => [fn.address, kindOf(fn, byAddress)]));
  const ids = vfioIds(facts);
  const gpus = displays.flatMap((fn) => {
    const kind = kinds.get(fn.address);
    if (kind === undefined) return [];
    const own = ownFunctions(fn, kind, functions, kinds);
    return [{ fn, kind, family: familyOf(fn), own, ...groupSets(own, bare), setAside: isReserved(fn) || (fn.unknown.includes('driver') && ids.has(idOf(fn))) }];
  });
  const slotKinds = new Map([...gpus].reverse().map((gpu) => [slotOf(gpu.fn.address), gpu.kind]));
  const cardFunctions = new Set(gpus.filter((gpu) => gpu.kind !== 'bmc' && gpu.kind !== 'virtual').flatMap((gpu) => gpu.own));
  return { ...bare, gpus, slotKinds, cardFunctions };
}

/** A group may be told by the function, by the list of groups, or by both. */
function withGroups(facts: HostFacts): PciFunction[] {
  const listed = new Map((facts.iommu.groups.value ?? []).flatMap((group) => group.members.map((member) => [member, group.id] as const)));
  return facts.pci.functions.map((fn) => (fn.iommuGroup === null && listed.has(fn.address) ? { ...fn, iommuGroup: listed.get(fn.address) ?? null } : fn));
}

function collectGroups(facts: HostFacts, functions: readonly PciFunction[]): Map<number, PciAddress[]> {
  const groups = new Map<number, Set<PciAddress>>();
  const put = (id: number, member: PciAddress) => groups.set(id, (groups.get(id) ?? new Set()).add(member));
  for (const group of facts.iommu.groups.value ?? []) for (const member of group.members) put(group.id, member);
  for (const fn of functions) if (fn.iommuGroup !== null) put(fn.iommuGroup, fn.address);
  return new Map([...groups].map(([id, members]) => [id, [...members].sort(compareAddresses)]));
}

/** `vendor:device` pairs of `vfio-pci.ids=`; further fields of an entry (subsystem, class) are left out (host.md 4.4.1). */
function vfioIds(facts: HostFacts): ReadonlySet<string> {
  const words = (facts.kernel.args.value ?? []).flatMap((arg) => /^vfio[-_]pci\.ids=(.*)$/.exec(arg)?.[1]?.toLowerCase() ?? []);
  return new Set(words.flatMap((list) => list.split(',')).map((entry) => entry.split(':').slice(0, 2).join(':')));
}
