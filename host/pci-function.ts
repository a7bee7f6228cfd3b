// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciAddress, PciFieldName, PciFunction } from '../contract/pci';
import { isPciAddress } from '../core/read/address';
import { readName } from '../core/read/sysfs/clean';
import { readInteger, readSwitch } from '../core/read/sysfs/numbers';
import type { ModuleFinder } from '../core/read/sysfs/modules-alias';
import { readBars, readResizeSizes } from '../core/read/sysfs/resource';
import { readPciUevent, type PciUevent } from '../core/read/sysfs/uevent';
import { integer } from './fact';
import type { Machine } from './machine';
import { notTold, note, textOf, type Reading } from './pci-reading';
import { asleep, linkOf, powerOf } from './pci-power';
import { mdevTypesOf, sriovOf } from './pci-virtual';

/** One function's facts; `gone` when it vanished while we looked. Never opens `config`, nor what would wake it while it sleeps. */
export function lookAtFunction(
  machine: Machine,
  bus: string,
  address: PciAddress,
  modules: ModuleFinder | null,
): PciFunction | 'gone' | 'unreadable' {
  const link = machine.target(`${bus}/${address}`);
  const folder = link.at === 'is' ? realFolder(bus, link.value) : `${bus}/${address}`;
  const names = machine.names(folder);
  if (names.at !== 'is') return names.at === 'absent' ? 'gone' : 'unreadable';
  const told = machine.text(`${folder}/uevent`);
  if (told.at === 'absent') return names.value.includes('uevent') ? 'gone' : 'unreadable';
  const uevent = told.at === 'is' ? readPciUevent(told.value) : null;
  if (uevent === null) return 'unreadable';
  const reading: Reading = { machine, folder, entries: new Set(names.value), unknown: [], vanished: false };
  const upstream = link.at === 'is' ? bridgesOn(folder) : notTold(reading, 'topology');
  const found = {
    address,
    ...identityOf(reading, uevent),
    upstream: upstream ?? [],
    ...stateOf(reading, uevent, modules),
    from: `${bus}/${address}`,
  };
  return reading.vanished && machine.names(folder).at === 'absent' ? 'gone' : found;
}

function stateOf(
  reading: Reading,
  uevent: PciUevent,
  modules: ModuleFinder | null,
): Omit<PciFunction, keyof Identity | 'address' | 'upstream' | 'from'> {
  const power = powerOf(reading);
  const sleeping = asleep(reading, power);
  return {
    vendorName: null,
    name: null,
    header: headerOf(reading, uevent),
    buses: busesOf(reading, sleeping),
    driver: uevent.driver === null ? null : readName(uevent.driver, 64),
    driverOverride: overrideOf(reading),
    modules: modulesOf(reading, uevent, modules),
    iommuGroup: groupOf(reading),
    bootVga: switchOf(reading, 'boot_vga', 'bootVga'),
    resetMethods: resetMethodsOf(reading),
    bars: barsOf(reading, sleeping),
    link: sleeping ? notTold(reading, 'link') : linkOf(reading),
    power,
    numaNode: nodeOf(reading),
    sriov: sriovOf(reading),
    physicalFunction: physicalOf(reading),
    mdevTypes: mdevTypesOf(reading, sleeping),
    hasRom: reading.entries.has('rom'),
    linked: linkedOf(reading),
    slotLabel: labelOf(reading),
    unknown: reading.unknown,
  };
}

/** The link's target from the bus folder: `../../../devices/pci0000:00/...`. */
function realFolder(bus: string, target: string): string {
  if (target.startsWith('/')) return target;
  const parts = bus.split('/');
  let rest = target;
  for (; rest.startsWith('../'); rest = rest.slice(3)) parts.pop();
  return `${parts.join('/')}/${rest}`;
}

/** Bridges on the way from the root bus; behind Intel VMD the way starts anew at its own root bus `pci10000:e0`. */
function bridgesOn(folder: string): PciAddress[] {
  const parts = folder.split('/');
  let way: PciAddress[] = [];
  for (const part of parts.slice(0, -1)) {
    if (/^pci[0-9a-f]{4,8}:[0-9a-f]{2}$/.test(part)) way = [];
    else if (isPciAddress(part)) way.push(part);
  }
  return way.slice(0, 32);
}

type Identity = Pick<
  PciFunction,
  'vendor' | 'device' | 'subsystemVendor' | 'subsystemDevice' | 'class' | 'progIf' | 'revision'
>;

