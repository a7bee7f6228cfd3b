// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciFunction } from '../../contract/pci';
import type { GpuKind } from '../../contract/verdict';
import { busOf, slotOf } from '../read/address';
import { amdVirtualFunctions } from './families/amd';
import { familyOf } from './families/lookup';
import { isDisplay } from './pci-kind';

/** What a display function is. Tables first, then where it sits; bus numbers mean nothing here. */
export function kindOf(fn: PciFunction, all: ReadonlyMap<string, PciFunction>): GpuKind {
  const { place } = familyOf(fn);
  if (place === 'virtual') return 'virtual';
  if (isVirtualFunction(fn, all)) return 'discrete-vf';
  if (place !== 'by-place') return place === 'integrated' || !sharesSlotWithAmdBoard(fn, all) ? place : 'integrated';
  return placeOf(fn);
}

/** An APU newer than the tables still shares its slot with the processor's own functions (vendor 1022: PSP, USB, audio). */
const sharesSlotWithAmdBoard = (fn: PciFunction, all: ReadonlyMap<string, PciFunction>): boolean =>
  fn.vendor === '1002' && [0, 1, 2, 3, 4, 5, 6, 7].some((number) => isSecurityProcessor(all.get(`${slotOf(fn.address)}.${String(number)}`)));

const isSecurityProcessor = (fn: PciFunction | undefined): boolean => fn?.vendor === '1022' && fn.class === '1080';

/** On a root bus: part of the processor or chipset. Behind a bridge: a card. When nobody told, only Intel's own slot 02 is believed. */
function placeOf(fn: PciFunction): GpuKind {
  if (!fn.unknown.includes('topology')) return fn.upstream.length === 0 ? 'integrated' : 'discrete';
  return fn.vendor === '8086' && fn.address.endsWith(':02.0') ? 'integrated' : 'discrete';
}

/**
 * A virtual function: told by the kernel (physfn), by an id of its own, by its name, or by being a twin of function 0 of its slot
 * or of its bus: PCI Express has one device on a link, so further devices with the same id are functions behind ARI.
 */
function isVirtualFunction(fn: PciFunction, all: ReadonlyMap<string, PciFunction>): boolean {
  if (fn.physicalFunction !== null) return true;
  if (fn.vendor === '1002' && amdVirtualFunctions.has(fn.device)) return true;
  if (/virtual function/i.test(fn.name ?? '')) return true;
  const first = all.get(`${slotOf(fn.address)}.0`);
  if (first !== undefined && first.address !== fn.address && isTwin(fn, first)) return true;
  const head = all.get(`${busOf(fn.address)}:00.0`);
  return head !== undefined && head.address !== fn.address && isTwin(fn, head);
}

const isTwin = (fn: PciFunction, first: PciFunction): boolean => isDisplay(first) && first.vendor === fn.vendor && first.device === fn.device;
