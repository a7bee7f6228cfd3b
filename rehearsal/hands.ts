// SPDX-License-Identifier: GPL-3.0-or-later
import { createHash } from 'node:crypto';
import { failed, ok, type Result } from '../contract/problem';
import type { FileState, Handle, Hands, Owner } from '../helper/hands';
import { nodePlace } from '../helper/nodes';
import { mayWrite } from '../helper/territory';
import { contentOf, headOf, joined, type Content } from './content';
import { change, create, DiskError, inodeOf, link, removeFolder, rename, setAttributes, unlink, type Inode } from './disk';
import { eyesOf, identityOf } from './eyes';
import { flushFile, flushFolder } from './flush';
import { operate, type Doing, type Process } from './operation';
import { hasProgram, runProgram } from './programs';
import { writeKernel } from './start';
import { walk, type Spot } from './walk';
import type { World } from './world';

const done: Result<void> = ok(undefined);
const place = (why: string, path: string): Result<never> => failed('precondition-failed', { why, place: path });

/** The helper's hands on a machine of memory: one process, one system call at a time, each counted. */
export function handsOf(world: World): Hands {
  world.processes += 1;
  const process: Process = { number: world.processes, start: world.starts, alive: true };
  const opened = new Map<number, number>();
  const does = <T>(name: string, path: string, more: Partial<Doing<T>> & { whole(): Result<T> }): Result<T> =>
    operate(world, process, { name, path, changes: true, half: () => undefined, lie: () => null, deadline: null, ...more });
  const on = (handle: Handle): Inode => {
    const id = opened.get(handle.id);
    if (id === undefined) throw new Error('handle is closed');
    return inodeOf(world.disk, id);
  };
  const open = (path: string, spot: Spot, how: { mode: number; fresh: boolean }): Result<Handle> => {
    const there = spot.thing?.on === 'disk' ? spot.thing.inode : null;
    if (there !== null && how.fresh) return place('exists', path);
    if (spot.parent === null) return place('absent', path);
    const inode = there ?? create(world.disk, spot.parent, spot.name, { kind: 'file', mode: how.mode });
    if (there !== null) setAttributes(world.disk, inode, { mode: how.mode });
    const id = world.disk.next + opened.size + 1;
    opened.set(id, inode.id);
    return ok({ id });
  };
  const changing = (path: string, work: (spot: Spot) => Result<void>): Result<void> => (mayWrite(path) ? trusted(world, path, work) : place('not-ours', path));

  return {
    ...eyesOf(world, 0),
    inspect: (path) => does('inspect', path, { changes: false, whole: () => looked(world, path, (inode) => ok(stateOf(inode))) }),
    take: (path, limit) =>
      does('take', path, {
        changes: false,
        whole: () => looked(world, path, (inode) => (inode.content.bytes.length > limit ? failed('too-large', { place: path }) : ok({ state: stateOf(inode), bytes: inode.content.bytes }))),
      }),
    folder: (path) => does('folder', path, { changes: false, whole: () => folderAt(world, path) }),
    create: (path, mode) => does('create', path, { whole: () => (mayWrite(path) ? trusted(world, path, (spot) => open(path, spot, { mode, fresh: true })) : place('not-ours', path)) }),
    append: (path, mode) => does('append', path, { whole: () => (mayWrite(path) ? trusted(world, path, (spot) => openRegular(path, spot, () => open(path, spot, { mode, fresh: false }))) : place('not-ours', path)) }),
    write(handle, bytes) {
      const write = (content: Content) => {
        const file = on(handle);
        change(world.disk, file, { content: joined(file.content, content) });
        return done;
      };
      const content = contentOf(bytes);
      return does('write', String(handle.id), { whole: () => write(content), half: () => write(headOf(content, Math.floor(bytes.length / 2))), lie: () => done });
    },
    copy: (from, to) => {
      const copy = (part: (content: Content) => Content) =>
        looked(world, from, (source) => {
          const file = on(to);
          change(world.disk, file, { content: joined(file.content, part(source.content)) });
          return ok(true);
        });
      return does('copy', from, {
        whole() {
          const copied = copy((content) => content);
          return copied.ok ? (copied.value === null ? place('absent', from) : done) : copied;
        },
        half: () => copy((content) => headOf(content, Math.floor(content.bytes.length / 2))),
        lie: () => done,
      });
    },
    own: (handle, owner: Owner) =>
      does('own', String(handle.id), {
        whole() {
          setAttributes(world.disk, on(handle), { uid: owner.uid, gid: owner.gid, mode: owner.mode });
          return done;
        },
        lie: () => done,
      }),
    flush: (handle) =>
      does('flush', String(handle.id), {
        whole() {
          flushFile(world.disk, on(handle));
          return done;
        },
      }),
    close: (handle) =>
      does('close', String(handle.id), {
        changes: false,
        whole() {
          opened.delete(handle.id);
          return done;
        },
      }),
    rename: (from, to) => does('rename', to, { whole: () => pair(changing, { from, to }, (a, b) => renamed(world, a, b)), lie: () => done }),
    link: (from, to) => does('link', to, { whole: () => pair(changing, { from, to }, (a, b) => linked(world, a, b)), lie: () => done }),
    remove: (path) =>
      does('remove', path, {
        whole: () =>
          changing(path, (spot) =>
            openRegular(path, spot, () => {
              if (spot.thing === null || spot.parent === null) return place('absent', path);
              unlink(world.disk, inodeOf(world.disk, spot.parent.id), spot.name);
              return done;
            }),
          ),
        lie: () => done,
      }),
    makeFolder: (path, mode) =>
      does('makeFolder', path, {
        whole: () =>
          changing(path, (spot) => {
            if (spot.parent === null) return place('absent', path);
            create(world.disk, spot.parent, spot.name, { kind: 'folder', mode });
            return done;
          }),
        lie: () => done,
      }),
    removeFolder: (path) =>
      does('removeFolder', path, {
        whole: () =>
          changing(path, (spot) => {
            if (spot.parent === null || spot.thing === null) return place('absent', path);
            removeFolder(world.disk, spot.parent, spot.name);
            return done;
          }),
        lie: () => done,
      }),
    flushFolder: (path) =>
      does('flushFolder', path, {
        whole: () =>
          trusted(world, `${path}/x`, (spot) => {
            if (spot.parent === null) return place('absent', path);
            flushFolder(world.disk, spot.parent);
            return done;
          }),
      }),
    truncate: (path, size) =>
      does('truncate', path, {
        whole: () =>
          changing(path, (spot) =>
            openRegular(path, spot, () => {
              if (spot.thing?.on !== 'disk') return place('absent', path);
              const file = change(world.disk, spot.thing.inode, { content: headOf(spot.thing.inode.content, size) });
              flushFile(world.disk, file);
              return done;
            }),
          ),
        lie: () => done,
      }),
    writeNode(node, value) {
      const { path, value: grammar } = nodePlace(node);
      if (!grammar.test(value)) return Promise.resolve(place('value', path));
      return settled(() =>
        does('writeNode', path, {
          whole() {
            const answer = writeKernel(world, path, value);
            if (answer === 'done') return done;
            return failed('step-failed', { why: answer === 'blocks' ? 'wedged' : 'kernel-refused', place: path });
          },
          lie: () => done,
          deadline: 'wedged',
        }),
      );
    },
    start: (call) =>
      settled(() =>
        does(`start ${call.program}`, call.program, {
          whole: () => runProgram(world, call, 'whole'),
          half: () => void runProgram(world, call, 'half'),
          lie: () => ok({ exit: 0, output: '' }),
          deadline: 'time-limit',
        }),
      ),
    has: (program) => hasProgram(world, program),
    lock: (holder) =>
      settled(() =>
        does('lock', '/var/lib/switchyard/lock', {
          whole() {
            const { lock } = world;
            if (lock !== null && lock.process !== process.number) return failed('busy', { who: lock.who, what: lock.what, since: String(lock.since) });
            world.lock = { process: process.number, ...holder };
            return done;
          },
        }),
      ),
    unlock() {
      if (world.lock?.process === process.number) world.lock = null;
    },
    now: () => world.clock,
    random: (bytes) => Array.from({ length: bytes }, () => world.random.below(256).toString(16).padStart(2, '0')).join(''),
    boot: () => world.kernel?.bootId ?? '',
  };
}

