// SPDX-License-Identifier: GPL-3.0-or-later
import { contentOf, headOf, nothing, sameContent, type Content } from './content';
import { forkDisk, inodeOf, type Disk, type EntryChange, type Inode } from './disk';
import type { Random } from './random';

/** What a power cut leaves: `disk` as the kernel finds it after replaying the journal, `loader` as a reader without the journal finds it before. */
export interface Remains {
  readonly disk: Disk;
  readonly loader: Disk;
}

/**
 * Power goes. What was flushed survives; of the rest a seed chooses, within what a journaling file system allows:
 * changes of one folder's entries survive as a prefix in their order, a rename is whole or not at all, and a file's
 * bytes are old, new, empty, or cut short, whatever became of its name. Nothing else may be assumed (host.md 9.1, lab/README 11).
 */
export function cutPower(disk: Disk, random: Random): Remains {
  const survivors = survivingChanges(disk.changes, random);
  const after = settle(disk, survivors, random);
  const early = random.below(survivors.length + 1);
  const loader = settleEntries(disk, survivors.slice(0, early));
  const reachable = new Set([...after.own.values(), ...after.shared.values()].flatMap((inode) => [...inode.entries.values()]));
  for (const [id, inode] of [...loader.shared, ...loader.own]) {
    if (inode.kind !== 'file') continue;
    // A file nobody names any more has given its blocks back: a reader that still finds its old name reads whatever is there now.
    if (!reachable.has(id)) loader.own.set(id, { ...inode, content: random.chance(0.5) ? contentOf('\u0000\u0001garbage') : inode.content });
    // A name may be in place while the new inode it leads to is still in the journal only.
    else loader.own.set(id, disk.away.has(id) && random.chance(0.5) ? { ...inode, content: nothing } : inodeOf(after, id));
  }
  return { disk: after, loader };
}

function survivingChanges(changes: readonly EntryChange[], random: Random): EntryChange[] {
  const cut = new Set<number>();
  const eager = random.chance(0.3) ? 0 : random.chance(0.5) ? 1 : 0.7;
  return changes.filter((one) => {
    if (one.committed) return true;
    const kept = !one.entries.some((entry) => cut.has(entry.folder)) && random.chance(eager);
    if (!kept) for (const entry of one.entries) cut.add(entry.folder);
    return kept;
  });
}

function settleEntries(disk: Disk, survivors: readonly EntryChange[]): Disk {
  const settled = forkDisk(disk);
  for (const [folder, entries] of disk.inPlace) settled.own.set(folder, { ...inodeOf(disk, folder), entries });
  for (const one of survivors) {
    for (const { folder, name, inode } of one.entries) {
      const before = inodeOf(settled, folder);
      const entries = new Map(before.entries);
      if (inode === null) entries.delete(name);
      else entries.set(name, inode);
      settled.own.set(folder, { ...before, entries });
    }
  }
  settled.changes = [];
  settled.committed = 0;
  settled.inPlace.clear();
  settled.away.clear();
  return settled;
}

function settle(disk: Disk, survivors: readonly EntryChange[], random: Random): Disk {
  const settled = settleEntries(disk, survivors);
  for (const id of disk.dirty) {
    const inode = inodeOf(settled, id);
    const content = inode.kind === 'file' ? remainsOf(inode, random) : inode.content;
    const attributes = inode.flushed !== null && random.chance(0.5) ? inode.flushed.attributes : inode.attributes;
    settled.own.set(id, { ...inode, content, attributes, flushed: { content, attributes } });
  }
  settled.dirty.clear();
  countLinks(settled);
  return settled;
}

/** What is left of a file whose last bytes were never flushed. */
function remainsOf(file: Inode, random: Random): Content {
  const flushed = file.flushed?.content ?? nothing;
  if (sameContent(flushed, file.content)) return file.content;
  const grown = file.content.bytes.length > flushed.bytes.length && sameContent(headOf(file.content, flushed.bytes.length), flushed);
  const least = grown ? flushed.bytes.length : 0;
  switch (random.below(4)) {
    case 0:
      return flushed;
    case 1:
      return file.content;
    case 2:
      return headOf(file.content, least);
    default:
      return headOf(file.content, least + random.below(file.content.bytes.length - least + 1));
  }
}

function countLinks(disk: Disk): void {
  const links = new Map<number, number>();
  const folders = [...new Set([...disk.shared.keys(), ...disk.own.keys()])].map((id) => inodeOf(disk, id)).filter((inode) => inode.kind === 'folder');
  for (const folder of folders) for (const id of folder.entries.values()) links.set(id, (links.get(id) ?? 0) + 1);
  for (const [id, count] of links) {
    const inode = inodeOf(disk, id);
    if (inode.kind !== 'folder' && inode.links !== count) disk.own.set(id, { ...inode, links: count });
  }
}
