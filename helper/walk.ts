// SPDX-License-Identifier: GPL-3.0-or-later
import { closeSync, constants, fstatSync, lstatSync, openSync, type Stats } from 'node:fs';
import { failed, ok, type Result } from '../contract/problem';
import { libvirtFolder } from '../core/read/vm-places';

/** A name in a folder that is held open; `at` reaches it without any further link on the way. */
export interface Spot {
  readonly folder: number;
  readonly name: string;
  readonly at: string;
  /** In a folder below libvirt's. */
  readonly ofService: boolean;
}

const openFolder = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const openFile = constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;
const longestPath = 512;

const isPlain = (path: string): boolean => /^(?:\/[A-Za-z0-9@_+.:~-]{1,255})+$/.test(path) && path.length <= longestPath && !path.split('/').some((part) => part === '.' || part === '..');

/**
 * Opens every folder of a path one after the other, none through a link, each root-owned and writable by nobody else,
 * and hands the last one over. Node has no openat: /proc/self/fd/N/name is one (proc(5)).
 */
export function inFolderOf<T>(root: string, path: string, work: (spot: Spot) => Result<T>): Result<T> {
  if (!isPlain(path)) return failed('precondition-failed', { why: 'name' });
  const parts = path.slice(1).split('/');
  const name = parts.pop() ?? '';
  const folders: number[] = [];
  return guarded(path, () => {
    try {
      let folder = openTrusted(root, folders, false);
      for (const [index, part] of parts.entries()) {
        if (typeof folder !== 'number') break;
        folder = openTrusted(`/proc/self/fd/${folder}/${part}`, folders, isOfService(`/${parts.slice(0, index + 1).join('/')}`));
      }
      if (typeof folder !== 'number') return failed('precondition-failed', { why: folder, place: path });
      return work({ folder, name, at: `/proc/self/fd/${folder}/${name}`, ofService: isOfService(path) });
    } finally {
      for (const folder of folders) closeSync(folder);
    }
  });
}

function openTrusted(path: string, folders: number[], ofService: boolean): number | string {
  const folder = openSync(path, openFolder);
  folders.push(folder);
  return distrust(fstatSync(folder), ofService) ?? folder;
}

type Owned = Pick<Stats, 'uid' | 'mode'>;

/** Why root must not believe what is here; null when it may. `ofService`: an account that no person logs in to may own it. */
export function distrust({ uid, mode }: Owned, ofService = false): 'owner' | 'writable' | null {
  if (uid !== 0 && !(ofService && isService(uid))) return 'owner';
  return (mode & 0o022) === 0 ? null : 'writable';
}

/** Numbers of system accounts and those the distribution gives out (Debian policy 9.2.2: libvirt-qemu is 64055); people are between. */
const isService = (uid: number): boolean => uid < 1000 || (uid >= 60_000 && uid < 65_534);

/**
 * Below libvirt's folder: given to the accounts QEMU and swtpm run as. Nothing there is believed. Every folder is held
 * open without following a link, a file must have one name only, no program is led there by a path, and what is put back
 * there gives its owner nothing they could not write themselves.
 */
export const isOfService = (path: string): boolean => path.startsWith(`${libvirtFolder}/`);

/** Opens a regular file of root's and hands it over; never waits on a FIFO, never wakes a device, never follows a link. */
export function withFile<T>(spot: Spot, flags: number, work: (file: number, stat: Stats) => Result<T>): Result<T> {
  const seen = oddity(lstatSync(spot.at), spot.ofService);
  if (seen !== null) return failed('precondition-failed', { why: seen, place: spot.name });
  const file = openSync(spot.at, flags | openFile);
  try {
    const stat = fstatSync(file);
    const odd = oddity(stat, spot.ofService);
    return odd === null ? work(file, stat) : failed('precondition-failed', { why: odd, place: spot.name });
  } finally {
    closeSync(file);
  }
}

/** What makes an entry nothing that we read or write as a file of root's. */
export function oddity(stat: Stats, ofService = false): 'link' | 'not-regular' | 'owner' | 'writable' | null {
  if (stat.isSymbolicLink()) return 'link';
  if (!stat.isFile()) return 'not-regular';
  // Somebody who owns a folder may have given a file of another's a second name in it.
  return ofService && stat.nlink !== 1 ? 'link' : distrust(stat, ofService);
}

export const lookAt = (spot: Spot): Stats | null => lstatSync(spot.at, { throwIfNoEntry: false }) ?? null;

/** The one boundary where an errno becomes a Result; anything else is a bug and goes on. */
export function guarded<T>(place: string, work: () => Result<T>): Result<T> {
  try {
    return work();
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === null) throw error;
    const why = refusals[errno];
    return why === undefined ? failed('step-failed', { why: errno, place }) : failed('precondition-failed', { why, place });
  }
}

const refusals: Readonly<Record<string, string>> = { ENOENT: 'absent', EEXIST: 'exists', ELOOP: 'link', ENOTDIR: 'not-folder', EISDIR: 'not-regular', ENXIO: 'not-regular' };

export const errnoOf = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && /^E[A-Z0-9]+$/.test(error.code) ? error.code : null;

export const done: Result<void> = ok(undefined);
