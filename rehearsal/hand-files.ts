// SPDX-License-Identifier: GPL-3.0-or-later
import { createHash } from 'node:crypto';
import { failed, ok, type Result } from '../contract/problem';
import type { FileState, Handle, Hands, Owner } from '../helper/hands';
import { isOfService } from '../helper/walk';
import { contentOf, headOf, joined, type Content } from './content';
import { change, create, inodeOf, link, removeFolder, rename, setAttributes, unlink, type Inode } from './disk';
import { identityOf } from './eyes';
import { flushFile, flushFolder } from './flush';
import { operate, type Doing, type Process } from './operation';
import { changing, distrust, done, looked, oddity, pair, place, regular, trusted } from './trust';
import type { Spot } from './walk';
import type { World } from './world';

/** One process on a machine, with the files it holds open. */
export interface Bench {
  readonly world: World;
  readonly process: Process;
  readonly opened: Map<number, number>;
}

/** Does one operation: whole, or what the walk's faults have for it. */
export function does<T>({ world, process }: Bench, { name, path }: { readonly name: string; readonly path: string }, how: Partial<Doing<T>> & { whole(): Result<T> }): Result<T> {
  return operate(world, process, { name, path, changes: how.changes ?? true, whole: () => how.whole(), half: () => how.half?.(), lie: () => how.lie?.() ?? null, deadline: how.deadline ?? null });
}

type Reading = Pick<Hands, 'inspect' | 'take' | 'folder'>;
type Handling = Pick<Hands, 'create' | 'append' | 'write' | 'copy' | 'own' | 'flush' | 'close'>;
type Naming = Pick<Hands, 'rename' | 'link' | 'remove' | 'makeFolder' | 'removeFolder' | 'flushFolder' | 'truncate'>;

export function readingHands(bench: Bench): Reading {
  const { world } = bench;
  return {
    inspect: (path) => does(bench, { name: 'inspect', path }, { changes: false, whole: () => looked(world, path, (inode) => ok(stateOf(inode))) }),
    take: (path, limit) =>
      does(bench, { name: 'take', path }, {
        changes: false,
        whole: () => looked(world, path, (inode) => (inode.content.bytes.length > limit ? failed('too-large', { place: path }) : ok({ state: stateOf(inode), bytes: inode.content.bytes }))),
      }),
    folder: (path) => does(bench, { name: 'folder', path }, { changes: false, whole: () => folderState(world, path) }),
  };
}

export function handlingHands(bench: Bench): Handling {
  const { world, opened } = bench;
  const on = (handle: Handle): Inode => {
    const id = opened.get(handle.id);
    if (id === undefined) throw new Error('handle is closed');
    return inodeOf(world.disk, id);
  };
  const grow = (handle: Handle, content: Content): Result<void> => {
    const file = on(handle);
    change(world.disk, file, { content: joined(file.content, content) });
    return done;
  };
  const of = (name: string, handle: Handle) => ({ name, path: String(opened.get(handle.id) ?? 0) });
  return {
    create: (path, mode) => does(bench, { name: 'create', path }, { whole: () => changing(world, path, (spot) => open(bench, spot, { path, mode, fresh: true })) }),
    append: (path, mode) => does(bench, { name: 'append', path }, { whole: () => changing(world, path, (spot) => regular(path, spot, () => open(bench, spot, { path, mode, fresh: false }))) }),
    write(handle, bytes) {
      const content = contentOf(bytes);
      return does(bench, of('write', handle), { whole: () => grow(handle, content), half: () => void grow(handle, headOf(content, Math.floor(bytes.length / 2))), lie: () => done });
    },
    copy(from, to) {
      const copy = (part: (content: Content) => Content): Result<void> => {
        const copied = looked(world, from, (source) => grow(to, part(source.content)));
        return copied.ok ? (copied.value === null ? place('absent', from) : done) : copied;
      };
      return does(bench, { name: 'copy', path: from }, { whole: () => copy((all) => all), half: () => void copy((all) => headOf(all, Math.floor(all.bytes.length / 2))), lie: () => done });
    },
    own: (handle, owner: Owner) =>
      does(bench, of('own', handle), {
        whole() {
          setAttributes(world.disk, on(handle), { uid: owner.uid, gid: owner.gid, mode: owner.mode });
          return done;
        },
        lie: () => done,
      }),
    flush: (handle) =>
      does(bench, of('flush', handle), {
        whole() {
          flushFile(world.disk, on(handle));
          return done;
        },
      }),
    close: (handle) =>
      does(bench, of('close', handle), {
        changes: false,
        whole() {
          opened.delete(handle.id);
          return done;
        },
      }),
  };
}

