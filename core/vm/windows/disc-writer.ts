// SPDX-License-Identifier: GPL-3.0-or-later

/** A small disc: files in the root, or one folder deep. */
export interface NewDisc {
  /** At most 16 capital letters, digits and underscores. */
  readonly label: string;
  readonly files: readonly { readonly path: string; readonly text: string }[];
}

const sector = 2048;
/** Descriptors end here: plain, Joliet, terminator. Path tables follow, one sector each: plain L and M, Joliet L and M. */
const tables = 19;
const firstFolder = tables + 4;

interface File {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly at: number;
}
interface Folder {
  /** Empty for the root. */
  readonly name: string;
  readonly files: readonly File[];
}
type Kind = 'plain' | 'joliet';

/**
 * Writes an ISO 9660 disc with Joliet names (ECMA-119; Joliet specification), which Windows reads. Every folder takes one sector;
 * dates are left at zero, so the same files give the same bytes. Pure.
 */
export function writeDisc(disc: NewDisc): Uint8Array {
  const names = [...new Set(disc.files.map(({ path }) => folderOf(path)).filter((one) => one !== ''))];
  let next = firstFolder + 2 * (1 + names.length);
  const placed = disc.files.map(({ path, text }): File & { readonly folder: string } => {
    const bytes = utf8(text);
    const at = next;
    next += Math.max(1, Math.ceil(bytes.length / sector));
    return { name: path.slice(path.lastIndexOf('/') + 1), folder: folderOf(path), bytes, at };
  });
  const folders: Folder[] = ['', ...names].map((name) => ({ name, files: placed.filter((one) => one.folder === name) }));
  const image = new Uint8Array(next * sector);
  const put = (at: number, bytes: Uint8Array): void => {
    image.set(bytes, at * sector);
  };
  for (const [at, kind] of (['plain', 'joliet'] as const).entries()) {
    const from = firstFolder + at * folders.length;
    put(16 + at, descriptor(disc.label, kind, { total: next, root: from, table: tables + at * 2, folders }));
    put(tables + at * 2, pathTable(folders, kind, from, 'little'));
    put(tables + at * 2 + 1, pathTable(folders, kind, from, 'big'));
    for (const [index, folder] of folders.entries()) put(from + index, folderSector(folder, kind, from + index, { from, folders }));
  }
  put(18, Uint8Array.from([255, ...ascii('CD001'), 1]));
  for (const file of placed) put(file.at, file.bytes);
  return image;
}

const folderOf = (path: string): string => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '');
const ascii = (text: string): number[] => Array.from(text, (one) => one.charCodeAt(0));
const bigUtf16 = (text: string): number[] => Array.from({ length: text.length }, (_, at) => [text.charCodeAt(at) >> 8, text.charCodeAt(at) & 0xff]).flat();

function utf8(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const letter of text) {
    const point = letter.codePointAt(0) ?? 0;
    if (point < 0x80) bytes.push(point);
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), 0x80 | (point & 63));
    else if (point < 0x10000) bytes.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63));
    else bytes.push(0xf0 | (point >> 18), 0x80 | ((point >> 12) & 63), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63));
  }
  return Uint8Array.from(bytes);
}

const little = (value: number, size: 2 | 4): number[] => Array.from({ length: size }, (_, at) => Math.floor(value / 256 ** at) % 256);
const big = (value: number, size: 2 | 4): number[] => little(value, size).reverse();
const both = (value: number, size: 2 | 4): number[] => [...little(value, size), ...big(value, size)];

/** Eight capital letters and three more, as ISO 9660 level 1 has them; the Joliet name is the real one. */
const plainName = (name: string): string => {
  const [stem = '', extension = ''] = name.toUpperCase().replaceAll(/[^A-Z0-9.]/g, '_').split(/\.(?=[^.]*$)/);
  return `${stem.slice(0, 8)}.${extension.slice(0, 3)};1`;
};
const fileName = (name: string, kind: Kind): number[] => (kind === 'plain' ? ascii(plainName(name)) : bigUtf16(`${name};1`));
const folderName = (name: string, kind: Kind): number[] => (kind === 'plain' ? ascii(name.toUpperCase().slice(0, 8)) : bigUtf16(name));