/** A throw of the faults must come as a rejected promise where the real hands give one. */
const settled = <T>(work: () => Result<T>): Promise<Result<T>> =>
  new Promise((settle, reject) => {
    try {
      settle(work());
    } catch (error) {
      reject(error instanceof Error ? error : new Error('thrown'));
    }
  });

const digests = new WeakMap<Content, string>();
/** Content never changes, so its digest is taken once. */
export function digestOf(content: Content): string {
  let digest = digests.get(content);
  if (digest === undefined) {
    digest = createHash('sha256').update(content.bytes).digest('hex');
    digests.set(content, digest);
  }
  return digest;
}

function stateOf(inode: Inode): FileState {
  const { mode, uid, gid } = inode.attributes;
  return { sha256: digestOf(inode.content), size: inode.content.bytes.length, mode, uid, gid, identity: identityOf(inode) };
}

/** Walks without links through folders that only root may change, as helper/walk.ts does. */
function trusted<T>(world: World, path: string, work: (spot: Spot) => Result<T>): Result<T> {
  if (!/^(?:\/[A-Za-z0-9@_+.:~-]{1,255})+$/.test(path) || /\/\.\.?(?:\/|$)/.test(path)) return place('name', path);
  const spot = walk({ disk: world.disk, computed: world.computed }, path, 'stop');
  const way = walk({ disk: world.disk, computed: world.computed }, path.slice(0, path.lastIndexOf('/')) || '/', 'none');
  if ('lost' in way) return place(way.lost === 'ELOOP' ? 'link' : way.lost === 'ENOTDIR' ? 'not-folder' : 'absent', path);
  if ('lost' in spot) return place(spot.lost === 'ENOTDIR' ? 'not-folder' : 'absent', path);
  const doubtful = spot.way.map(distrust).find((why) => why !== null);
  if (doubtful !== undefined) return place(doubtful, path);
  try {
    return work(spot);
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    const why = { ENOENT: 'absent', EEXIST: 'exists', ENOTDIR: 'not-folder', EISDIR: 'not-regular' }[error.code];
    return why === undefined ? failed('step-failed', { why: error.code, place: path }) : place(why, path);
  }
}

