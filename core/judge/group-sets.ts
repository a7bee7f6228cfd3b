// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciAddress, PciFunction } from '../../contract/pci';
import { compareAddresses } from '../read/address';
import type { Gpu, Inventory } from './inventory';
import { isBridge } from './pci-kind';

/** What the groups of a card's functions hold: all endpoints move together or not at all, bridges stay (host.md 3.1, 3.2). */
export function groupSets(own: readonly PciFunction[], machine: Pick<Inventory, 'byAddress' | 'groups'>): Pick<Gpu, 'bind' | 'leave' | 'unseen'> {
  const ids = new Set(own.flatMap((fn) => fn.iommuGroup ?? []));
  const members = new Set([...ids].flatMap((id) => machine.groups.get(id) ?? []));
  const bind = new Map(own.map((fn) => [fn.address, fn]));
  const leave: PciFunction[] = [];
  const unseen: PciAddress[] = [];
  for (const address of members) {
    const fn = machine.byAddress.get(address);
    if (fn === undefined) unseen.push(address);
    else if (isBridge(fn)) leave.push(fn);
    else bind.set(address, fn);
  }
  return { bind: inOrder([...bind.values()]), leave: inOrder(leave), unseen: unseen.sort(compareAddresses) };
}

const inOrder = (list: PciFunction[]): PciFunction[] => list.sort((a, b) => compareAddresses(a.address, b.address));
