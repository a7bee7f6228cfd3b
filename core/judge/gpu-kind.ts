// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciFunction } from '../../contract/pci';
import type { GpuKind } from '../../contract/verdict';
import { busOf, slotOf } from '../read/address';
import { amdVirtualFunctions } from './families/amd';
import { familyOf } from './families/lookup';
import { isDisplay } from './pci-kind';

/** What a display function is. Tables first, then where it sits; bus numbers mean nothing here. */
export function kindOf(fn: PciFunction, functions: readonly PciFunction[]): GpuKind {
  const { place } = familyOf(fn);
  if (place === 'virtual') return 'virtual';
  if (isVirtualFunction(fn, functions)) return 'discrete-vf';
  if (place !== 'by-place') return place === 'integrated' || !sharesSlotWithAmdBoard(fn, functions) ? place : 'integrated';
  return placeOf(fn);
}

/** An APU newer than the tables still shares its slot with the processor's own functions (vendor 1022: PSP, USB, audio). */
const sharesSlotWithAmdBoard = (fn: PciFunction, functions: readonly PciFunction[]): boolean =>
  fn.vendor === '1002' && functions.some((other) => other.vendor === '1022' && other.class === '1080' && slotOf(other.address) === slotOf(fn.address));

/** On a root bus: part of the processor or chipset. Behind a bridge: a card. When nobody told, only Intel's own slot 02 is believed. */
function placeOf(fn: PciFunction): GpuKind {
  if (!fn.unknown.includes('topology')) return fn.upstream.length === 0 ? 'integrated' : 'discrete';
  return fn.vendor === '8086' && fn.address.endsWith(':02.0') ? 'integrated' : 'discrete';
}

/**
 * A virtual function: told by the kernel (physfn), by an id of its own, by its name, or by being a twin of function 0 of its slot
 * or of its bus: PCI Express has one device on a link, so further devices with the same id are functions behind ARI.
 */
function isVirtualFunction(fn: PciFunction, functions: readonly PciFunction[]): boolean {
  if (fn.physicalFunction !== null) return true;
  if (fn.vendor === '1002' && amdVirtualFunctions.has(fn.device)) return true;
  if (/virtual function/i.test(fn.name ?? '')) return true;
  const first = functions.find((other) => other.address === `${slotOf(fn.address)}.0`);
  if (first !== undefined && first.address !== fn.address && isTwin(fn, first)) return true;
  const head = functions.find((other) => other.address === `${busOf(fn.address)}:00.0`);
  return head !== undefined && head.address !== fn.address && isTwin(fn, head) && behindLink(fn, functions);
}

const isTwin = (fn: PciFunction, first: PciFunction): boolean => isDisplay(first) && first.vendor === fn.vendor && first.device === fn.device;

function behindLink(fn: PciFunction, functions: readonly PciFunction[]): boolean {
  const above = functions.find((other) => other.address === fn.upstream.at(-1));
  return (above !== undefined && above.sriov !== null) || (functions.find((other) => other.address === `${busOf(fn.address)}:00.0`)?.sriov ?? null) !== null;
}
