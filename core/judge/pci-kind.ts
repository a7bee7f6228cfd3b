// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciFunction } from '../../contract/pci';

const accelerators: ReadonlySet<string> = new Set(['1002', '10de']);

/** Base class 03, and class 1200 of AMD and NVIDIA (an Intel 1200 is an NPU); class 04xx never (RULES.md). */
export const isDisplay = (fn: PciFunction): boolean => fn.class.startsWith('03') || (fn.class === '1200' && accelerators.has(fn.vendor));

/**
 * Bridges stay where they are (host.md 3.2); 0680 with a driver is not one (an NVSwitch is a 0680 endpoint).
 * SMBus, dummy 1300, PSP 1080 and 0880 functions are endpoints.
 */
export function isBridge(fn: PciFunction): boolean {
  if (fn.header === 'bridge' || fn.header === 'cardbus') return true;
  if (fn.class === '0680') return fn.driver === null;
  return fn.class.startsWith('06');
}

/** Drivers that hold a function for a VM. */
export const isReserved = (fn: PciFunction): boolean => fn.driver !== null && /^(vfio-pci|.*[-_]vfio-pci|vfio_pci)$/.test(fn.driver);

export const isUsb = (fn: PciFunction): boolean => fn.class === '0c03';
export const isStorage = (fn: PciFunction): boolean => fn.class.startsWith('01');
export const isNetwork = (fn: PciFunction): boolean => fn.class.startsWith('02');
export const idOf = (fn: PciFunction): string => `${fn.vendor}:${fn.device}`;

/** What a function is called in front of a person: the name its source gave it, else its numbers. */
export const nameOf = (fn: PciFunction): string => (fn.name ?? `${fn.vendor}:${fn.device}`).slice(0, 200);
