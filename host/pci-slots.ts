// SPDX-License-Identifier: GPL-3.0-or-later
import { readName } from '../core/read/sysfs/clean';
import { line, listed } from './fact';
import type { Machine } from './machine';

const slotFolder = '/sys/bus/pci/slots';

/** Names of physical slots by `dddd:bb:dd`. Source: host.md 1.1.1. */
export function physicalSlots(machine: Machine): ReadonlyMap<string, string> {
  const slots = new Map<string, string>();
  for (const name of (listed(machine, slotFolder) ?? []).slice(0, 1024)) {
    const address = line(machine, `${slotFolder}/${name}/address`);
    if (address !== null && address !== '') slots.set(address, readName(name, 64));
  }
  return slots;
}
