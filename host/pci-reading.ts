// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciFieldName } from '../contract/pci';
import type { Machine } from './machine';

/** One function being read: where it is, what its folder lists, and which fields could not be told. */
export interface Reading {
  readonly machine: Machine;
  /** Its real folder below /sys/devices: the short way for the kernel. */
  readonly folder: string;
  readonly entries: ReadonlySet<string>;
  readonly unknown: PciFieldName[];
  /** An attribute that its folder listed was no longer there. */
  vanished: boolean;
}

/** Text of an attribute that its folder lists; when it cannot be read, the field it feeds is unknown. */
export function textOf(reading: Reading, name: string, field: PciFieldName): string | null {
  const look = reading.machine.text(`${reading.folder}/${name}`);
  if (look.at === 'is') return look.value.trim();
  if (look.at === 'absent') reading.vanished = true;
  note(reading, field);
  return null;
}

/** Marks a field as unknown. */
export function note(reading: Reading, field: PciFieldName): void {
  if (!reading.unknown.includes(field)) reading.unknown.push(field);
}

/** Null, and the field is unknown. */
export function notTold(reading: Reading, field: PciFieldName): null {
  note(reading, field);
  return null;
}
