// SPDX-License-Identifier: GPL-3.0-or-later
import { createHash } from 'node:crypto';
import { closeSync, constants, fchmodSync, fchownSync, fstatSync, fsyncSync, ftruncateSync, linkSync, mkdirSync, openSync, readdirSync, readSync, renameSync, rmdirSync, unlinkSync, writeSync, type Stats } from 'node:fs';
import { failed, ok, type Result } from '../contract/problem';
import type { FileState, FolderState, Handle, Hands, Owner } from './hands';
import { distrust, done, guarded, inFolderOf, lookAt, oddity, withFile, type Spot } from './walk';

type Files = Pick<
  Hands,
  'inspect' | 'take' | 'folder' | 'create' | 'append' | 'write' | 'copy' | 'own' | 'flush' | 'close' | 'rename' | 'link' | 'remove' | 'makeFolder' | 'removeFolder' | 'flushFolder' | 'truncate'
>;
interface Opened {
  readonly file: number;
  readonly path: string;
}
/** What one set of hands may reach: below `root`, and for writing only where `mayWrite` says so. */
export interface Reach {
  readonly root: string;
  mayWrite(path: string): boolean;
}

const piece = 1 << 20;

/** The file calls of Hands on the real file system. The shipped program gives '/' as root; only tests give another. */
export function fileHands(reach: Reach): Files {
  const opened = new Map<number, Opened>();
  const at = <T>(path: string, work: (spot: Spot) => Result<T>): Result<T> => inFolderOf(reach.root, path, work);
  const look = <T>(path: string, work: (spot: Spot) => Result<T>): Result<T | null> => {
    const seen = at<T | null>(path, (spot) => (lookAt(spot) === null ? ok(null) : work(spot)));
    return !seen.ok && seen.problem.detail['why'] === 'absent' ? ok(null) : seen;
  };
  const change = <T>(path: string, work: (spot: Spot) => Result<T>): Result<T> => (reach.mayWrite(path) ? at(path, work) : failed('precondition-failed', { why: 'not-ours', place: path }));
  const on = (handle: Handle, work: (file: number) => void): Result<void> => {
    const open = opened.get(handle.id);
    if (open === undefined) throw new Error('handle is closed');
    return guarded(open.path, () => {
      work(open.file);
      return done;
    });
  };
  const opening = (path: string, flags: number, mode: number): Result<Handle> =>
    change(path, (spot) => {
      const file = openSync(spot.at, flags | constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0o600);
      const odd = oddity(fstatSync(file), spot.ofService);
      if (odd !== null) {
        closeSync(file);
        return failed('precondition-failed', { why: odd, place: path });
      }
      fchmodSync(file, mode);
      opened.set(file, { file, path });
      return ok({ id: file });
    });

  return {
    inspect: (path) => look(path, (spot) => withFile(spot, constants.O_RDONLY, (file, stat) => ok(stateOf(stat, digestOf(file))))),
    take: (path, limit) => look(path, (spot) => withFile(spot, constants.O_RDONLY, (file) => takeAll(file, limit, path))),
    folder: (path) => look(path, (spot) => folderState(spot, path)),
    create: (path, mode) => opening(path, constants.O_CREAT | constants.O_EXCL, mode),
    append: (path, mode) => opening(path, constants.O_CREAT | constants.O_APPEND, mode),
    write: (handle, bytes) => on(handle, (file) => { writeAll(file, bytes); }),
    copy: (from, to) => at(from, (spot) => withFile(spot, constants.O_RDONLY, (source) => on(to, (file) => { pieces(source, (bytes) => { writeAll(file, bytes); }); }))),
    own: (handle, owner) => on(handle, (file) => { ownAs(file, owner); }),
    flush: (handle) => on(handle, fsyncSync),
    close: (handle) => {
      const result = on(handle, closeSync);
      opened.delete(handle.id);
      return result;
    },
    rename: (from, to) => both(change, from, to, renameOnto),
    link: (from, to) => both(change, from, to, linkBeside),
    remove: (path) => change(path, (spot) => withRegular(spot, path, unlinkSync)),
    makeFolder: (path, mode) => change(path, (spot) => makeFolder(spot, mode)),
    removeFolder: (path) => change(path, (spot) => { rmdirSync(spot.at); return done; }),
    flushFolder: (path) => at(`${path}/x`, (spot) => { fsyncSync(spot.folder); return done; }),
    truncate: (path, size) => change(path, (spot) => withFile(spot, constants.O_WRONLY, (file) => { ftruncateSync(file, size); fsyncSync(file); return done; })),
  };
}

