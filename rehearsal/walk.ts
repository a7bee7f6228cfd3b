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

type Stack = { path: string; thing: Thing }[];

function walkFrom(trees: Trees, way: Way): Spot | Lost {
  if (way.left === 0) return { lost: 'ELOOP' };
  const root = { path: '', thing: { on: 'disk', inode: inodeOf(trees.disk, rootOf(trees.disk)) } as const };
  const stack: Stack = [root];
  for (let index = 0; index < way.parts.length; index++) {
    const end = advance(trees, { stack, way, index });
    if (end !== null) return end;
  }
  const end = stack.at(-1) ?? root;
  const above = stack.at(-2)?.thing;
  return { path: end.path === '' ? '/' : end.path, name: end.path.slice(end.path.lastIndexOf('/') + 1), parent: above?.on === 'disk' ? above.inode : null, thing: end.thing, way: wayOf(stack.slice(0, -1)) };
}

/** One name further; an answer when the walk is over there. */
function advance(trees: Trees, { stack, way, index }: { stack: Stack; way: Way; index: number }): Spot | Lost | null {
  const part = way.parts[index] ?? '';
  const here = stack.at(-1);
  if (here === undefined) return { lost: 'ENOENT' };
  if (part === '..') return upwards(stack);
  const last = index === way.parts.length - 1;
  const child = childThing(trees, here, part);
  if (child === 'ENOTDIR') return { lost: 'ENOTDIR' };
  const path = `${here.path}/${part}`;
  if (child === null) return last ? { path, name: part, parent: here.thing.on === 'disk' ? here.thing.inode : null, thing: null, way: wayOf(stack) } : { lost: 'ENOENT' };
  const target = targetOf(child);
  if (target !== null && way.links === 'none') return { lost: 'ELOOP' };
  if (target === null || (last && way.links === 'stop')) {
    stack.push({ path, thing: child });
    return null;
  }
  const from = target.startsWith('/') ? [] : partsOf(here.path);
  return walkFrom(trees, { parts: [...from, ...partsOf(target), ...way.parts.slice(index + 1)], links: way.links, left: way.left - 1 });
}

/** `..` of the root is the root. */
function upwards(stack: Stack): null {
  if (stack.length > 1) stack.pop();
  return null;
}

const wayOf = (stack: readonly { thing: Thing }[]): readonly Inode[] => stack.flatMap(({ thing }) => (thing.on === 'disk' ? [thing.inode] : []));
/** Where a symbolic link leads; null for anything else. */
export const targetOf = (thing: Thing): string | null =>
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