function open({ world, opened }: Bench, spot: Spot, how: { path: string; mode: number; fresh: boolean }): Result<Handle> {
  const there = spot.thing?.on === 'disk' ? spot.thing.inode : null;
  if (spot.thing !== null && how.fresh) return place('exists', how.path);
  if (spot.parent === null) return place('absent', how.path);
  const inode = there ?? create(world.disk, spot.parent, spot.name, { kind: 'file', mode: how.mode });
  if (there !== null) setAttributes(world.disk, inode, { mode: how.mode });
  const id = 3 + opened.size;
  opened.set(id, inode.id);
  return ok({ id });
}

export function namingHands(bench: Bench): Naming {
  const { world } = bench;
  const lie = () => done;
  const inParent = (path: string, spot: Spot, work: (parent: Inode) => void): Result<void> => {
    if (spot.parent === null) return place('absent', path);
    work(spot.parent);
    return done;
  };
  return {
    rename: (from, to) => does(bench, { name: 'rename', path: to }, { lie, whole: () => pair(world, { from, to }, (source, target) => renamed(world, source, target)) }),
    link: (from, to) =>
      does(bench, { name: 'link', path: to }, {
        lie,
        whole: () => pair(world, { from, to }, (source, target) => inParent(to, target, (parent) => { if (source.thing?.on === 'disk') link(world.disk, source.thing.inode, parent, target.name); })),
      }),
    remove: (path) =>
      does(bench, { name: 'remove', path }, {
        lie,
        whole: () => changing(world, path, (spot) => regular(path, spot, (inode) => (inode === null ? place('absent', path) : inParent(path, spot, (parent) => { unlink(world.disk, parent, spot.name); })))),
      }),
    makeFolder: (path, mode) =>
      does(bench, { name: 'makeFolder', path }, { lie, whole: () => changing(world, path, (spot) => inParent(path, spot, (parent) => { create(world.disk, parent, spot.name, { kind: 'folder', mode }); })) }),
    removeFolder: (path) =>
      does(bench, { name: 'removeFolder', path }, { lie, whole: () => changing(world, path, (spot) => inParent(path, spot, (parent) => { removeFolder(world.disk, parent, spot.name); })) }),
    flushFolder: (path) => does(bench, { name: 'flushFolder', path }, { whole: () => trusted(world, `${path}/x`, (spot) => inParent(path, spot, (parent) => { flushFolder(world.disk, parent); })) }),
    truncate: (path, size) =>
      does(bench, { name: 'truncate', path }, {
        lie,
        whole: () =>
          changing(world, path, (spot) =>
            regular(path, spot, (inode) => {
              if (inode === null) return place('absent', path);
              flushFile(world.disk, change(world.disk, inode, { content: headOf(inode.content, size) }));
              return done;
            }),
          ),
      }),
  };
}

function renamed(world: World, from: Spot, to: Spot): Result<void> {
  const odd = oddity(to);
  if (odd !== null) return place(odd, to.path);
  if (from.parent === null || to.parent === null) return place('absent', from.path);
  rename(world.disk, { parent: from.parent, name: from.name }, { parent: to.parent, name: to.name });
  return done;
}

function folderState(world: World, path: string): ReturnType<Hands['folder']> {
  const seen = trusted<{ mode: number; uid: number; gid: number; names: readonly string[] } | null>(world, path, (spot) => {
    if (spot.thing === null) return ok(null);
    if (spot.thing.on !== 'disk' || spot.thing.inode.kind === 'file') return place('not-folder', path);
    const { inode } = spot.thing;
    const why = inode.kind === 'link' ? 'link' : distrust(inode, isOfService(path));
    const { mode, uid, gid } = inode.attributes;
    return why === null ? ok({ mode, uid, gid, names: [...inode.entries.keys()].sort() }) : place(why, path);
  });
  return !seen.ok && seen.problem.detail['why'] === 'absent' ? ok(null) : seen;
}

const digests = new WeakMap<Content, string>();
/** Content never changes, so its digest is taken once. */
function digestOf(content: Content): string {
  let digest = digests.get(content);
  if (digest === undefined) {
    digest = createHash('sha256').update(content.bytes).digest('hex');
    digests.set(content, digest);
  }
  return digest;
}

/** The digest is taken when somebody asks for it: a journal is read back after every line, and hardly ever compared as a whole. */
function stateOf(inode: Inode): FileState {
  const { content } = inode;
  const { mode, uid, gid } = inode.attributes;
  return {
    get sha256() {
      return digestOf(content);
    },
    size: content.bytes.length,
    mode,
    uid,
    gid,
    identity: identityOf(inode),
  };
}