function stateOf(stat: Stats, sha256: string): FileState {
  return { sha256, size: stat.size, mode: stat.mode & 0o7777, uid: stat.uid, gid: stat.gid, identity: `${stat.dev}:${stat.ino}` };
}

function pieces(file: number, each: (bytes: Uint8Array) => void): void {
  const buffer = new Uint8Array(piece);
  for (let length = readSync(file, buffer, 0, piece, 0), at = 0; length > 0; length = readSync(file, buffer, 0, piece, at)) {
    each(buffer.subarray(0, length));
    at += length;
  }
}

function digestOf(file: number): string {
  const hash = createHash('sha256');
  pieces(file, (bytes) => hash.update(bytes));
  return hash.digest('hex');
}

function takeAll(file: number, limit: number, path: string): Result<{ state: FileState; bytes: Uint8Array }> {
  const stat = fstatSync(file);
  if (stat.size > limit) return failed('too-large', { place: path });
  const parts: Uint8Array[] = [];
  pieces(file, (bytes) => parts.push(bytes.slice()));
  const bytes = Buffer.concat(parts);
  return ok({ state: stateOf(stat, createHash('sha256').update(bytes).digest('hex')), bytes });
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

function ownAs(file: number, owner: Owner): void {
  fchownSync(file, owner.uid, owner.gid);
  fchmodSync(file, owner.mode);
}

function folderState(spot: Spot, path: string): Result<FolderState> {
  const folder = openSync(spot.at, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    const stat = fstatSync(folder);
    const why = distrust(stat, spot.ofService);
    if (why !== null) return failed('precondition-failed', { why, place: path });
    return ok({ mode: stat.mode & 0o7777, uid: stat.uid, gid: stat.gid, names: readdirSync(`/proc/self/fd/${folder}`).sort() });
  } finally {
    closeSync(folder);
  }
}

function withRegular(spot: Spot, path: string, work: (at: string) => void): Result<void> {
  const stat = lookAt(spot);
  const why = stat === null ? 'absent' : oddity(stat, spot.ofService);
  if (why !== null) return failed('precondition-failed', { why, place: path });
  work(spot.at);
  return done;
}

/** umask 077 would take the group's and others' rights away from a folder that should have them. */
function makeFolder(spot: Spot, mode: number): Result<void> {
  mkdirSync(spot.at, { mode: 0o700 });
  const folder = openSync(spot.at, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    fchmodSync(folder, mode);
    return done;
  } finally {
    closeSync(folder);
  }
}

type Change = (path: string, work: (spot: Spot) => Result<void>) => Result<void>;

function both(change: Change, from: string, to: string, work: (from: Spot, to: Spot, path: string) => Result<void>): Result<void> {
  const name = to.slice(to.lastIndexOf('/') + 1);
  if (to !== `${from.slice(0, from.lastIndexOf('/'))}/${name}`) return failed('precondition-failed', { why: 'other-folder', place: to });
  const allowed = change(to, () => done);
  return allowed.ok ? change(from, (spot) => work(spot, { ...spot, name, at: `/proc/self/fd/${spot.folder}/${name}` }, to)) : allowed;
}

function renameOnto(from: Spot, to: Spot, path: string): Result<void> {
  const there = lookAt(to);
  const why = there === null ? null : oddity(there, to.ofService);
  if (why !== null) return failed('precondition-failed', { why, place: path });
  return withRegular(from, path, (at) => { renameSync(at, to.at); });
}

function linkBeside(from: Spot, to: Spot, path: string): Result<void> {
  return withRegular(from, path, (at) => { linkSync(at, to.at); });
}
