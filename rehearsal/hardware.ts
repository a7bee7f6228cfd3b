// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../contract/facts';
import type { PciFunction } from '../contract/pci';
import { driversOf } from './drivers';
import type { Hardware } from './kernel';
import { displayOf, type Parts } from './parts';

/** The functions of a record as parts of a machine that can be started. */
export function hardwareOf(facts: HostFacts, parts: Parts): readonly Hardware[] {
  return facts.pci.functions.map((one): Hardware => ({ ...one, drivers: driversOf(one), screen: hasScreen(facts, parts, one) }));
}

function hasScreen(facts: HostFacts, parts: Parts, one: PciFunction): boolean {
  if (!one.class.startsWith('03')) return false;
  if (parts.screens === 'as-recorded') return (facts.display.connectors.value ?? []).some((connector) => connector.gpu === one.address && connector.status === 'connected');
  return parts.screens === 'every-card' ? one.class !== '0302' : one.address === displayOf(parts);
}

/** Which functions the IOMMU keeps apart when it works: as recorded, or by slot with each bridge alone. */
export function groupSets(facts: HostFacts): readonly (readonly string[])[] {
  const recorded = facts.iommu.groups.value ?? [];
  if (recorded.length > 0) return recorded.map((group) => group.members);
  const sets = new Map<string, string[]>();
  for (const one of facts.pci.functions) {
    const alone = one.header === 'bridge' || one.class.startsWith('06');
    const key = one.iommuGroup !== null ? `group ${one.iommuGroup}` : alone ? one.address : one.address.slice(0, -2);
    sets.set(key, [...(sets.get(key) ?? []), one.address]);
  }
  return [...sets.values()];
}

/**
 * Group numbers of one start. The sets belong to the machine, the numbers to the start (claim groups-renumbered);
 * empty where the IOMMU is off.
 */
export function groupsAtStart(sets: readonly (readonly string[])[], start: { readonly on: boolean; readonly first: number }): ReadonlyMap<string, number> {
  if (!start.on) return new Map();
  return new Map(sets.flatMap((members, index) => members.map((address): [string, number] => [address, (index + start.first) % (sets.length + start.first)])));
}

/** Whether the IOMMU works in a start with these arguments. */
export function iommuWorks(parts: Parts, args: readonly string[]): boolean {
  if (parts.iommu === 'none' || args.some((arg) => /^(?:intel_|amd_)?iommu=off\b/.test(arg))) return false;
  if (parts.iommu === 'on') return true;
  return parts.processor !== 'intel' || args.some((arg) => /^intel_iommu=(?:[a-z_,]*,)?on\b/.test(arg));
}
