// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciAddress } from '../../contract/pci';
import { busOf, domainOf, slotOf } from './address';
import { isNumbered, type Sheet } from './sheet';

type Functions = ReadonlySet<PciAddress>;

/**
 * Whether the functions read are all functions of the machine. A listing proves it by itself: it starts at a host
 * bridge, has what such a machine cannot lack, no slot in it begins in the middle, and nothing says that it was cut.
 */
export function isWholeMachine(sheet: Sheet): boolean {
  const members = [...sheet.groups.values()].flatMap((group) => [...group.members]);
  if (!members.every((address) => isNumbered(sheet.functions.get(address)))) return false;
  return listingIsWhole(sheet) || groupListingIsWhole(sheet) || logIsWhole(sheet);
}

function listingIsWhole(sheet: Sheet): boolean {
  return sheet.blocks.some(
    (block) =>
      !block.cut && !block.grouped && startsAtRoot(sheet, block.functions) && holdsTogether(sheet, block.functions),
  );
}

/** Group listings leave out functions without a group (root complex and IOMMU of AMD machines), so the groups' numbers decide. */
function groupListingIsWhole(sheet: Sheet): boolean {
  if (sheet.groupsCut || sheet.blocks.some((block) => block.grouped && block.cut)) return false;
  const functions = new Set([...sheet.groups.values()].flatMap((group) => [...group.members]));
  const rooted = [...functions].some((address) => classOf(sheet, address).startsWith('06'));
  return rooted && numbersWithoutGap(sheet) && holdsTogether(sheet, functions);
}

function logIsWhole(sheet: Sheet): boolean {
  const logged = [...sheet.functions.values()].filter((notes) => notes.enumerated).map((notes) => notes.facts.address);
  const functions = new Set(logged);
  return !sheet.log.cut && sheet.log.goesOn && startsAtRoot(sheet, functions) && holdsTogether(sheet, functions);
}

const classOf = (sheet: Sheet, address: PciAddress): string => sheet.functions.get(address)?.facts.class ?? '';

function startsAtRoot(sheet: Sheet, functions: Functions): boolean {
  return [...functions].some((address) => address.endsWith(':00:00.0') && classOf(sheet, address) === '0600');
}

/** The marks a torn listing shows: a slot without its function 0, buses without a bridge to them, bridges to nothing, no ISA bridge on a PC. */
function holdsTogether(sheet: Sheet, functions: Functions): boolean {
  const zeros = new Set([...functions].filter((address) => address.endsWith('.0')).map(slotOf));
  if ([...functions].some((address) => !zeros.has(slotOf(address)))) return false;
  const first = [...functions].find(
    (address) => address.startsWith('0000:00:') && classOf(sheet, address).startsWith('06'),
  );
  const maker = first === undefined ? null : sheet.functions.get(first)?.facts.vendor;
  const isPc = maker === '8086' || maker === '1022';
  if (isPc && ![...functions].some((address) => classOf(sheet, address) === '0601')) return false;
  return bridgesLead(sheet, functions);
}

function bridgesLead(sheet: Sheet, functions: Functions): boolean {
  const buses = new Map<string, Set<string>>();
  const bridged = new Set<string>();
  for (const address of functions) {
    const domain = domainOf(address);
    const known = buses.get(domain) ?? new Set<string>();
    buses.set(domain, known.add(busOf(address)));
    if (classOf(sheet, address) === '0604') bridged.add(domain);
  }
  // Buses without any bridge in their domain: lines are missing. Bridges with nothing behind any of them: cut before bus 1.
  const led = [...buses].every(([domain, known]) => known.size === 1 || bridged.has(domain));
  return led && (bridged.size === 0 || [...buses.values()].some((known) => known.size > 1));
}

/** The kernel numbers groups from 0 without a gap, as long as none was taken away since the start. */
function numbersWithoutGap(sheet: Sheet): boolean {
  return sheet.groups.size > 0 && [...sheet.groups.keys()].every((id) => id < sheet.groups.size);
}

/** Whether every function that the kernel would group has its group in the paste. Host bridges and IOMMUs may have none. */
export function groupsAreWhole(sheet: Sheet, wholeMachine: boolean): boolean {
  if (!wholeMachine || sheet.groups.size === 0 || sheet.groupsCut) return false;
  return [...sheet.functions.values()].every(
    (notes) => notes.groups.size > 0 || !isNumbered(notes) || /^(?:0600|0806)$/.test(notes.facts.class),
  );
}

/**
 * A kernel log from the first line to the start of user space in which no function joined a group: there are no groups.
 * Kernels before 4 did not print every join, so their silence says nothing.
 */
export function logShowsNoGroups(sheet: Sheet): boolean {
  const { log, facts } = sheet;
  const major = Number(/^\d{1,3}/.exec(facts.kernel.release.value ?? '')?.[0] ?? 0);
  return major >= 4 && sheet.groups.size === 0 && log.begins && log.enumerates && log.goesOn && log.ends && !log.cut;
}
