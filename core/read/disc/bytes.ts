// SPDX-License-Identifier: GPL-3.0-or-later

/** A disc image that can be read in pieces. `read` gives null when the piece is not wholly there or cannot be read. */
export interface Disc {
  /** Bytes. */
  readonly size: number;
  readonly read: (offset: number, length: number) => Uint8Array | null;
}

/** A run of bytes on the disc. */
export interface Extent {
  readonly offset: number;
  readonly length: number;
}

export interface DiscEntry {
  readonly name: string;
  readonly folder: boolean;
  readonly size: number;
  readonly extents: readonly Extent[];
}

/** A file system on a disc: what is in a folder, by its entry. */
export interface DiscTree {
  readonly kind: 'udf' | 'joliet' | 'iso9660';
  readonly label: string;
  /** Bytes the volume says it has; a shorter disc was cut. */
  readonly claims: number;
  readonly root: DiscEntry;
  readonly list: (folder: DiscEntry) => readonly DiscEntry[] | null;
}

/** The most of a folder's bytes and entries that are read. */
export const folderLimits = { bytes: 4 * 1024 * 1024, entries: 65_536 } as const;

export const u16 = (bytes: Uint8Array, at: number): number => (bytes[at] ?? 0) + (bytes[at + 1] ?? 0) * 256;
export const u32 = (bytes: Uint8Array, at: number): number => u16(bytes, at) + u16(bytes, at + 2) * 65_536;
/** A 64-bit number; beyond 2^53 it is as good as infinite here. */
export const u64 = (bytes: Uint8Array, at: number): number => u32(bytes, at) + u32(bytes, at + 4) * 4_294_967_296;

export const latin = (bytes: Uint8Array): string => Array.from(bytes, (one) => String.fromCharCode(one)).join('');
export function utf16(bytes: Uint8Array, order: 'little' | 'big'): string {
  const units: string[] = [];
  for (let at = 0; at + 1 < bytes.length; at += 2) units.push(String.fromCharCode(order === 'little' ? u16(bytes, at) : (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0)));
  return units.join('');
}

/** The entry at a path of names, in whatever case; null when there is none or the disc cannot be read there. */
export function lookUp(tree: DiscTree, path: string): DiscEntry | null {
  let here: DiscEntry | undefined = tree.root;
  for (const name of path.split('/')) {
    if (here === undefined || !here.folder) return null;
    here = tree.list(here)?.find((one) => one.name.toLowerCase() === name.toLowerCase());
  }
  return here ?? null;
}

/** A piece of a file, over the runs it lies in; null when it is not all there. */
export function readEntry(disc: Disc, entry: DiscEntry, offset: number, length: number): Uint8Array | null {
  if (offset < 0 || length < 0 || offset + length > entry.size) return null;
  const whole = new Uint8Array(length);
  let [skipped, filled] = [0, 0];
  for (const extent of entry.extents) {
    const from = Math.max(offset + filled - skipped, 0);
    const wanted = Math.min(length - filled, extent.length - from);
    if (from < extent.length && wanted > 0) {
      const piece = disc.read(extent.offset + from, wanted);
      if (piece === null) return null;
      whole.set(piece, filled);
      filled += wanted;
    }
    skipped += extent.length;
    if (filled === length) return whole;
  }
  return filled === length ? whole : null;
}
