// SPDX-License-Identifier: GPL-3.0-or-later
import { inodeOf, type Disk, type Inode } from './disk';

/**
 * `fsync` of a file: its bytes and attributes are safe. Its *name* is not: that is the folder's to flush
 * (what an application must assume of any journaling file system, whatever ext4 happens to do).
 */
export function flushFile(disk: Disk, file: Inode): void {
  disk.own.set(file.id, { ...file, flushed: { content: file.content, attributes: file.attributes } });
  disk.dirty.delete(file.id);
}

/** `fsync` of a folder: its entries are in the journal, and with them every earlier change of entries in those folders. */
export function flushFolder(disk: Disk, folder: Inode): void {
  const wanted = new Set([folder.id]);
  // Backwards: a rename between two folders drags the other folder's earlier changes along, for it is one change.
  for (let index = disk.changes.length - 1; index >= disk.committed; index--) {
    const one = disk.changes[index];
    if (one === undefined || one.committed || !one.entries.some((entry) => wanted.has(entry.folder))) continue;
    one.committed = true;
    for (const entry of one.entries) wanted.add(entry.folder);
  }
  while (disk.changes[disk.committed]?.committed === true) disk.committed += 1;
  flushFile(disk, inodeOf(disk, folder.id));
}

/** `sync`: every name is in the journal or in place, every inode in place (claim written-back); the journal need not be empty. */
export function flushAll(disk: Disk): void {
  for (const one of disk.changes) one.committed = true;
  disk.committed = disk.changes.length;
  for (const id of [...disk.dirty]) flushFile(disk, inodeOf(disk, id));
  disk.away.clear();
}

/** `fsfreeze`, or an unmount: the journal of these file systems is empty and a reader without it sees everything. */
export function checkpoint(disk: Disk, filesystem?: number): void {
  for (const id of [...disk.dirty]) {
    const inode = inodeOf(disk, id);
    if (filesystem === undefined || inode.filesystem === filesystem) flushFile(disk, inode);
  }
  for (const id of [...disk.away]) if (filesystem === undefined || inodeOf(disk, id).filesystem === filesystem) disk.away.delete(id);
  const stays = (folder: number) => filesystem !== undefined && inodeOf(disk, folder).filesystem !== filesystem;
  disk.changes = filesystem === undefined ? [] : disk.changes.filter((one) => one.entries.some((entry) => stays(entry.folder)));
  disk.committed = 0;
  for (const folder of [...disk.inPlace.keys()]) if (filesystem === undefined || !stays(folder)) disk.inPlace.delete(folder);
}
