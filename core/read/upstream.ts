// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciAddress } from '../../contract/pci';
import { domainOf } from './address';
import type { Sheet } from './sheet';

const busNumber = (address: PciAddress): number => parseInt(address.slice(-7, -5), 16);

/** Finds the bridges between the root and a function, nearest the root first; null when the paste does not say how the buses hang together. */
export function upstreamFinder(sheet: Sheet): (address: PciAddress) => readonly PciAddress[] | null {
  const bridgeTo = new Map<string, PciAddress>();
  for (const { facts } of sheet.functions.values()) {
    if (facts.buses !== null && facts.buses.secondary > 0)
      bridgeTo.set(`${domainOf(facts.address)}/${facts.buses.secondary}`, facts.address);
  }
  return (address) => {
    const chain: PciAddress[] = [];
    for (let at = address; busNumber(at) !== 0;) {
      const parent = bridgeTo.get(`${domainOf(at)}/${busNumber(at)}`);
      if (parent === undefined || chain.length >= 32 || chain.includes(parent)) return null;
      chain.unshift(parent);
      at = parent;
    }
    return chain;
  };
}
