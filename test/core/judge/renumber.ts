// SPDX-License-Identifier: GPL-3.0-or-later
import * as z from 'zod';
import type { Verdict } from '../../../contract/verdict';

const document = z.looseObject({
  iommu: z.looseObject({ groups: z.record(z.string(), z.array(z.string())) }),
  devices: z.array(
    z.looseObject({ address: z.string(), iommu_group: z.number().nullable(), secondary_bus: z.string().nullish(), subordinate_bus: z.string().nullish() }),
  ),
});
export type MachineDocument = z.infer<typeof document>;
export const readDocument = (text: string): MachineDocument => document.parse(JSON.parse(text));

/** New names for addresses, buses and groups of one machine. */
export interface Renumbering {
  readonly address: (address: string) => string;
  readonly group: (group: number) => number;
}

const hex = (value: number): string => value.toString(16).padStart(2, '0');

/**
 * Buses move to other numbers in the same order (the kernel numbers depth first), the domain moves to 10000 and up (or stays),
 * groups are dealt anew.
 */
export function renumbering(machine: MachineDocument, domain: 'moved' | 'kept', stride: number): Renumbering {
  const buses = [...new Set(machine.devices.flatMap((device) => [busOf(device.address), ...[device.secondary_bus, device.subordinate_bus].flatMap((bus) => bus ?? [])]))].sort();
  const first = Math.max(1, 250 - buses.length * stride);
  const newBus = new Map(buses.map((bus, index) => [bus, buses.length * stride < 250 ? hex(first + index * stride) : hex(index)]));
  const groups = [...new Set(machine.devices.flatMap((device) => device.iommu_group ?? []))].sort((a, b) => a - b);
  const newGroup = new Map(groups.map((group, index) => [group, (index * 7 + 3) % groups.length === 0 ? 1000 + index : 2000 - index]));
  return {
    address: (address) => `${domain === 'moved' ? `1${address.slice(0, 4)}` : address.slice(0, 4)}:${newBus.get(busOf(address)) ?? 'xx'}${address.slice(-5)}`,
    group: (group) => newGroup.get(group) ?? group,
  };
}

const busOf = (address: string): string => address.slice(5, 7);

export function renumberedText(machine: MachineDocument, { address, group }: Renumbering): string {
  const bus = (number: string | null | undefined): string | null | undefined => (number == null ? number : address(`0000:${number}:00.0`).slice(-7, -5));
  return JSON.stringify({
    ...machine,
    iommu: { ...machine.iommu, groups: Object.fromEntries(Object.entries(machine.iommu.groups).map(([id, members]) => [String(group(Number(id))), members.map(address)])) },
    devices: machine.devices.map((device) => ({
      ...device,
      address: address(device.address),
      iommu_group: device.iommu_group === null ? null : group(device.iommu_group),
      secondary_bus: bus(device.secondary_bus),
      subordinate_bus: bus(device.subordinate_bus),
    })),
  });
}

const looksLikeAddress = /^[0-9a-f]{4}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$/;

/** The answers of a verdict (no reasons), in the new numbers. */
export function renumberedAnswers(verdict: Verdict, { address, group }: Renumbering): unknown {
  return walk(answersOf(verdict), (key, value) => {
    if (typeof value === 'string' && looksLikeAddress.test(value)) return address(value);
    return key === 'iommu_group' && typeof value === 'number' ? group(value) : value;
  });
}

/** A verdict without its reasons, whose evidence names lines of the source. */
export const answersOf = (verdict: Verdict): unknown => walk(JSON.parse(JSON.stringify(verdict)), (key, value) => (key === 'reason' ? undefined : value));

function walk(value: unknown, change: (key: string, value: unknown) => unknown, key = ''): unknown {
  const changed = change(key, value);
  if (Array.isArray(changed)) return changed.map((item: unknown) => walk(item, change, key));
  if (typeof changed !== 'object' || changed === null) return changed;
  return Object.fromEntries(Object.entries(changed).map(([name, item]: [string, unknown]) => [name, walk(item, change, name)]));
}