function record(named: readonly number[], at: number, length: number, folder: boolean): number[] {
  const size = 33 + named.length + ((named.length + 1) % 2);
  const body = [size, 0, ...both(at, 4), ...both(length, 4), 0, 0, 0, 0, 0, 0, 0, folder ? 2 : 0, 0, 0, ...both(1, 2), named.length, ...named];
  return [...body, ...Array.from({ length: size - body.length }, () => 0)];
}

interface Placed {
  readonly from: number;
  readonly folders: readonly Folder[];
}

function folderSector(folder: Folder, kind: Kind, at: number, { from, folders }: Placed): Uint8Array {
  const inside = folder.name === '' ? folders.flatMap((one, index) => (one.name === '' ? [] : [{ named: folderName(one.name, kind), record: record(folderName(one.name, kind), from + index, sector, true) }])) : [];
  const files = folder.files.map((file) => ({ named: fileName(file.name, kind), record: record(fileName(file.name, kind), file.at, file.bytes.length, false) }));
  const sorted = [...inside, ...files].sort((a, b) => order(a.named, b.named));
  return Uint8Array.from([...record([0], at, sector, true), ...record([1], from, sector, true), ...sorted.flatMap((one) => one.record)]);
}

function order(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((one, index) => one !== b[index]);
  return at === -1 ? a.length - b.length : (a[at] ?? 0) - (b[at] ?? -1);
}

/** Every folder with its parent's number; both orders of bytes are written, as the standard asks. */
function pathTable(folders: readonly Folder[], kind: Kind, from: number, endian: 'little' | 'big'): Uint8Array {
  const number = endian === 'little' ? little : big;
  return Uint8Array.from(
    folders.flatMap((folder, index) => {
      const named = folder.name === '' ? [0] : folderName(folder.name, kind);
      return [named.length, 0, ...number(from + index, 4), ...number(1, 2), ...named, ...(named.length % 2 === 1 ? [0] : [])];
    }),
  );
}

interface Volume {
  readonly total: number;
  readonly root: number;
  readonly table: number;
  readonly folders: readonly Folder[];
}

function descriptor(label: string, kind: Kind, { total, root, table, folders }: Volume): Uint8Array {
  const bytes = new Uint8Array(sector);
  const text = (at: number, length: number, value: string): void => {
    const written = kind === 'plain' ? ascii(value.padEnd(length, ' ')) : bigUtf16(value.padEnd(Math.floor(length / 2), ' '));
    bytes.set(written.slice(0, length), at);
  };
  bytes.set([kind === 'plain' ? 1 : 2, ...ascii('CD001'), 1]);
  text(8, 32, '');
  text(40, 32, label);
  bytes.set(both(total, 4), 80);
  // The escape sequence says that names are two bytes a letter (UCS-2 level 3).
  if (kind === 'joliet') bytes.set(ascii('%/E'), 88);
  bytes.set([...both(1, 2), ...both(1, 2), ...both(sector, 2)], 120);
  bytes.set(both(pathTableSize(folders, kind), 4), 132);
  bytes.set([...little(table, 4), 0, 0, 0, 0, ...big(table + 1, 4)], 140);
  bytes.set(record([0], root, sector, true), 156);
  for (const [at, length] of [[190, 128], [318, 128], [446, 128], [574, 128], [702, 37], [739, 37], [776, 37]] as const) text(at, length, '');
  // Times that are not told are sixteen zeros and a null offset.
  for (const at of [813, 830, 847, 864]) bytes.set([...ascii('0'.repeat(16)), 0], at);
  bytes[881] = 1;
  return bytes;
}

const pathTableSize = (folders: readonly Folder[], kind: Kind): number =>
  folders.reduce((sum, folder) => {
    const length = folder.name === '' ? 1 : folderName(folder.name, kind).length;
    return sum + 8 + length + (length % 2);
  }, 0);
