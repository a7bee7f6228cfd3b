// SPDX-License-Identifier: GPL-3.0-or-later
import { contentOf, joined, nothing, type Content } from './content';

/** How a file system keeps its promises: `vfat` has no owners, links or attributes, and `btrfs` cannot be written by a boot loader (host.md 5.3.2). */
export type FilesystemType = 'ext4' | 'btrfs' | 'xfs' | 'vfat';
export interface Filesystem {
  readonly id: number;
  readonly type: FilesystemType;
  readonly at: string;
  readonly root: number;
}

export interface Attributes {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Extended attributes as text, `security.selinux` among them. */
  readonly xattrs: Readonly<Record<string, string>>;
}

/** One file, folder or symbolic link, with what of it has reached the disk. */
export interface Inode {
  readonly id: number;
  readonly filesystem: number;
  readonly kind: 'file' | 'folder' | 'link';
  readonly links: number;
  readonly attributes: Attributes;
  readonly content: Content;
  readonly target: string;
  readonly entries: ReadonlyMap<string, number>;
  /** What an `fsync` or a checkpoint last put on the disk; null while nothing of it was. */
  readonly flushed: { readonly content: Content; readonly attributes: Attributes } | null;
}

/** One change of folder entries that is in force, but may be lost: `committed` once a flush put it in the journal. */
export interface EntryChange {
  readonly entries: readonly { readonly folder: number; readonly name: string; readonly inode: number | null }[];
  committed: boolean;
}

/** Files in memory. `inodes` of a fork are shared until one of them is changed. */
export interface Disk {
  readonly shared: ReadonlyMap<number, Inode>;
  readonly own: Map<number, Inode>;
  readonly filesystems: Filesystem[];
  /** Folder covered by a mount -> root of the file system mounted there. */
  readonly mounts: Map<number, number>;
  /** Since the last time everything was in its final place: entry changes oldest first, and the folders as they were then. */
  changes: EntryChange[];
  /** So many changes from the first on are committed; some later ones may be, too. */
  committed: number;
  readonly inPlace: Map<number, ReadonlyMap<string, number>>;
  /** Inodes whose content or attributes have not all been flushed. */
  readonly dirty: Set<number>;
  /** Files made since the file system was last written back: their inodes are in the journal only, whatever fsync said. */
  readonly away: Set<number>;
  next: number;
}

export class DiskError extends Error {
  readonly code: string;
  constructor(code: string, place: string) {
    super(`${code}: ${place}`);
    this.code = code;
  }
}

const rootAttributes = (mode: number): Attributes => ({ mode, uid: 0, gid: 0, xattrs: {} });
const empty: ReadonlyMap<string, number> = new Map();

/** An empty root file system. */
export function makeDisk(type: FilesystemType): Disk {
  const disk: Disk = { shared: new Map(), own: new Map(), filesystems: [], mounts: new Map(), changes: [], committed: 0, inPlace: new Map(), dirty: new Set(), away: new Set(), next: 2 };
  addFilesystem(disk, type, '/');
  return disk;
}

function addFilesystem(disk: Disk, type: FilesystemType, at: string): number {
  const filesystem = disk.filesystems.length + 1;
  const root = disk.next++;
  disk.filesystems.push({ id: filesystem, type, at, root });
  disk.own.set(root, { id: root, filesystem, kind: 'folder', links: 2, attributes: rootAttributes(0o755), content: nothing, target: '', entries: empty, flushed: null });
  return root;
}

/** Puts a new file system over an existing folder. */
export function mountAt(disk: Disk, folder: number, how: { type: FilesystemType; at: string }): void {
  disk.mounts.set(folder, addFilesystem(disk, how.type, how.at));
}

/** A disk that starts as this one and shares every inode neither has changed. */
export function forkDisk(disk: Disk): Disk {
  const shared = disk.own.size === 0 ? disk.shared : merged(disk.shared, disk.own);
  return { ...disk, shared, own: new Map(), filesystems: [...disk.filesystems], mounts: new Map(disk.mounts), changes: disk.changes.map((change) => ({ ...change })), inPlace: new Map(disk.inPlace), dirty: new Set(disk.dirty), away: new Set(disk.away) };
}

function merged(shared: Disk['shared'], own: Disk['own']): Disk['shared'] {
  const all = new Map(shared);
  for (const [id, inode] of own) all.set(id, inode);
  return all;
}

export const rootOf = (disk: Disk): number => disk.filesystems[0]?.root ?? 0;
export const filesystemOf = (disk: Disk, inode: Inode): Filesystem | undefined => disk.filesystems[inode.filesystem - 1];

/** The inode of a number; a number nobody has is a bug of the rehearsal. */
export function inodeOf(disk: Disk, id: number): Inode {
  const inode = disk.own.get(id) ?? disk.shared.get(id);
  if (inode === undefined) throw new Error(`no inode ${id}`);
  return inode;
}

/** What a folder holds under a name, through a mount if one covers it. */
export function childOf(disk: Disk, folder: Inode, name: string): Inode | null {
  const id = folder.entries.get(name);
  if (id === undefined) return null;
  return inodeOf(disk, disk.mounts.get(id) ?? id);
}

