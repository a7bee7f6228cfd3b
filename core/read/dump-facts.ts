// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import { pciFieldNames, type PciAddress, type PciFunction } from '../../contract/pci';
import { compareAddresses } from './address';
import { groupsAreWhole, isWholeMachine, logShowsNoGroups } from './completeness';
import { missingFrom } from './dump-missing';
import { argValue } from './kernel-args';
import { distributionNamed } from './machine-file-names';
import { isNumbered, type FunctionNotes, type Sheet } from './sheet';
import { upstreamFinder } from './upstream';
import { splitName } from './vendor-names';

/** Everything noted -> facts. Silence becomes "none" only where a listing would have spoken. */
export function factsOf(sheet: Sheet): HostFacts {
  const { facts } = sheet;
  const whole = isWholeMachine(sheet);
  settleDrivers(sheet);
  settleGroups(sheet, whole);
  settleBootDisplay(sheet);
  const upstreamOf = upstreamFinder(sheet);
  facts.pci.functions = [...sheet.functions.values()]
    .filter(isNumbered)
    .sort((a, b) => compareAddresses(a.facts.address, b.facts.address))
    .map((notes) => functionOf(notes, upstreamOf(notes.facts.address)));
  facts.pci.complete = whole;
  if (sheet.log.from !== null) facts.kernel.log = { value: sheet.log.lines, from: sheet.log.from };
  if (facts.system.distribution.value !== null && facts.system.distribution.value.id === '') settleDistribution(facts);
  const acs = facts.kernel.args.value === null ? undefined : argValue(facts.kernel.args.value, 'pcie_acs_override');
  if (facts.kernel.args.value !== null)
    facts.iommu.acsOverride = { value: acs !== undefined, from: facts.kernel.args.from };
  facts.missing = missingFrom(sheet);
  return facts;
}

/** A listing that names drivers says "none" where it names none; a kernel message about a device never says "none". */
function settleDrivers(sheet: Sheet): void {
  for (const block of sheet.blocks) {
    if (block.drivers === 'no') continue;
    for (const address of block.functions) {
      const notes = sheet.functions.get(address);
      if (notes === undefined) continue;
      if (!notes.driverListed) notes.facts.driver = null;
      notes.driverListed = true;
      notes.known.add('driver');
      if (block.drivers === 'below') notes.known.add('modules').add('subsystem');
    }
  }
}

function settleGroups(sheet: Sheet, whole: boolean): void {
  const { iommu } = sheet.facts;
  const groups = [...sheet.groups].filter(([, group]) => group.members.size > 0).sort(([a], [b]) => a - b);
  if (groups.length > 0) {
    const value = groups.slice(0, 8192).map(([id, group]) => ({
      id,
      members: [...group.members].sort(compareAddresses).slice(0, 4096),
      type: null,
      reserved: [],
    }));
    iommu.groups = { value, from: groups[0]?.[1].from ?? null };
  } else if (logShowsNoGroups(sheet) && iommu.groups.value === null) {
    iommu.groups = { value: [], from: sheet.log.from };
  }
  iommu.groupsComplete = groups.length > 0 ? groupsAreWhole(sheet, whole) : iommu.groups.value !== null;
  for (const notes of sheet.functions.values()) {
    const [only] = notes.groups;
    if (notes.groups.size === 1 && only !== undefined) notes.facts.iommuGroup = only;
    if (notes.groups.size === 1 || (notes.groups.size === 0 && iommu.groupsComplete)) notes.known.add('iommuGroup');
  }
}

function settleBootDisplay(sheet: Sheet): void {
  const { boot, vga } = sheet.log;
  if (boot !== null) {
    for (const address of vga) {
      const notes = sheet.functions.get(address);
      if (notes === undefined || notes.known.has('bootVga')) continue;
      notes.facts.bootVga = address === boot.address;
      notes.known.add('bootVga');
    }
  }
  const flagged = [...sheet.functions.values()].filter((notes) => notes.facts.bootVga === true);
  const [one] = flagged;
  if (flagged.length === 1 && one !== undefined) {
    sheet.facts.display.bootDisplay = { value: one.facts.address, from: boot?.from ?? one.facts.from };
  }
}

function functionOf(notes: FunctionNotes, upstream: readonly PciAddress[] | null): PciFunction {
  if (upstream !== null) notes.known.add('topology');
  if (notes.facts.class !== '0604') notes.known.add('buses');
  if (notes.facts.header === null && notes.facts.class === '0604') notes.facts.header = 'bridge';
  const unknown = pciFieldNames.filter((field) => !notes.known.has(field));
  const parted =
    notes.facts.name === null ? { vendorName: null, name: null } : splitName(notes.facts.vendor, notes.facts.name);
  return { ...notes.facts, ...parted, upstream: upstream === null ? [] : [...upstream], unknown };
}

/** A distribution that only gave its name: its id is what is known to go with that name. */
function settleDistribution(facts: HostFacts): void {
  const named = distributionNamed(facts.system.distribution.value?.name ?? null);
  facts.system.distribution = { value: named?.name === '' ? null : named, from: facts.system.distribution.from };
}
