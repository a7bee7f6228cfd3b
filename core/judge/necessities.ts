// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciFunction } from '../../contract/pci';
import { slotOf } from '../read/address';
import type { Gpu, Inventory } from './inventory';
import { isNetwork, isReserved, isStorage, isUsb } from './pci-kind';

/** Makers of processors and chipsets: their USB and SATA controllers are soldered to the board. */
const boardMakers: ReadonlySet<string> = new Set(['8086', '1022', '1002', '10de', '1039', '1106', '1d17', '1d94']);

export type Necessity = 'psp' | 'bmc' | 'usb' | 'storage' | 'network';

/**
 * Why the host cannot lose this function together with a card, or null when it can (RULES.md, "Verdict": chipset or boot storage,
 * chipset or CPU xHCI, PSP, the BMC, the only NIC). `taken` is everything that would go along.
 */
export function necessityOf(fn: PciFunction, taken: ReadonlySet<PciFunction>, machine: Inventory): Necessity | null {
  if (isReserved(fn)) return null;
  if (fn.class === '1080' && fn.vendor === '1022') return 'psp';
  if (fn.class === '0c07' || machine.gpus.some((gpu) => gpu.kind === 'bmc' && slotOf(gpu.fn.address) === slotOf(fn.address))) return 'bmc';
  if (machine.gpus.some((gpu) => gpu.kind === 'discrete' && slotOf(gpu.fn.address) === slotOf(fn.address))) return null;
  const remains = (same: (other: PciFunction) => boolean) => machine.functions.some((other) => same(other) && !taken.has(other) && !isReserved(other) && other.physicalFunction === null);
  if (isUsb(fn)) return boardMakers.has(fn.vendor) || !remains(isUsb) ? 'usb' : null;
  if (isStorage(fn)) return isSystemStorage(fn, remains) ? 'storage' : null;
  if (isNetwork(fn)) return remains(isNetwork) ? null : 'network';
  return null;
}

/** The board's own SATA, and any controller that may hold the running system because no other of its kind is left. */
function isSystemStorage(fn: PciFunction, remains: (same: (other: PciFunction) => boolean) => boolean): boolean {
  if (fn.class !== '0108' && boardMakers.has(fn.vendor)) return true;
  return fn.class === '0108' ? !remains((other) => other.class === '0108') : !remains(isStorage);
}

/** Endpoints in the display function's own group that are not the card. */
export function foreignEndpoints(gpu: Gpu, machine: Inventory): readonly PciFunction[] {
  if (gpu.fn.iommuGroup === null) return [];
  const own = new Set(gpu.own);
  const members = new Set(machine.groups.get(gpu.fn.iommuGroup) ?? []);
  return gpu.bind.filter((fn) => members.has(fn.address) && !own.has(fn));
}
