// SPDX-License-Identifier: GPL-3.0-or-later
import type { Look, Machine, Stat } from '../host/machine';
import type { Kernel } from './kernel';
import type { Build, World } from './world';

/** What was seen of a kernel in one state: forks of one moment, and starts that came out the same, look at the same things. */
export interface Seen {
  readonly text: Map<string, Look<string>>;
  readonly bytes: Map<string, Look<Uint8Array>>;
  readonly names: Map<string, Look<readonly string[]>>;
  readonly target: Map<string, Look<string>>;
  readonly real: Map<string, Look<string>>;
  readonly stat: Map<string, Look<Stat>>;
  /** What was made of looks at this kernel and at the disk, with those at the disk. */
  readonly made: Map<string, Made[]>;
}

interface Made {
  readonly value: unknown;
  readonly looks: readonly Looked[];
}
interface Looked {
  readonly look: (machine: Machine) => unknown;
  readonly found: unknown;
}

const nothingSeen = (): Seen => ({ text: new Map(), bytes: new Map(), names: new Map(), target: new Map(), real: new Map(), stat: new Map(), made: new Map() });

const memories = new WeakMap<Build, Map<string, Seen>>();
/** States of one machine's kernel that are remembered; a walk that meets one more begins anew. */
const mostStates = 64;

/** The memory of this very state of the kernel; null where the world remembers nothing. */
function memoryOf({ build, kernel, remembers, starts }: World): Seen | null {
  if (!remembers || kernel === null) return null;
  if (kernel.seen !== null) return kernel.seen;
  const states = memories.get(build) ?? new Map<string, Seen>();
  memories.set(build, states);
  const key = stateOf(kernel, starts);
  const seen = states.get(key) ?? nothingSeen();
  if (states.size >= mostStates) states.clear();
  states.set(key, seen);
  kernel.seen = seen;
  return seen;
}

/** Everything of a kernel that it shows anywhere, but for the number of its start, which is never remembered. */
function stateOf(kernel: Kernel, starts: number): string {
  const functions = [...kernel.functions.values()].map((one) => `${one.hardware.address} ${String(one.present)} ${one.driver ?? '-'} ${one.override ?? '-'} ${one.powerControl} ${String(one.powerKnown)} ${String(one.held)} ${String(one.group)}`);
  return JSON.stringify([starts, kernel.release, kernel.args, kernel.firmware, kernel.bootDisplay, kernel.firmwareFramebuffer, [...kernel.modules], kernel.vfioIds, [...kernel.parameters], functions]);
}

const bootId = '/proc/sys/kernel/random/boot_id';
const ofKernel = (path: string): boolean => (path.startsWith('/sys/') || path.startsWith('/proc/') || path.startsWith('/dev/')) && path !== bootId;

/** Eyes that give the same answer about a kernel as long as it is the same, where the world remembers; each look still counts as one. */
export function rememberingEyes(world: World, eyes: Machine): Machine {
  const seen = <T>(which: (seen: Seen) => Map<string, Look<T>>, path: string, { key, look }: { readonly key: string; readonly look: () => Look<T> }): Look<T> => {
    const memory = world.faults.looks.size > 0 || !ofKernel(path) ? null : memoryOf(world);
    if (memory === null) return look();
    const table = which(memory);
    const known = table.get(key);
    if (known !== undefined) {
      world.faults.looked += 1;
      return known;
    }
    const found = look();
    table.set(key, found);
    return found;
  };
  const { uid } = eyes;
  const remembering: Machine = {
    ...eyes,
    text: (path, limit) => seen(({ text }) => text, path, { key: `${uid} ${limit ?? ''} ${path}`, look: () => eyes.text(path, limit) }),
    bytes: (path, limit) => seen(({ bytes }) => bytes, path, { key: `${uid} ${limit ?? ''} ${path}`, look: () => eyes.bytes(path, limit) }),
    names: (path) => seen(({ names }) => names, path, { key: `${uid} ${path}`, look: () => eyes.names(path) }),
    target: (path) => seen(({ target }) => target, path, { key: `${uid} ${path}`, look: () => eyes.target(path) }),
    real: (path) => seen(({ real }) => real, path, { key: `${uid} ${path}`, look: () => eyes.real(path) }),
    stat: (path, links) => seen(({ stat }) => stat, path, { key: `${uid} ${links ?? ''} ${path}`, look: () => eyes.stat(path, links) }),
  };
  return { ...remembering, again: (what, make) => madeAgain(world, remembering, { what, make }) };
}

/** How many disks that differ where something looked are remembered for one state of a kernel. */
const mostMade = 8;

/** What was made before, if every look at the disk that it was made of gives the same; otherwise made, and remembered with its looks. */
function madeAgain<T>(world: World, eyes: Machine, { what, make }: { readonly what: string; readonly make: (machine: Machine) => T }): T {
  const memory = world.faults.looks.size > 0 ? null : memoryOf(world);
  if (memory === null) return make(eyes);
  const key = `${what} ${eyes.uid}`;
  const known = memory.made.get(key) ?? [];
  const same = known.find(({ looks }) => looks.every(({ look, found }) => isSame(look(eyes), found)));
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- what was remembered under this name was made by this very function
  if (same !== undefined) return same.value as T;
  const looks: Looked[] = [];
  const value = make(noting(eyes, looks));
  // A look that did not stay the same while it was made is no kernel's any more.
  if (world.kernel?.seen === memory) memory.made.set(key, [{ value, looks }, ...known].slice(0, mostMade));
  return value;
}

/** Eyes that note every look at the disk with what it gave. */
function noting(eyes: Machine, looks: Looked[]): Machine {
  const note = <T>(path: string, look: (machine: Machine) => T): T => {
    const found = look(eyes);
    if (!ofKernel(path)) looks.push({ look, found });
    return found;
  };
  return {
    uid: eyes.uid,
    env: eyes.env,
    text: (path, limit) => note(path, (machine) => machine.text(path, limit)),
    bytes: (path, limit) => note(path, (machine) => machine.bytes(path, limit)),
    names: (path) => note(path, (machine) => machine.names(path)),
    target: (path) => note(path, (machine) => machine.target(path)),
    real: (path) => note(path, (machine) => machine.real(path)),
    stat: (path, links) => note(path, (machine) => machine.stat(path, links)),
    may: (path, how) => note('', (machine) => machine.may(path, how)),
    run: (program) => eyes.run(program),
  };
}

/** The same answer, all the way down; the text of one file is the same string. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof Uint8Array || b instanceof Uint8Array) return a instanceof Uint8Array && b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  const [left, right] = [Object.entries(a), new Map(Object.entries(b))];
  return left.length === right.size && left.every(([key, value]) => isSame(value, right.get(key)));
}
