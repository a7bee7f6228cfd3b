// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../contract/facts';
import type { PciFunction } from '../contract/pci';
import type { Intent } from '../contract/plan';
import { identityOf } from '../core/plan/device-set';

/** What could be asked of a machine, kindest first: each card with all that its groups hold, the IOMMU turned on, and a card that takes the only screen. */
export function wishes(facts: HostFacts): readonly Intent[] {
  const cards = facts.pci.functions.filter((one) => one.class.startsWith('03'));
  const given = cards.map((card) => wishFor(facts, card));
  return [...given, { kind: 'enable-iommu' }, ...given.map((one): Intent => ({ ...one, consents: ['lose-only-screen'] }))];
}

function wishFor(facts: HostFacts, card: PciFunction): Extract<Intent, { kind: 'dedicate' }> {
  const slot = card.address.slice(0, -1);
  const own = facts.pci.functions.filter((one) => one.address.startsWith(slot));
  const groups = (facts.iommu.groups.value ?? []).filter((group) => own.some((one) => group.members.includes(one.address)));
  const inGroups = facts.pci.functions.filter((one) => groups.some((group) => group.members.includes(one.address)));
  const devices = [...new Set([...own, ...inGroups])].filter((one) => one.header !== 'bridge' && !one.class.startsWith('06'));
  return { kind: 'dedicate', devices: devices.slice(0, 16).map(identityOf), consents: [] };
}
