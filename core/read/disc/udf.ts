// SPDX-License-Identifier: GPL-3.0-or-later
import { folderLimits, latin, readEntry, u16, u32, u64, utf16, type Disc, type DiscEntry, type DiscTree, type Extent } from './bytes';

const sector = 2048;
/** Runs of one file that are followed; a file of 10 GB has ten. */
const mostExtents = 1024;

/** Identifiers of descriptor tags (ECMA-167). */
const tags = { anchor: 2, partition: 5, volume: 6, end: 8, fileSet: 256, name: 257, file: 261, extendedFile: 266 } as const;

/** Reads UDF with plain partitions, which is what discs of Windows have (UDF 1.02). Null when it is none, or a newer kind. */
export function readUdf(disc: Disc): DiscTree | null {
  const descriptors = descriptorsOf(disc);
  const placed = descriptors.find((one) => u16(one, 0) === tags.partition);
  const volume = descriptors.find((one) => u16(one, 0) === tags.volume);
  // A map of type 1 is a plain partition; only one of them is expected.
  if (placed === undefined || volume === undefined || u32(volume, 212) !== sector || volume[440] !== 1) return null;
  const partition: Extent = { offset: u32(placed, 188) * sector, length: u32(placed, 192) * sector };
  const fileSet = disc.read(partition.offset + u32(volume, 252) * sector, sector);
  if (fileSet === null || u16(fileSet, 0) !== tags.fileSet) return null;
  const root = readFile(disc, partition, u32(fileSet, 404), '');
  if (root === null) return null;
  return { kind: 'udf', claims: partition.offset + partition.length, label: identifier(volume.subarray(84, 212)), root, list: (folder) => listFolder(disc, partition, folder) };
}

/** The volume's descriptors, which the anchor in sector 256 leads to. */
function descriptorsOf(disc: Disc): Uint8Array[] {
  const anchor = disc.read(256 * sector, sector);
  if (anchor === null || u16(anchor, 0) !== tags.anchor) return [];
  const found: Uint8Array[] = [];
  for (let at = 0; at < Math.min(u32(anchor, 16) / sector, 64); at++) {
    const descriptor = disc.read((u32(anchor, 20) + at) * sector, sector);
    if (descriptor === null || u16(descriptor, 0) === tags.end) break;
    found.push(descriptor);
  }
  return found;
}

/** A file's own descriptor: its size and the runs it lies in, or its bytes themselves. */
function readFile(disc: Disc, partition: Extent, block: number, name: string): DiscEntry | null {
  const offset = partition.offset + block * sector;
  const bytes = disc.read(offset, sector);
  if (bytes === null) return null;
  const kind = u16(bytes, 0);
  if (kind !== tags.file && kind !== tags.extendedFile) return null;
  const head = kind === tags.file ? 176 : 216;
  const [attributes, runs] = [u32(bytes, head - 8), u32(bytes, head - 4)];
  const start = head + attributes;
  if (start + runs > sector) return null;
  const form = u16(bytes, 34) & 7;
  const entry = { name, folder: bytes[27] === 4, size: u64(bytes, 56) };
  if (form === 3) return { ...entry, extents: [{ offset: offset + start, length: runs }] };
  const step = form === 0 ? 8 : form === 1 ? 16 : 0;
  if (step === 0) return null;
  const extents: Extent[] = [];
  for (let at = start; at + step <= start + runs && extents.length < mostExtents; at += step) {
    // The two highest bits tell a run that was never written; such a file is not whole.
    const length = u32(bytes, at);
    if (length === 0) break;
    if (length >= 0x4000_0000) return null;
    extents.push({ offset: partition.offset + u32(bytes, at + 4) * sector, length });
  }
  return { ...entry, extents };
}

function listFolder(disc: Disc, partition: Extent, folder: DiscEntry): readonly DiscEntry[] | null {
  if (folder.size > folderLimits.bytes) return null;
  const bytes = readEntry(disc, folder, 0, folder.size);
  if (bytes === null) return null;
  const entries: DiscEntry[] = [];
  for (let at = 0; at + 38 <= bytes.length && entries.length < folderLimits.entries; ) {
    if (u16(bytes, at) !== tags.name) return null;
    const [marks = 0, named = 0] = bytes.subarray(at + 18, at + 20);
    const start = at + 38 + u16(bytes, at + 36);
    // Deleted entries and the one that leads upwards.
    if ((marks & 0x0c) === 0) {
      const entry = readFile(disc, partition, u32(bytes, at + 24), characters(bytes.subarray(start, start + named)));
      if (entry === null) return null;
      entries.push(entry);
    }
    at = Math.ceil((start + named) / 4) * 4;
  }
  return entries;
}

/** OSTA compressed text: the first byte is the number of bits of each character. */
const characters = (bytes: Uint8Array): string => (bytes[0] === 16 ? utf16(bytes.subarray(1), 'big') : latin(bytes.subarray(1)));
/** A field of fixed size whose last byte is the length of what is used. */
const identifier = (field: Uint8Array): string => characters(field.subarray(0, field[field.length - 1] ?? 0));
