// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok, type Result } from '../contract/problem';
import { libvirtFolder } from '../core/read/vm-places';
import { mayWrite } from '../helper/territory';
import { distrust as distrustOf, isOfService } from '../helper/walk';
import { DiskError, type Inode } from './disk';
import { walk, type Spot } from './walk';
import type { World } from './world';

export const done: Result<void> = ok(undefined);
export const place = (why: string, path: string): Result<never> => failed('precondition-failed', { why, place: path });

/** Walks without links through folders that only root may change, as helper/walk.ts does on a real machine. */
export function trusted<T>(world: World, path: string, work: (spot: Spot) => Result<T>): Result<T> {
  if (!isPlainPath(path)) return place('name', path);
  const spot = walk({ disk: world.disk, computed: world.computed }, path, 'last');
  if ('lost' in spot) return place(lostWhys[spot.lost], path);
  const depth = isOfService(path) ? libvirtDepth : Infinity;
  for (const [index, folder] of spot.way.entries()) {
    const why = distrust(folder, index > depth);
    if (why !== null) return place(why, path);
  }
  try {
    return work(spot);
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    const why = refusals[error.code];
    return why === undefined ? failed('step-failed', { why: error.code, place: path }) : place(why, path);
  }
}

const plain = new Set<string>();
function isPlainPath(path: string): boolean {
  if (plain.has(path)) return true;
  if (!/^(?:\/[A-Za-z0-9@_+.:~-]{1,255})+$/.test(path) || /\/\.\.?(?:\/|$)/.test(path)) return false;
  if (plain.size > 50_000) plain.clear();
  plain.add(path);
  return true;
}

const lostWhys = { ELOOP: 'link', ENOTDIR: 'not-folder', ENOENT: 'absent' } as const;
const refusals: Readonly<Record<string, string>> = { ENOENT: 'absent', EEXIST: 'exists', ENOTDIR: 'not-folder', EISDIR: 'not-regular' };

/** The same, where root's hands may write at all. */
export const changing = <T>(world: World, path: string, work: (spot: Spot) => Result<T>): Result<T> => (mayWrite(path) ? trusted(world, path, work) : place('not-ours', path));

export const distrust = (inode: Inode, ofService = false): 'owner' | 'writable' | null => distrustOf(inode.attributes, ofService);
/** Folders down to libvirt's own are root's, the first of them the root of all. */
const libvirtDepth = libvirtFolder.split('/').length - 1;

/** What makes an entry nothing that root reads or writes as a file of its own; null when it is one, or absent. */
export function oddity(spot: Spot): string | null {
  if (spot.thing === null) return null;
  if (spot.thing.on === 'kernel') return 'not-regular';
  const { inode } = spot.thing;
  if (inode.kind === 'link') return 'link';
  return inode.kind === 'file' ? distrust(inode, isOfService(spot.path)) : 'not-regular';
}

export function regular<T>(path: string, spot: Spot, work: (inode: Inode | null) => Result<T>): Result<T> {
  const odd = oddity(spot);
  return odd === null ? work(spot.thing?.on === 'disk' ? spot.thing.inode : null) : place(odd, path);
}

/** A regular file's inode given to `work`; null when nothing is there. */
export function looked<T>(world: World, path: string, work: (inode: Inode) => Result<T>): Result<T | null> {
  const seen = trusted<T | null>(world, path, (spot) => regular(path, spot, (inode) => (inode === null ? ok(null) : work(inode))));
  return !seen.ok && seen.problem.detail['why'] === 'absent' ? ok(null) : seen;
}

/** Two names in one folder. */
export function pair(world: World, names: { readonly from: string; readonly to: string }, work: (from: Spot, to: Spot) => Result<void>): Result<void> {
  const { from, to } = names;
  if (from.slice(0, from.lastIndexOf('/')) !== to.slice(0, to.lastIndexOf('/'))) return place('other-folder', to);
  return changing(world, to, (target) => changing(world, from, (source) => regular(from, source, (inode) => (inode === null ? place('absent', from) : work(source, target)))));
}