const distrust = (inode: Inode): 'owner' | 'writable' | null => (inode.attributes.uid !== 0 ? 'owner' : (inode.attributes.mode & 0o022) === 0 ? null : 'writable');

function oddity(spot: Spot): string | null {
  if (spot.thing === null) return null;
  if (spot.thing.on === 'kernel') return 'not-regular';
  const { inode } = spot.thing;
  if (inode.kind === 'link') return 'link';
  return inode.kind === 'file' ? distrust(inode) : 'not-regular';
}

const openRegular = <T>(path: string, spot: Spot, work: () => Result<T>): Result<T> => {
  const odd = oddity(spot);
  return odd === null ? work() : place(odd, path);
};

function looked<T>(world: World, path: string, work: (inode: Inode) => Result<T>): Result<T | null> {
  const seen = trusted<T | null>(world, path, (spot) => openRegular(path, spot, () => (spot.thing?.on === 'disk' ? work(spot.thing.inode) : ok(null))));
  return !seen.ok && seen.problem.detail['why'] === 'absent' ? ok(null) : seen;
}

function folderAt(world: World, path: string): ReturnType<Hands['folder']> {
  const seen = trusted<{ mode: number; uid: number; gid: number; names: readonly string[] } | null>(world, path, (spot) => {
    if (spot.thing === null) return ok(null);
    if (spot.thing.on !== 'disk') return place('not-folder', path);
    const { inode } = spot.thing;
    if (inode.kind !== 'folder') return place(inode.kind === 'link' ? 'link' : 'not-folder', path);
    const why = distrust(inode);
    const { mode, uid, gid } = inode.attributes;
    return why === null ? ok({ mode, uid, gid, names: [...inode.entries.keys()].sort() }) : place(why, path);
  });
  return !seen.ok && seen.problem.detail['why'] === 'absent' ? ok(null) : seen;
}

type Changing = (path: string, work: (spot: Spot) => Result<void>) => Result<void>;

function pair(changing: Changing, { from, to }: { from: string; to: string }, work: (from: Spot, to: Spot) => Result<void>): Result<void> {
  if (from.slice(0, from.lastIndexOf('/')) !== to.slice(0, to.lastIndexOf('/'))) return place('other-folder', to);
  return changing(to, (target) => changing(from, (source) => openRegular(from, source, () => (source.thing === null ? place('absent', from) : work(source, target)))));
}

function renamed(world: World, from: Spot, to: Spot): Result<void> {
  const odd = oddity(to);
  if (odd !== null) return place(odd, to.path);
  if (from.parent === null || to.parent === null) return place('absent', from.path);
  rename(world.disk, { parent: from.parent, name: from.name }, { parent: to.parent, name: to.name });
  return done;
}

function linked(world: World, from: Spot, to: Spot): Result<void> {
  if (from.thing?.on !== 'disk' || to.parent === null) return place('absent', from.path);
  link(world.disk, from.thing.inode, to.parent, to.name);
  return done;
}

