// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciFunction } from '../../../contract/pci';

const listed = (ids: string): ReadonlySet<string> => new Set(ids.split(' '));

/**
 * Host bridges of platforms that were never sold with DMA remapping, by vendor. Source: pci.ids names and the makers' chipset tables:
 * Intel 440 to 945/965, P35/G33 (VT-d began with Q35, X38 and GM45), E7xxx, Atom N/D/Z; AMD K8, RS780 and RS880 (AMD-Vi began with RD890).
 */
const withoutRemapping: Readonly<Record<string, ReadonlySet<string>>> = {
  '8086': listed('1130 1a30 1a21 2530 2531 2550 2560 2570 2578 2580 2584 2588 2590 25d0 25d4 25d8 2770 2774 2778 277c 27a0 27ac 2970 2980 2990 29a0 29c0 2a00 2a10 2e20 2e30 3340 3575 3580 3590 359e 7124 7180 7190 7192 71a0 8100 4114 a000 a010 0bf0 0bf1 0bf4'),
  '1022': listed('1100 9600 9601 7454'),
};

export const lacksRemapping = (fn: PciFunction): boolean => fn.class === '0600' && withoutRemapping[fn.vendor]?.has(fn.device) === true;

/** I/O hubs 5500, 5520 and X58 up to revision 0x13 remap interrupts wrongly, and the kernel switches it off (erratum 47/53; drivers/iommu/intel). */
const brokenHubs = listed('3403 3405 3406');

export const remapsInterruptsWrongly = (fn: PciFunction): boolean => fn.vendor === '8086' && fn.class === '0600' && brokenHubs.has(fn.device) && (fn.revision === null || parseInt(fn.revision, 16) <= 0x13);

/** QEMU's old board is an Intel 440FX of 1996 with a Cirrus or Bochs display; nobody gives away cards of a real one. */
const oldBoard = listed('1237');

/** Parts that only a virtual machine has. A virtio function alone proves nothing: bare-metal clouds have them too. */
export function isVirtualBoard(fn: PciFunction): boolean {
  if (fn.vendor === '5853' || fn.vendor === '1b36' || fn.vendor === '80ee') return true; // Xen, QEMU, VirtualBox
  if (fn.vendor === '15ad' && (fn.class.startsWith('06') || fn.class.startsWith('03'))) return true; // VMware
  if ((fn.vendor === '1414' || fn.vendor === '1234' || fn.vendor === '1af4') && fn.class.startsWith('03')) return true; // Hyper-V, Bochs, virtio-gpu
  return fn.class === '0600' && (fn.subsystemVendor === '1af4' || (fn.vendor === '8086' && oldBoard.has(fn.device)));
}
