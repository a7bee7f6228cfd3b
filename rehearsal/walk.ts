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

/** The trees a path can lead through; `computed` are those the kernel lays over folders of the root, by path. */
export interface Trees {
  readonly disk: Disk;
  readonly computed: ReadonlyMap<string, View>;
}

const mostLinks = 40;

/** Which links a walk follows: all, all but one at the end, or none at all (`last`: one at the end is where it arrives). */
export type Links = 'follow' | 'stop' | 'last';

/** Walks an absolute path. */
export function walk(trees: Trees, path: string, links: Links): Spot | Lost {
  const parts = partsOf(path);
  return walkPlainly(trees, parts, links) ?? walkFrom(trees, { parts, links, left: mostLinks });
}

const split = new Map<string, readonly string[]>();
/** The same few hundred paths are walked again and again. */
function partsOf(path: string): readonly string[] {
  let parts = split.get(path);
  if (parts === undefined) {
    parts = path.split('/').filter((part) => part !== '' && part !== '.');
    if (split.size > 50_000) split.clear();
    split.set(path, parts);
  }
  return parts;
}

/** The common way: on the disk, no link to follow, no `..`. Null: it must be walked with care. */
function walkPlainly({ disk, computed }: Trees, parts: readonly string[], links: Links): Spot | Lost | null {
  let here = inodeOf(disk, rootOf(disk));
  const way: Inode[] = [];
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index] ?? '';
    if (leadsAside(computed, part, index)) return null;
    if (here.kind !== 'folder') return { lost: 'ENOTDIR' };
    way.push(here);
    const last = index === parts.length - 1;
    const child = childOf(disk, here, part);
    if (child === null) return last ? { path: `/${parts.join('/')}`, name: part, parent: here, thing: null, way } : { lost: 'ENOENT' };
    if (child.kind === 'link' && (links === 'follow' || !last)) return links === 'last' ? { lost: 'ELOOP' } : null;
    here = child;
  }
  return arrived(parts, way, here);
}

const leadsAside = (computed: Trees['computed'], part: string, index: number): boolean => part === '..' || (index === 0 && computed.has(`/${part}`));
const arrived = (parts: readonly string[], way: readonly Inode[], inode: Inode): Spot => ({ path: `/${parts.join('/')}`, name: parts.at(-1) ?? '', parent: way.at(-1) ?? null, thing: { on: 'disk', inode }, way });

interface Way {
  readonly parts: readonly string[];
  readonly links: Links;
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
  if (child === null) return last ? missing(here, stack, path) : { lost: 'ENOENT' };
  const target = targetOf(child);
  if (target !== null && !last && way.links === 'last') return { lost: 'ELOOP' };
  if (target === null || (last && way.links !== 'follow')) {
    stack.push({ path, thing: child });
    return null;
  }
  const from = target.startsWith('/') ? [] : partsOf(here.path);
  return walkFrom(trees, { parts: [...from, ...partsOf(target), ...way.parts.slice(index + 1)], links: way.links, left: way.left - 1 });
}

const missing = (here: { thing: Thing }, stack: Stack, path: string): Spot => ({ path, name: path.slice(path.lastIndexOf('/') + 1), parent: here.thing.on === 'disk' ? here.thing.inode : null, thing: null, way: wayOf(stack) });

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
  const over = here.path === '' ? trees.computed.get(`/${name}`) : undefined;
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
