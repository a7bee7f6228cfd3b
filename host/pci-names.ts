// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciFunction } from '../contract/pci';
import { readName } from '../core/read/sysfs/clean';
import { readPciNames, type PciNames } from '../core/read/sysfs/pci-ids';
import { unpacked } from './kernel';
import type { Machine } from './machine';

/** Where distributions keep pci.ids. Source: host.md 1.1.6. */
const places = [
  '/usr/share/hwdata/pci.ids',
  '/usr/share/misc/pci.ids',
  '/var/lib/pciutils/pci.ids',
  '/usr/share/pci.ids',
];

/** Gives each function its vendor's and its own name, from the system's pci.ids or from udev's database. */
export function nameFunctions(machine: Machine, functions: readonly PciFunction[]): void {
  const wanted = new Map<string, Set<string>>();
  for (const found of functions) {
    const devices = wanted.get(found.vendor);
    if (devices === undefined) wanted.set(found.vendor, new Set([found.device]));
    else devices.add(found.device);
  }
  const text = functions.length === 0 ? null : idsText(machine);
  const names: PciNames = text === null ? new Map() : readPciNames(text, wanted);
  const udev = text === null && machine.names(udevFolder).at === 'is';
  for (const found of functions) {
    const vendor = names.get(found.vendor);
    found.vendorName = vendor?.name ?? null;
    found.name = vendor?.devices.get(found.device) ?? null;
    if (udev) nameFromUdev(machine, found);
  }
}

const udevFolder = '/run/udev/data';

function idsText(machine: Machine): string | null {
  for (const place of places) {
    const look = machine.text(place, 16 << 20);
    if (look.at === 'is') return look.value;
    const packed = unpacked(machine, `${place}.gz`);
    if (packed !== null) return packed;
  }
  return null;
}

function nameFromUdev(machine: Machine, found: PciFunction): void {
  const look = machine.text(`${udevFolder}/+pci:${found.address}`);
  if (look.at !== 'is') return;
  const field = (key: string): string | null => {
    const [, value] = new RegExp(`^E:${key}=(.*)$`, 'm').exec(look.value) ?? [];
    return value === undefined ? null : readName(value) || null;
  };
  found.vendorName = field('ID_VENDOR_FROM_DATABASE');
  found.name = field('ID_MODEL_FROM_DATABASE');
}
