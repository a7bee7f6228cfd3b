// SPDX-License-Identifier: GPL-3.0-or-later
import type { Look, LookProgram, Machine, Stat } from '../host/machine';
import type { Inode } from './disk';
import { rememberingEyes } from './remembering-eyes';
import type { View } from './view';
import { targetOf, walk, type Thing } from './walk';
import type { World } from './world';

const usualLimit = 1 << 20;
interface Readable {
  readonly size: number;
  text(): string;
  bytes(): Uint8Array;
}
type Unreadable = Extract<Look<never>, { at: 'unreadable' | 'absent' }>;

/** A look at the machine of memory, as this user; what the user may not read is unreadable here as there. */
export function eyesOf(world: World, uid: number): Machine {
  const find = (path: string, links: 'follow' | 'stop'): { path: string; thing: Thing } | Unreadable => {
    world.faults.looked += 1;
    if (world.faults.looks.has(world.faults.looked)) return { at: 'unreadable', why: 'io' };
    const spot = walk({ disk: world.disk, computed: world.computed }, path, links);
    if ('lost' in spot) return spot.lost === 'ELOOP' ? { at: 'unreadable', why: 'loop' } : { at: 'absent' };
    if (spot.way.some((folder) => !allows(folder, uid, 1))) return { at: 'unreadable', why: 'permission' };
    return spot.thing === null ? { at: 'absent' } : { path: spot.path, thing: spot.thing };
  };
  const bytesAt = (path: string, limit: number): Look<Readable> => {
    const found = find(path, 'follow');
    if ('at' in found) return found;
    const look = readThing(found.thing, uid);
    return look.at === 'is' && look.value.size > limit ? { at: 'unreadable', why: 'too-large' } : look;
  };
  const eyes: Machine = {
    uid,
    env: { HOME: uid === 0 ? '/root' : '/home/user', XDG_SESSION_TYPE: 'wayland' },
    text(path, limit = usualLimit) {
      const look = bytesAt(path, limit);
      return look.at === 'is' ? { at: 'is', value: look.value.text() } : look;
    },
    bytes(path, limit = usualLimit) {
      const look = bytesAt(path, limit);
      return look.at === 'is' ? { at: 'is', value: look.value.bytes() } : look;
    },
    names(path) {
      const found = find(path, 'follow');
      if ('at' in found) return found;
      if (found.thing.on === 'kernel') return found.thing.view.kind === 'folder' ? { at: 'is', value: found.thing.view.names() } : { at: 'absent' };
      const { inode } = found.thing;
      if (inode.kind !== 'folder') return { at: 'absent' };
      if (!allows(inode, uid, 4)) return { at: 'unreadable', why: 'permission' };
      return { at: 'is', value: [...new Set([...inode.entries.keys(), ...computedIn(world, found.path)])].sort() };
    },
    target(path) {
      const found = find(path, 'stop');
      if ('at' in found) return found;
      const target = targetOf(found.thing);
      return target === null ? { at: 'unreadable', why: 'io' } : { at: 'is', value: target };
    },
    real(path) {
      const found = find(path, 'follow');
      return 'at' in found ? found : { at: 'is', value: found.path };
    },
    stat(path, links) {
      const found = find(path, links ?? 'stop');
      return 'at' in found ? found : { at: 'is', value: statOf(found.thing, found.path, world.starts) };
    },
    may(path, how) {
      const found = find(path, 'follow');
      if ('at' in found) return found.at === 'absent' || found.why === 'permission' ? false : null;
      if (uid === 0) return true;
      if (found.thing.on === 'disk') return allows(found.thing.inode, uid, how === 'read' ? 4 : 2);
      return (modeOf(found.thing.view) & (how === 'read' ? 4 : 2)) !== 0;
    },
    run: answer,
  };
  return rememberingEyes(world, eyes);
}

/** Names that the kernel lays over a folder of the disk. */
const computedIn = (world: World, path: string): readonly string[] =>
  [...world.computed.keys()].filter((one) => one.slice(0, one.lastIndexOf('/')) === (path === '/' ? '' : path)).map((one) => one.slice(one.lastIndexOf('/') + 1));

/** What the few programs of a look say here. */
function answer(program: LookProgram): Look<string> {
  if (program === 'qemu-version') return { at: 'is', value: 'QEMU emulator version 10.0.3\n' };
  if (program === 'virsh-version') return { at: 'is', value: '11.3.0\n' };
  return program === 'systemd-detect-virt' ? { at: 'is', value: 'none\n' } : { at: 'absent' };
}

function readThing(thing: Thing, uid: number): Look<Readable> {
  if (thing.on === 'disk') {
    const { inode } = thing;
    if (inode.kind !== 'file') return { at: 'unreadable', why: 'not-a-file' };
    if (!allows(inode, uid, 4)) return { at: 'unreadable', why: 'permission' };
    return { at: 'is', value: { text: () => inode.content.text, bytes: () => inode.content.bytes, size: inode.content.bytes.length } };
  }
  const { view } = thing;
  if (view.kind !== 'file') return { at: 'unreadable', why: 'not-a-file' };
  if ((view.mode & (uid === 0 ? 0o444 : 0o004)) === 0) return { at: 'unreadable', why: 'permission' };
  const value = view.read();
  const bytes = () => (typeof value === 'string' ? new TextEncoder().encode(value) : value);
  return { at: 'is', value: { text: () => (typeof value === 'string' ? value : new TextDecoder().decode(value)), bytes, size: value.length } };
}

/** Whether the mode lets this user read (4), write (2) or pass (1); root may everything. */
export function allows(inode: Inode, uid: number, wanted: 1 | 2 | 4): boolean {
  if (uid === 0) return true;
  const { mode } = inode.attributes;
  const bits = inode.attributes.uid === uid ? mode >> 6 : inode.attributes.gid === uid ? mode >> 3 : mode;
  return (bits & wanted) !== 0;
}

const modeOf = (view: View): number => (view.kind === 'link' || view.kind === 'folder' ? 0o755 : view.mode);

export const identityOf = (inode: Pick<Inode, 'id' | 'filesystem'>): string => `${64_512 + inode.filesystem}:${inode.id}`;

function statOf(thing: Thing, path: string, start: number): Stat {
  if (thing.on === 'disk') {
    const { inode } = thing;
    const { mode, uid, gid } = inode.attributes;
    const size = inode.kind === 'file' ? inode.content.bytes.length : inode.kind === 'link' ? inode.target.length : 4096;
    return { kind: inode.kind, size, mode, uid, gid, links: inode.links, rdev: 0, identity: identityOf(inode) };
  }
  const { view } = thing;
  const identity = `${start}:${path}`;
  if (view.kind === 'device') return { kind: 'device', size: 0, mode: view.mode, uid: 0, gid: view.gid, links: 1, rdev: view.rdev, identity };
  return { kind: view.kind, size: view.kind === 'file' ? 4096 : 0, mode: view.kind === 'file' ? view.mode : view.kind === 'link' ? 0o777 : 0o755, uid: 0, gid: 0, links: 1, rdev: 0, identity };
}
