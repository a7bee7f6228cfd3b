// SPDX-License-Identifier: GPL-3.0-or-later
import { sameContent, sameContentOf, type Content } from './content';
import { change, childOf, create, DiskError, inodeOf, overwrite, rootOf, setAttributes, type Attributes, type Disk, type Inode } from './disk';
import { walk, type Spot, type Trees } from './walk';

const nothingComputed: Trees['computed'] = new Map();
const bare = (disk: Disk): Trees => ({ disk, computed: nothingComputed });

/** The inode a path leads to on a disk, links followed; null when it is not there. */
export function find(disk: Disk, path: string): Inode | null {
  const spot = walk(bare(disk), path, 'follow');
  return 'lost' in spot || spot.thing?.on !== 'disk' ? null : spot.thing.inode;
}

/** Text of a regular file; null when there is none. */
export function textAt(disk: Disk, path: string): string | null {
  const inode = find(disk, path);
  return inode?.kind === 'file' ? inode.content.text : null;
}

export function namesAt(disk: Disk, path: string): readonly string[] {
  const inode = find(disk, path);
  return inode?.kind === 'folder' ? [...inode.entries.keys()] : [];
}

/** The folder at a path, made with every folder above it when it is not there. */
export function folderAt(disk: Disk, path: string, attributes: Partial<Attributes> = {}): Inode {
  let here = inodeOf(disk, rootOf(disk));
  for (const part of path.split('/').filter((one) => one !== '')) {
    here = childOf(disk, inodeOf(disk, here.id), part) ?? create(disk, inodeOf(disk, here.id), part, { kind: 'folder', mode: 0o755 });
    if (here.kind !== 'folder') throw new DiskError('ENOTDIR', path);
  }
  return Object.keys(attributes).length === 0 ? here : setAttributes(disk, here, attributes);
}

/** Writes a file as an installer or a person with an editor does: the whole content, in place when it exists. */
export function writeAt(disk: Disk, path: string, content: string | Content, attributes: Partial<Attributes> = {}): Inode {
  const slash = path.lastIndexOf('/');
  const parent = folderAt(disk, path.slice(0, slash));
  const name = path.slice(slash + 1);
  const file = childOf(disk, inodeOf(disk, parent.id), name) ?? create(disk, inodeOf(disk, parent.id), name, { kind: 'file', mode: attributes.mode ?? 0o644 });
  const written = overwrite(disk, file, typeof content === 'string' ? sameContentOf(content) : content);
  return Object.keys(attributes).length === 0 ? written : setAttributes(disk, written, attributes);
}

export function linkAt(disk: Disk, path: string, target: string): void {
  const slash = path.lastIndexOf('/');
  create(disk, inodeOf(disk, folderAt(disk, path.slice(0, slash)).id), path.slice(slash + 1), { kind: 'link', mode: 0o777, target });
}

/** Marks a file's content as it is now flushed and in place: for what the loader itself writes. */
export function settleContent(disk: Disk, id: number, content: Content): void {
  const inode = change(disk, inodeOf(disk, id), { content });
  disk.own.set(id, { ...inode, flushed: { content, attributes: inode.attributes } });
  disk.dirty.delete(id);
}

/** Every file, folder and link below a path with all that must be the same again; the key is its path. */
export function listing(disk: Disk, from: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const root = find(disk, from);
  if (root !== null) collect(disk, { inode: root, path: from === '/' ? '' : from }, found);
  return found;
}

function collect(disk: Disk, { inode, path }: { inode: Inode; path: string }, found: Map<string, string>): void {
  const { mode, uid, gid, xattrs } = inode.attributes;
  const labels = Object.entries(xattrs).sort().map(([key, value]) => `${key}=${value}`).join(',');
  const what = inode.kind === 'file' ? inode.content.text : inode.target;
  found.set(path === '' ? '/' : path, `${inode.kind} ${mode.toString(8)} ${uid}:${gid} [${labels}] ${what}`);
  if (inode.kind !== 'folder') return;
  for (const name of [...inode.entries.keys()].sort()) {
    const child = childOf(disk, inode, name);
    if (child !== null) collect(disk, { inode: child, path: `${path}/${name}` }, found);
  }
}

/** Paths whose listing differs, each with `+`, `-` or `~`. */
export function differences(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): readonly string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].sort().flatMap((path) => {
    const was = before.get(path);
    const is = after.get(path);
    return was === is ? [] : [`${was === undefined ? '+' : is === undefined ? '-' : '~'}${path}`];
  });
}

/**
 * The same of two disks of one descent, without a listing: what both share needs no look. Paths below these folders whose
 * kind, owner, mode, attributes or content differ, each with `+`, `-` or `~`.
 */
export function diskDifferences(before: Disk, after: Disk, folders: readonly string[]): readonly string[] {
  const found: string[] = [];
  for (const path of folders) compareAt({ before, after, found }, path, [find(before, path), find(after, path)]);
  return found.sort((a, b) => (a.slice(1) < b.slice(1) ? -1 : 1));
}

interface Comparing {
  readonly before: Disk;
  readonly after: Disk;
  readonly found: string[];
}

function compareAt(all: Comparing, path: string, [was, is]: readonly [Inode | null, Inode | null]): void {
  if (was === null && is === null) return;
  if (was === null || is === null || !sameInode(was, is)) all.found.push(`${was === null ? '+' : is === null ? '-' : '~'}${path}`);
  const names = new Set([...folderEntries(was), ...folderEntries(is)]);
  for (const name of names) compareAt(all, `${path}/${name}`, [was === null ? null : childOf(all.before, was, name), is === null ? null : childOf(all.after, is, name)]);
}

const folderEntries = (inode: Inode | null): Iterable<string> => (inode?.kind === 'folder' ? inode.entries.keys() : []);

function sameInode(a: Inode, b: Inode): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind || a.target !== b.target || !sameAttributes(a.attributes, b.attributes)) return false;
  return a.kind !== 'file' || sameContent(a.content, b.content);
}

function sameAttributes(a: Attributes, b: Attributes): boolean {
  if (a === b) return true;
  const keys = Object.keys(a.xattrs);
  return a.mode === b.mode && a.uid === b.uid && a.gid === b.gid && keys.length === Object.keys(b.xattrs).length && keys.every((key) => a.xattrs[key] === b.xattrs[key]);
}

export type { Spot };
