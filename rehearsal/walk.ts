// SPDX-License-Identifier: GPL-3.0-or-later
import { childOf, inodeOf, rootOf, type Disk, type Inode } from './disk';
import type { View } from './view';

/** What a path leads to: an inode of the disk, or something the kernel computes. */
export type Thing = { readonly on: 'disk'; readonly inode: Inode } | { readonly on: 'kernel'; readonly view: View };

/** A path walked to its end. `parent` is the folder on disk that holds the last name; `thing` null: no such name there. */
export interface Spot {
  readonly path: string;
  readonly name: string;
  readonly parent: Inode | null;
  readonly thing: Thing | null;
  /** Folders on disk on the way, the root first. */
  readonly way: readonly Inode[];
}
export type Lost = { readonly lost: 'ENOENT' | 'ENOTDIR' | 'ELOOP' };

/** The trees a path can lead through; `computed` are those the kernel lays over folders of the disk, by path. */
export interface Trees {
  readonly disk: Disk;
  readonly computed: ReadonlyMap<string, View>;
}

const mostLinks = 40;

/** Walks an absolute path. `links`: follow all, follow all but the last, or allow none on the way (`none`). */
export function walk(trees: Trees, path: string, links: 'follow' | 'stop' | 'none'): Spot | Lost {
  return walkFrom(trees, { parts: partsOf(path), links, left: mostLinks });
}

const partsOf = (path: string): readonly string[] => path.split('/').filter((part) => part !== '' && part !== '.');

interface Way {
  readonly parts: readonly string[];
  readonly links: 'follow' | 'stop' | 'none';
  readonly left: number;
}

function walkFrom(trees: Trees, { parts, links, left }: Way): Spot | Lost {
  if (left === 0) return { lost: 'ELOOP' };
  const root: Thing = { on: 'disk', inode: inodeOf(trees.disk, rootOf(trees.disk)) };
  const stack: { path: string; thing: Thing }[] = [{ path: '', thing: root }];
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index] ?? '';
    const here = stack.at(-1) ?? { path: '', thing: root };
    if (part === '..') {
      if (stack.length > 1) stack.pop();
      continue;
    }
    const last = index === parts.length - 1;
    const child = childThing(trees, here, part);
    if (child === 'ENOTDIR') return { lost: 'ENOTDIR' };
    const path = `${here.path}/${part}`;
    if (child === null) {
      if (!last) return { lost: 'ENOENT' };
      return { path, name: part, parent: here.thing.on === 'disk' ? here.thing.inode : null, thing: null, way: wayOf(stack) };
    }
    const target = targetOf(child);
    if (target !== null && !(last && links !== 'follow')) {
      if (links === 'none') return { lost: 'ELOOP' };
      const from = target.startsWith('/') ? [] : partsOf(here.path);
      return walkFrom(trees, { parts: [...from, ...partsOf(target), ...parts.slice(index + 1)], links, left: left - 1 });
    }
    stack.push({ path, thing: child });
  }
  const end = stack.at(-1) ?? { path: '', thing: root };
  const above = stack.at(-2)?.thing;
  return { path: end.path === '' ? '/' : end.path, name: end.path.slice(end.path.lastIndexOf('/') + 1), parent: above?.on === 'disk' ? above.inode : null, thing: end.thing, way: wayOf(stack.slice(0, -1)) };
}

const wayOf = (stack: readonly { thing: Thing }[]): readonly Inode[] => stack.flatMap(({ thing }) => (thing.on === 'disk' ? [thing.inode] : []));
const targetOf = (thing: Thing): string | null =>
  thing.on === 'disk' ? (thing.inode.kind === 'link' ? thing.inode.target : null) : thing.view.kind === 'link' ? thing.view.target : null;

function childThing(trees: Trees, here: { path: string; thing: Thing }, name: string): Thing | null | 'ENOTDIR' {
  const over = trees.computed.get(`${here.path}/${name}`);
  if (over !== undefined) return { on: 'kernel', view: over };
  if (here.thing.on === 'kernel') {
    if (here.thing.view.kind !== 'folder') return 'ENOTDIR';
    const view = here.thing.view.get(name);
    return view === null ? null : { on: 'kernel', view };
  }
  if (here.thing.inode.kind !== 'folder') return 'ENOTDIR';
  const inode = childOf(trees.disk, here.thing.inode, name);
  return inode === null ? null : { on: 'disk', inode };
}
