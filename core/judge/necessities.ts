// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciFunction } from '../../contract/pci';
import { slotOf } from '../read/address';
import type { Gpu, Inventory } from './inventory';
import { isNetwork, isReserved, isStorage, isUsb } from './pci-kind';

/** Makers of processors and chipsets: their USB and SATA controllers are soldered to the board. */
const boardMakers: ReadonlySet<string> = new Set(['8086', '1022', '1002', '10de', '1039', '1106', '1d17', '1d94']);

export type Necessity = 'psp' | 'bmc' | 'usb' | 'storage' | 'network';

/** What of each kind is left for the host when a card goes with all of its groups. */
export interface Remains {
  readonly usb: boolean;
  readonly nvme: boolean;
  readonly storage: boolean;
  readonly network: boolean;
}

export function remainsAfter(gpu: Gpu, machine: Inventory): Remains {
  const taken = new Set(gpu.bind);
  const left = machine.functions.filter((fn) => !taken.has(fn) && !isReserved(fn) && fn.physicalFunction === null);
  return { usb: left.some(isUsb), nvme: left.some((fn) => fn.class === '0108'), storage: left.some(isStorage), network: left.some(isNetwork) };
}

/**
 * Why the host cannot lose this function together with a card, or null when it can (RULES.md, "Verdict": chipset or boot storage,
 * chipset or CPU xHCI, PSP, the BMC, the only NIC).
 */
export function necessityOf(fn: PciFunction, left: Remains, machine: Inventory): Necessity | null {
  if (isReserved(fn)) return null;
  if (fn.class === '1080' && fn.vendor === '1022') return 'psp';
  const display = machine.slotKinds.get(slotOf(fn.address));
  if (fn.class === '0c07' || display === 'bmc') return 'bmc';
  if (display === 'discrete') return null;
  if (isUsb(fn)) return boardMakers.has(fn.vendor) || !left.usb ? 'usb' : null;
  if (isStorage(fn)) return isSystemStorage(fn, left) ? 'storage' : null;
  return isNetwork(fn) && !left.network ? 'network' : null;
}

/** The board's own SATA, and any controller that may hold the running system because no other of its kind is left. */
function isSystemStorage(fn: PciFunction, left: Remains): boolean {
  if (fn.class === '0108') return !left.nvme;
  return boardMakers.has(fn.vendor) || !left.storage;
}

/** Endpoints in the display function's own group that are not the card. */
export function foreignEndpoints(gpu: Gpu, machine: Inventory): readonly PciFunction[] {
  if (gpu.fn.iommuGroup === null) return [];
  const own = new Set(gpu.own);
  const members = new Set(machine.groups.get(gpu.fn.iommuGroup) ?? []);
  return gpu.bind.filter((fn) => members.has(fn.address) && !own.has(fn));
}
