// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciAddress } from '../../contract/pci';

const full = /^[0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$/;
const written = /^(?:([0-9a-f]{4,8}):)?([0-9a-f]{2}):([01][0-9a-f])\.([0-7])$/i;

export const isPciAddress = (text: string): text is PciAddress => full.test(text);

/** An address as people write it (`01:00.0`, `0000:01:00.0`, `10000:E1:00.0`) in the form of the contract; null when it is none. */
export function readAddress(text: string): PciAddress | null {
  const parts = written.exec(text);
  if (parts === null) return null;
  const whole = `${parts[1] ?? '0000'}:${parts[2]}:${parts[3]}.${parts[4]}`.toLowerCase();
  return isPciAddress(whole) ? whole : null;
}

/** The slot (`0000:01:00`), the bus (`0000:01`) and the domain of an address. */
export const slotOf = (address: PciAddress): string => address.slice(0, -2);
export const busOf = (address: PciAddress): string => address.slice(0, -5);
export const domainOf = (address: PciAddress): string => address.slice(0, -8);

/** Order of addresses as lspci lists them: by domain, then the rest; domains differ in length. */
export function compareAddresses(a: PciAddress, b: PciAddress): number {
  const domains = parseInt(domainOf(a), 16) - parseInt(domainOf(b), 16);
  if (domains !== 0) return domains;
  const [restA, restB] = [a.slice(-7), b.slice(-7)];
  return restA < restB ? -1 : restA > restB ? 1 : 0;
}
