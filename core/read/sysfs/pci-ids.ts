// SPDX-License-Identifier: GPL-3.0-or-later
import { readName } from './clean';

/** Vendor id -> its name and the names of its wanted devices. */
export type PciNames = ReadonlyMap<string, { readonly name: string; readonly devices: ReadonlyMap<string, string> }>;

/**
 * Names out of a `pci.ids` file for the wanted vendor -> device ids only: it jumps from vendor to vendor and never
 * builds the other forty thousand. Grammar: `vvvv  name`, tab `dddd  name`; the class section starts with `C `.
 */
export function readPciNames(text: string, wanted: ReadonlyMap<string, ReadonlySet<string>>): PciNames {
  const names = new Map<string, { name: string; devices: Map<string, string> }>();
  for (const [vendor, devices] of wanted) {
    const start = lineStart(text, `\n${vendor}  `);
    if (start < 0) continue;
    const end = blockEnd(text, start);
    names.set(vendor, { name: restOfLine(text, start + 6), devices: readDevices(text.slice(start, end), devices) });
  }
  return names;
}

function lineStart(text: string, mark: string): number {
  if (text.startsWith(mark.slice(1))) return 0;
  const found = text.indexOf(mark);
  return found < 0 ? -1 : found + 1;
}

/** A vendor's block ends at the next line that starts with neither a tab nor a comment nor nothing. */
function blockEnd(text: string, start: number): number {
  for (let at = text.indexOf('\n', start); at >= 0; at = text.indexOf('\n', at + 1)) {
    const next = text[at + 1];
    if (next !== '\t' && next !== '#' && next !== '\n') return at;
  }
  return text.length;
}

function readDevices(block: string, wanted: ReadonlySet<string>): Map<string, string> {
  const devices = new Map<string, string>();
  for (const device of wanted) {
    const at = block.indexOf(`\n\t${device}  `);
    if (at >= 0) devices.set(device, restOfLine(block, at + 8));
  }
  return devices;
}

function restOfLine(text: string, from: number): string {
  const end = text.indexOf('\n', from);
  return readName(text.slice(from, end < 0 ? undefined : end));
}
