// SPDX-License-Identifier: GPL-3.0-or-later
import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  readdirSync,
  readlinkSync,
  readSync,
  statSync,
  type Stats,
} from 'node:fs';
import type { Look, Machine, Stat } from './machine';
import { eyes, type Eyes } from './live-path';
import { runLook } from './run';

const usualLimit = 1 << 20;
const chunk = Buffer.allocUnsafe(1 << 16);

/** The machine this process runs on, or (with another root) a recorded tree whose links never lead out of it. */
export function liveMachine(root = '/'): Machine {
  const at = eyes(root);
  return {
    bytes: (path, limit = usualLimit) => readFile<Uint8Array>(at, path, limit, copied),
    text: (path, limit = usualLimit) => readFile(at, path, limit, decoded),
    names: (path) => see(() => readdirSync(at.folder(path))),
    target: (path) => see(() => readlinkSync(at.place(path))),
    real: (path) => see(() => at.real(path)),
    stat: (path, links) =>
      see(() => asStat(links === 'follow' ? statSync(at.followed(path)) : lstatSync(at.place(path)))),
    may: (path, how) => mayOpen(at, path, how),
    run: (program) => (root === '/' ? runLook(program) : { at: 'absent' }),
    uid: process.getuid?.() ?? -1,
    env: root === '/' ? process.env : {},
  };
}

function see<T>(look: () => T): Look<T> {
  try {
    return { at: 'is', value: look() };
  } catch (error) {
    return refusal(error);
  }
}

/** What an errno says about a place. ESRCH is a process that ended while we looked; ENODEV and EINVAL come from drivers. */
export function refusal(error: unknown): Exclude<Look<never>, { at: 'is' }> {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ESRCH':
      return { at: 'absent' };
    case 'EACCES':
    case 'EPERM':
      return { at: 'unreadable', why: 'permission' };
    case 'ELOOP':
      return { at: 'unreadable', why: 'loop' };
    case 'EISDIR':
    case 'ENXIO':
      return { at: 'unreadable', why: 'not-a-file' };
    default:
      return { at: 'unreadable', why: 'io' };
  }
}

const opening = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

const copied = (bytes: Buffer): Buffer => Buffer.from(bytes);
const decoded = (bytes: Buffer): string => bytes.toString('utf8');

/** `take` makes the answer out of the shared buffer, so that a small text is never copied first. */
function readFile<T>(at: Eyes, path: string, limit: number, take: (bytes: Buffer) => T): Look<T> {
  let fd = -1;
  try {
    fd = at.open(path, opening);
    const stat = fstatSync(fd);
    if (!stat.isFile()) return { at: 'unreadable', why: 'not-a-file' };
    const first = readSync(fd, chunk, 0, chunk.length, null);
    if (first > limit) return { at: 'unreadable', why: 'too-large' };
    // A short read ends a file that has a size; procfs says 0 and hands out page after page.
    if (first === 0 || (stat.size > 0 && first < chunk.length))
      return { at: 'is', value: take(chunk.subarray(0, first)) };
    const whole = readRest(fd, limit, copied(chunk.subarray(0, first)));
    return whole === null ? { at: 'unreadable', why: 'too-large' } : { at: 'is', value: take(whole) };
  } catch (error) {
    return refusal(error);
  } finally {
    if (fd >= 0) closeSync(fd);
  }
}

/** Reads until nothing comes; null when it is more than `limit` bytes. */
function readRest(fd: number, limit: number, first: Buffer): Buffer | null {
  const parts = [first];
  for (let total = first.length; ;) {
    const more = readSync(fd, chunk, 0, chunk.length, null);
    if (more === 0) return Buffer.concat(parts);
    total += more;
    if (total > limit) return null;
    parts.push(copied(chunk.subarray(0, more)));
  }
}

/** Devices whose opening has no effect beyond the answer; access(2) alone does not see a container's device rules. */
const harmless = new Set(['/dev/kvm', '/dev/iommu']);

function mayOpen(at: Eyes, path: string, how: 'read' | 'write'): boolean | null {
  const look = see(() => {
    accessSync(at.place(path), how === 'read' ? constants.R_OK : constants.W_OK);
    if (harmless.has(path))
      closeSync(at.open(path, how === 'read' ? opening : constants.O_RDWR | constants.O_NONBLOCK));
    return true;
  });
  if (look.at === 'is') return true;
  return look.at === 'absent' || look.why === 'permission' ? false : null;
}

function asStat(stat: Stats): Stat {
  return {
    kind: kindOf(stat),
    size: stat.size,
    mode: stat.mode & 0o7777,
    uid: stat.uid,
    gid: stat.gid,
    links: stat.nlink,
    rdev: deviceNumber(stat.rdev),
    identity: `${stat.dev}:${stat.ino}`,
  };
}

function kindOf(stat: Stats): Stat['kind'] {
  if (stat.isFile()) return 'file';
  if (stat.isDirectory()) return 'folder';
  if (stat.isSymbolicLink()) return 'link';
  return stat.isCharacterDevice() || stat.isBlockDevice() ? 'device' : 'other';
}

/** glibc's dev_t (minor 7:0, major 19:8, minor 31:20) as major * 2^20 + minor. */
function deviceNumber(rdev: number): number {
  const major = (rdev >>> 8) & 0xfff;
  const minor = (rdev & 0xff) | ((rdev >>> 12) & 0xfff00);
  return major * 2 ** 20 + minor;
}
