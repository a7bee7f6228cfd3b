// SPDX-License-Identifier: GPL-3.0-or-later
import type { IommuGroup } from '../../contract/facts';
import type { PciAddress, PciFieldName, PciFunction } from '../../contract/pci';
import { unknownFunction } from '../../contract/unknown-facts';
import { address, at, count, each, flag, hex, present, ShapeError, text, type Spot } from './json-shape';

/** What a row of `devices[]` says, before rows are put together into a tree. */
type Row = Omit<PciFunction, 'upstream' | 'unknown'> & { readonly modulesStated: boolean; readonly bus: string };

/** `devices[]` as functions. A null in the file means "the dump did not print it"; it becomes unknown, never "none". */
export function readFileFunctions(devices: Spot, groups: readonly IommuGroup[], groupsComplete: boolean): PciFunction[] {
  const groupOf = new Map(groups.flatMap((group) => group.members.map((member) => [member, group.id] as const)));
  const rows = each(devices, 16_384).map((spot) => readRow(spot, groupOf));
  const seen = new Set<string>();
  for (const row of rows) {
    if (seen.has(row.address)) throw new ShapeError(row.from, `one row for ${row.address}`);
    seen.add(row.address);
  }
  const driversPrinted = rows.some((row) => row.driver !== null);
  const bridges = new Map(rows.flatMap((row) => (row.buses === null ? [] : [[busKey(row.address, row.buses.secondary), row] as const])));
  return rows.map((row) => {
    const { modulesStated, bus, ...fn } = row;
    const upstream = upstreamOf(row, bridges);
    const unknown: PciFieldName[] = ['driverOverride', 'resetMethods', 'bars', 'link', 'power', 'numaNode', 'sriov', 'mdev', 'rom'];
    if (fn.subsystemVendor === null) unknown.push('subsystem');
    if (fn.progIf === null) unknown.push('progIf');
    if (!driversPrinted) unknown.push('driver');
    if (!modulesStated) unknown.push('modules');
    if (fn.iommuGroup === null && !groupsComplete) unknown.push('iommuGroup');
    if (fn.bootVga === null) unknown.push('bootVga');
    if (bridges.size === 0 || (upstream.length === 0 && !isRootBus(bus, rows, bridges))) unknown.push('topology');
    return { ...fn, upstream, unknown };
  });
}

const busKey = (of: string, bus: number): string => `${of.slice(0, of.indexOf(':'))}:${bus.toString(16).padStart(2, '0')}`;

/** A bus nobody leads to is a root bus only when bridges on it lead somewhere. */
const isRootBus = (bus: string, rows: readonly Row[], bridges: ReadonlyMap<string, Row>): boolean => !bridges.has(bus) && rows.some((row) => row.bus === bus && (row.buses !== null || row.class === '0600'));

/** Bridges above a row, nearest the root first; stops at a loop, which only a damaged file has. */
function upstreamOf(row: Row, bridges: ReadonlyMap<string, Row>): PciAddress[] {
  const path: PciAddress[] = [];
  for (let above = bridges.get(row.bus); above !== undefined && !path.includes(above.address) && path.length < 32; above = bridges.get(above.bus)) path.unshift(above.address);
  return path;
}

function readRow(spot: Spot, groupOf: ReadonlyMap<PciAddress, number>): Row {
  const own = address(at(spot, 'address'));
  const code = present(hex(at(spot, 'class'), /^[0-9a-f]{4}([0-9a-f]{2})?$/, 'four or six hex digits'), at(spot, 'class'), 'four or six hex digits');
  const modules = at(spot, 'modules');
  const secondary = busNumber(at(spot, 'secondary_bus'));
  const subordinate = busNumber(at(spot, 'subordinate_bus')) ?? secondary;
  return {
    ...unknownFunction(own, `machine file, ${spot.place}`),
    vendor: id(at(spot, 'vendor')),
    device: id(at(spot, 'device')),
    subsystemVendor: maybeId(at(spot, 'subsystem_vendor')),
    subsystemDevice: maybeId(at(spot, 'subsystem_device')),
    class: code.slice(0, 4),
    progIf: code.length === 6 ? code.slice(4) : hex(at(spot, 'prog_if'), /^[0-9a-f]{2}$/, 'two hex digits'),
    revision: hex(at(spot, 'revision'), /^[0-9a-f]{2}$/, 'two hex digits'),
    name: text(at(spot, 'name'), 512),
    header: headerOf(at(spot, 'header_type')),
    buses: secondary === null || subordinate === null ? null : { secondary, subordinate },
    driver: text(at(spot, 'driver'), 64),
    modules: each(modules, 32).flatMap((name) => text(name, 64) ?? []),
    modulesStated: modules.value !== null,
    iommuGroup: count(at(spot, 'iommu_group'), 0, 999_999) ?? groupOf.get(own) ?? null,
    bootVga: flag(at(spot, 'boot_vga')),
    bus: own.slice(0, own.lastIndexOf(':')),
  };
}

const id = (spot: Spot): string => present(maybeId(spot), spot, 'four hex digits');
const maybeId = (spot: Spot): string | null => hex(spot, /^[0-9a-f]{4}$/, 'four hex digits');

function busNumber(spot: Spot): number | null {
  const digits = hex(spot, /^[0-9a-f]{2}$/, 'a bus number of two hex digits');
  return digits === null ? null : parseInt(digits, 16);
}

function headerOf(spot: Spot): PciFunction['header'] {
  switch (hex(spot, /^[0-9a-f]{2}$/, 'two hex digits')) {
    case '00':
      return 'endpoint';
    case '01':
      return 'bridge';
    case '02':
      return 'cardbus';
    default:
      return null;
  }
}
