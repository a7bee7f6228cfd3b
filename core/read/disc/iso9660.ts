// SPDX-License-Identifier: GPL-3.0-or-later
import { folderLimits, latin, readEntry, u32, utf16, type Disc, type DiscEntry, type DiscTree } from './bytes';

const sector = 2048;

/** What the volume descriptors of ECMA-119 say. */
export interface IsoVolume {
  readonly tree: DiscTree;
  /** An El Torito boot record is there. */
  readonly boots: boolean;
}

/** Reads the descriptors from sector 16 on; the Joliet tree wins over the plain one. Null when it is no ISO 9660 disc. */
export function readIso(disc: Disc): IsoVolume | null {
  const descriptors = descriptorsOf(disc);
  const plain = descriptors.find((one) => one[0] === 1);
  if (plain === undefined) return null;
  // Escape sequences of UCS-2 level 1 to 3.
  const joliet = descriptors.find((one) => one[0] === 2 && /^%\/[@CE]/.test(latin(one.subarray(88, 91))));
  // The Joliet label has room for half as many letters.
  const label = latin(plain.subarray(40, 72)).replaceAll(/[\s\0]+$/g, '');
  const boots = descriptors.some((one) => one[0] === 0 && latin(one.subarray(7, 30)) === 'EL TORITO SPECIFICATION');
  return { tree: { ...treeOf(disc, joliet ?? plain, joliet === undefined ? 'iso9660' : 'joliet'), label }, boots };
}

function descriptorsOf(disc: Disc): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = 16; at < 64; at++) {
    const descriptor = disc.read(at * sector, sector);
    if (descriptor === null || latin(descriptor.subarray(1, 6)) !== 'CD001' || descriptor[0] === 255) break;
    found.push(descriptor);
  }
  return found;
}

function treeOf(disc: Disc, descriptor: Uint8Array, kind: 'iso9660' | 'joliet'): DiscTree {
  const text = (bytes: Uint8Array): string => (kind === 'joliet' ? utf16(bytes, 'big') : latin(bytes));
  const record = descriptor.subarray(156, 190);
  const root: DiscEntry = { name: '', folder: true, size: u32(record, 10), extents: [{ offset: u32(record, 2) * sector, length: u32(record, 10) }] };
  return { kind, claims: u32(descriptor, 80) * sector, label: '', root, list: (folder) => listFolder(disc, folder, text) };
}

/** Directory records; a record never crosses a sector, the rest of which is zero. */
function listFolder(disc: Disc, folder: DiscEntry, text: (bytes: Uint8Array) => string): readonly DiscEntry[] | null {
  const bytes = folder.size > folderLimits.bytes ? null : readEntry(disc, folder, 0, folder.size);
  if (bytes === null) return null;
  const records: DiscRecord[] = [];
  for (let at = 0; at < bytes.length && records.length < folderLimits.entries; ) {
    const length = bytes[at] ?? 0;
    if (length === 0) {
      at = (Math.floor(at / sector) + 1) * sector;
      continue;
    }
    const record = bytes.subarray(at, at + length);
    if (length < 34 || record.length < length) return null;
    at += length;
    const named = record.subarray(33, 33 + (record[32] ?? 0));
    // One byte 0 or 1 is the folder itself and the one above.
    if (named.length === 1 && (named[0] === 0 || named[0] === 1)) continue;
    const flags = record[25] ?? 0;
    const extent = { offset: u32(record, 2) * sector, length: u32(record, 10) };
    records.push({ more: (flags & 0x80) !== 0, entry: { name: text(named).replace(/\.?;\d+$/, ''), folder: (flags & 2) !== 0, size: extent.length, extents: [extent] } });
  }
  return joined(records);
}

interface DiscRecord {
  readonly entry: DiscEntry;
  /** The file goes on in the next record. */
  readonly more: boolean;
}

/** A file in several sections is one entry. */
function joined(records: readonly DiscRecord[]): DiscEntry[] {
  const entries: DiscEntry[] = [];
  for (const [at, { entry }] of records.entries()) {
    const before = entries.at(-1);
    if (before !== undefined && records[at - 1]?.more === true) entries.splice(-1, 1, { ...before, size: before.size + entry.size, extents: [...before.extents, ...entry.extents] });
    else entries.push(entry);
  }
  return entries;
}
