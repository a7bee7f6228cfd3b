// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciAddress } from '../../contract/pci';
import { domainOf } from './address';
import type { Sheet } from './sheet';

const busNumber = (address: PciAddress): number => parseInt(address.slice(-7, -5), 16);

/** Bridges between the root and a function, nearest the root first; null when the paste does not say how the buses hang together. */
export function upstreamOf(address: PciAddress, sheet: Sheet): readonly PciAddress[] | null {
  const chain: PciAddress[] = [];
  let at = address;
  while (busNumber(at) !== 0) {
    const parent = bridgeTo(at, sheet);
    if (parent === null || chain.length >= 32 || chain.includes(parent)) return null;
    chain.unshift(parent);
    at = parent;
  }
  return chain;
}

function bridgeTo(address: PciAddress, sheet: Sheet): PciAddress | null {
  const bus = busNumber(address);
  for (const notes of bridgesOf(sheet)) {
    const { buses, address: bridge } = notes.facts;
    if (buses?.secondary === bus && bridge !== address && domainOf(bridge) === domainOf(address)) return bridge;
  }
  return null;
}

const bridgesOf = (sheet: Sheet) => [...sheet.functions.values()].filter((notes) => notes.facts.buses !== null);
