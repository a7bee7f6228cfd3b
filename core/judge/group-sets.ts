// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciAddress, PciFunction } from '../../contract/pci';
import { compareAddresses } from '../read/address';
import type { Gpu, Inventory } from './inventory';
import { isBridge } from './pci-kind';

/** What the groups of a card's functions hold: all endpoints move together or not at all, bridges stay (host.md 3.1, 3.2). */
export function groupSets(own: readonly PciFunction[], machine: Pick<Inventory, 'byAddress' | 'groups'>): Pick<Gpu, 'bind' | 'leave' | 'unseen'> {
  const ids = new Set(own.flatMap((fn) => fn.iommuGroup ?? []));
  const members = new Set([...ids].flatMap((id) => machine.groups.get(id) ?? []));
  // The members of one group are in order already; only several groups, or a function without one, need sorting.
  const mixed = ids.size > 1 || own.some((fn) => !members.has(fn.address));
  const mine = new Set(own.map((fn) => fn.address));
  const all = mixed ? [...new Set([...members, ...mine])].sort(compareAddresses) : [...members];
  const bind: PciFunction[] = [];
  const leave: PciFunction[] = [];
  const unseen: PciAddress[] = [];
  for (const address of all) {
    const fn = machine.byAddress.get(address);
    if (fn === undefined) unseen.push(address);
    else if (mine.has(address) || !isBridge(fn)) bind.push(fn);
    else leave.push(fn);
  }
  return { bind, leave, unseen };
}