export function change(disk: Disk, inode: Inode, to: Partial<Inode>): Inode {
  const changed = { ...inode, ...to };
  disk.own.set(inode.id, changed);
  disk.dirty.add(inode.id);
  return changed;
}

/** Makes a file, folder or symbolic link that did not exist. */
export function create(disk: Disk, parent: Inode, name: string, what: { kind: Inode['kind']; mode: number; target?: string; uid?: number }): Inode {
  if (parent.entries.has(name)) throw new DiskError('EEXIST', name);
  const vfat = filesystemOf(disk, parent)?.type === 'vfat';
  if (vfat && what.kind === 'link') throw new DiskError('EPERM', name);
  const id = disk.next++;
  const inode: Inode = {
    id,
    filesystem: parent.filesystem,
    kind: what.kind,
    links: 1,
    attributes: { ...rootAttributes(vfat ? 0o755 : what.mode), uid: vfat ? 0 : (what.uid ?? 0) },
    content: nothing,
    target: what.target ?? '',
    entries: empty,
    flushed: null,
  };
  disk.own.set(id, inode);
  disk.dirty.add(id);
  if (what.kind === 'file') disk.away.add(id);
  setEntries(disk, [{ folder: parent.id, name, inode: id }]);
  return inode;
}

/** Puts `content` in the place of a file's whole content, in place: what a careless writer does. */
export function overwrite(disk: Disk, file: Inode, content: Content): Inode {
  return change(disk, file, { content });
}

export function append(disk: Disk, file: Inode, text: string | Uint8Array): Inode {
  return change(disk, file, { content: joined(file.content, contentOf(text)) });
}

/** Owner, mode and extended attributes; a FAT file system has none to give. */
export function setAttributes(disk: Disk, inode: Inode, to: Partial<Attributes>): Inode {
  if (filesystemOf(disk, inode)?.type === 'vfat') return inode;
  return change(disk, inode, { attributes: { ...inode.attributes, ...to } });
}

/** A second name for a file, in the same file system. */
export function link(disk: Disk, file: Inode, parent: Inode, name: string): void {
  if (file.filesystem !== parent.filesystem) throw new DiskError('EXDEV', name);
  if (filesystemOf(disk, file)?.type === 'vfat') throw new DiskError('EPERM', name);
  if (parent.entries.has(name)) throw new DiskError('EEXIST', name);
  change(disk, file, { links: file.links + 1 });
  setEntries(disk, [{ folder: parent.id, name, inode: file.id }]);
}

/** Moves a name over another in one change: everybody sees the old or the new, never neither. */
export function rename(disk: Disk, from: { parent: Inode; name: string }, to: { parent: Inode; name: string }): void {
  const moved = from.parent.entries.get(from.name);
  if (moved === undefined) throw new DiskError('ENOENT', from.name);
  if (from.parent.filesystem !== to.parent.filesystem || disk.mounts.has(moved)) throw new DiskError('EXDEV', to.name);
  const over = to.parent.entries.get(to.name);
  if (over === moved) return;
  if (over !== undefined) dropName(disk, inodeOf(disk, over), inodeOf(disk, moved).kind === 'folder' ? 'folder' : 'name');
  setEntries(disk, [
    { folder: from.parent.id, name: from.name, inode: null },
    { folder: to.parent.id, name: to.name, inode: moved },
  ]);
}

/** Takes a name away; the file goes with its last name. */
export function unlink(disk: Disk, parent: Inode, name: string): void {
  const id = parent.entries.get(name);
  if (id === undefined) throw new DiskError('ENOENT', name);
  dropName(disk, inodeOf(disk, id), 'name');
  setEntries(disk, [{ folder: parent.id, name, inode: null }]);
}

export function removeFolder(disk: Disk, parent: Inode, name: string): void {
  const id = parent.entries.get(name);
  if (id === undefined) throw new DiskError('ENOENT', name);
  if (disk.mounts.has(id)) throw new DiskError('EBUSY', name);
  dropName(disk, inodeOf(disk, id), 'folder');
  setEntries(disk, [{ folder: parent.id, name, inode: null }]);
}

function dropName(disk: Disk, inode: Inode, as: 'name' | 'folder'): void {
  if (as === 'name' && inode.kind === 'folder') throw new DiskError('EISDIR', String(inode.id));
  if (as === 'folder' && inode.kind !== 'folder') throw new DiskError('ENOTDIR', String(inode.id));
  if (inode.kind === 'folder' && inode.entries.size > 0) throw new DiskError('ENOTEMPTY', String(inode.id));
  change(disk, inode, { links: inode.links - 1 });
}

function setEntries(disk: Disk, entries: EntryChange['entries']): void {
  for (const { folder, name, inode } of entries) {
    const before = inodeOf(disk, folder);
    if (!disk.inPlace.has(folder)) disk.inPlace.set(folder, before.entries);
    const after = new Map(before.entries);
    if (inode === null) after.delete(name);
    else after.set(name, inode);
    change(disk, before, { entries: after });
  }
  disk.changes.push({ entries, committed: false });
}