function identityOf(reading: Reading, uevent: PciUevent): Identity {
  const revision = reading.entries.has('revision') ? textOf(reading, 'revision', 'revision') : null;
  const [, digits] = /^0x([0-9a-f]{2})$/.exec(revision ?? '') ?? [];
  if (digits === undefined) note(reading, 'revision');
  return {
    vendor: uevent.vendor,
    device: uevent.device,
    subsystemVendor: uevent.subsystemVendor,
    subsystemDevice: uevent.subsystemDevice,
    class: uevent.class,
    progIf: uevent.progIf,
    revision: digits ?? null,
  };
}

/** The kernel shows bus numbers for header type 1 alone; a folder without them goes by its class. */
function headerOf(reading: Reading, uevent: PciUevent): PciFunction['header'] {
  if (uevent.class === '0607') return 'cardbus';
  return reading.entries.has('secondary_bus_number') || uevent.class === '0604' ? 'bridge' : 'endpoint';
}

/** Reading them touches config space, so a sleeping bridge is not asked. */
function busesOf(reading: Reading, sleeping: boolean): PciFunction['buses'] {
  if (!reading.entries.has('secondary_bus_number')) return null;
  if (sleeping) return notTold(reading, 'buses');
  const secondary = readInteger(textOf(reading, 'secondary_bus_number', 'buses') ?? '');
  const subordinate = readInteger(textOf(reading, 'subordinate_bus_number', 'buses') ?? '');
  return secondary === null || subordinate === null ? notTold(reading, 'buses') : { secondary, subordinate };
}

function overrideOf(reading: Reading): string | null {
  if (!reading.entries.has('driver_override')) return null;
  const text = textOf(reading, 'driver_override', 'driverOverride');
  return text === null || text === '' || text === '(null)' ? null : readName(text, 64);
}

function modulesOf(reading: Reading, uevent: PciUevent, modules: ModuleFinder | null): string[] {
  if (modules !== null && uevent.modalias !== null) return modules(uevent.modalias);
  note(reading, 'modules');
  return [];
}

function groupOf(reading: Reading): number | null {
  if (!reading.entries.has('iommu_group')) return null;
  const link = reading.machine.target(`${reading.folder}/iommu_group`);
  const group = link.at === 'is' ? readInteger(link.value.slice(link.value.lastIndexOf('/') + 1)) : null;
  return group === null || group < 0 ? notTold(reading, 'iommuGroup') : group;
}

function switchOf(reading: Reading, name: string, field: PciFieldName): boolean | null {
  return reading.entries.has(name) ? readSwitch(textOf(reading, name, field) ?? '') : null;
}

function resetMethodsOf(reading: Reading): string[] | null {
  if (!reading.entries.has('reset_method')) return null;
  const text = textOf(reading, 'reset_method', 'resetMethods');
  return text === null
    ? null
    : text
        .split(/\s+/)
        .filter((word) => /^\w{1,32}$/.test(word))
        .slice(0, 16);
}

/** Sizes a BAR could have cost a read of config space, so a sleeping function is not asked for them. */
function barsOf(reading: Reading, sleeping: boolean): PciFunction['bars'] {
  const text = textOf(reading, 'resource', 'bars');
  if (text === null) return [];
  const bars = readBars(text);
  for (const bar of bars) {
    const name = `resource${bar.index}_resize`;
    if (!reading.entries.has(name)) continue;
    if (sleeping) note(reading, 'bars');
    else bar.resizableTo = readResizeSizes(textOf(reading, name, 'bars') ?? '');
  }
  return bars;
}

function nodeOf(reading: Reading): number | null {
  if (!reading.entries.has('numa_node')) return null;
  const node = integer(reading.machine, `${reading.folder}/numa_node`);
  if (node === null) note(reading, 'numaNode');
  return node === null || node < 0 ? null : node;
}

function physicalOf(reading: Reading): PciAddress | null {
  if (!reading.entries.has('physfn')) return null;
  const link = reading.machine.target(`${reading.folder}/physfn`);
  const address = link.at === 'is' ? link.value.slice(link.value.lastIndexOf('/') + 1) : '';
  return isPciAddress(address) ? address : notTold(reading, 'physicalFunction');
}

/** `consumer:pci:0000:01:00.1`: device links between a GPU and its audio, USB and UCSI functions. Source: host.md 1.1.3. */
function linkedOf(reading: Reading): PciAddress[] {
  const found: PciAddress[] = [];
  for (const name of reading.entries) {
    if (!name.startsWith('consumer:pci:') && !name.startsWith('supplier:pci:')) continue;
    const address = name.slice(13);
    if (isPciAddress(address) && found.length < 16) found.push(address);
  }
  return found.sort();
}

function labelOf(reading: Reading): string | null {
  return reading.entries.has('label') ? readName(textOf(reading, 'label', 'slot') ?? '', 64) || null : null;
}
