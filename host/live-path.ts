// SPDX-License-Identifier: GPL-3.0-or-later
import { constants, lstatSync, openSync, readlinkSync, realpathSync } from 'node:fs';

/** Turns a path of the machine into a path of this process. All of them throw errno errors as node:fs does. */
export interface Eyes {
  /** Opens the file, following links inside the machine only. */
  open(path: string, flags: number): number;
  /** The folder itself, every link resolved. */
  folder(path: string): string;
  /** The thing itself; a link in the last place is not followed. */
  place(path: string): string;
  /** What a link in the last place leads to; a magic link of /proc is left to the kernel. */
  followed(path: string): string;
  /** The path in the machine with every link resolved. */
  real(path: string): string;
}

/** Eyes on the machine below `root`: the kernel resolves for `/`; for a recorded tree we do, so that no link leads out. */
export function eyes(root: string): Eyes {
  if (root === '/') {
    const same = (path: string): string => path;
    return { open: openSync, folder: same, place: same, followed: same, real: (path) => realpathSync.native(path) };
  }
  return insideOf(root.replace(/\/+$/, ''));
}

const mostLinks = 40;

const errno = (code: 'ELOOP' | 'ENOENT'): Error => Object.assign(new Error(code), { code });

/** A recorded tree holds still, so a folder once resolved stays resolved; that keeps ten thousand functions cheap. */
function insideOf(root: string): Eyes {
  const folders = new Map<string, string>([
    ['', ''],
    ['/', ''],
  ]);

  function resolve(path: string, links = 0): string {
    if (links > mostLinks) throw errno('ELOOP');
    const slash = path.lastIndexOf('/');
    const name = path.slice(slash + 1);
    const parent = slash <= 0 ? '' : folder(path.slice(0, slash), links);
    if (name === '' || name === '.') return parent;
    if (name === '..') return parent.slice(0, Math.max(0, parent.lastIndexOf('/')));
    const here = `${parent}/${name}`;
    if (!lstatSync(root + here).isSymbolicLink()) return here;
    const target = readlinkSync(root + here);
    return resolve(target.startsWith('/') ? target : `${parent}/${target}`, links + 1);
  }

  function folder(path: string, links = 0): string {
    const known = folders.get(path);
    if (known !== undefined) return known;
    const found = resolve(path, links);
    folders.set(path, found);
    return found;
  }

  function place(path: string): string {
    const slash = path.lastIndexOf('/');
    return `${root}${folder(path.slice(0, Math.max(0, slash)))}/${path.slice(slash + 1)}`;
  }

  function open(path: string, flags: number): number {
    try {
      return openSync(place(path), flags | constants.O_NOFOLLOW);
    } catch (error) {
      if (!isLink(error)) throw error;
      return openSync(root + resolve(path), flags | constants.O_NOFOLLOW);
    }
  }

  return {
    open,
    folder: (path) => root + folder(path),
    place,
    followed: (path) => root + resolve(path),
    real: (path) => resolve(path) || '/',
  };
}

const isLink = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ELOOP';
