// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../../contract/facts';
import type { PciFunction } from '../../../contract/pci';
import type { Intent } from '../../../contract/plan';
import { identityOf } from '../../../core/plan/device-set';

/** The stand-in cards of a guest: every display function but the one the firmware uses, with what shares its slot. */
export function standIns(facts: HostFacts): readonly (readonly PciFunction[])[] {
  const { functions } = facts.pci;
  const cards = functions.filter((one) => one.class.startsWith('03') && one.upstream.length > 0);
  return cards.map((card) => functions.filter((one) => one.address.startsWith(card.address.slice(0, -1))));
}

export const dedicate = (functions: readonly PciFunction[]): Extract<Intent, { kind: 'dedicate' }> => ({
  kind: 'dedicate',
  devices: functions.map(identityOf),
  consents: [],
});

/** The first card whose functions have a group to themselves. */
export function aloneCard(facts: HostFacts): readonly PciFunction[] {
  const found = standIns(facts).find((card) => {
    const group = facts.iommu.groups.value?.find((one) => one.id === card[0]?.iommuGroup);
    return group !== undefined && group.members.length === card.length;
  });
  if (found === undefined) throw new Error('this guest has no card alone in its group');
  return found;
}
