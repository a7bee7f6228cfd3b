// SPDX-License-Identifier: GPL-3.0-or-later
import type { Random } from './random';

/**
 * What may happen at an operation.
 * *fails*: refused with an errno; *half*: some of it done, then refused; *lies*: nothing done, said to be done;
 * *hangs*: done half, and a program is given up at its deadline, while a process stuck in a call of its own is ended from
 * outside; *throws*: a bug in our own code; *killed*: the process dies before it;
 * *power*: the machine loses power in it; *edited*: somebody else changes a file just before it; *stop*: the person says stop.
 */
export const faultKinds = ['fails', 'half', 'lies', 'hangs', 'throws', 'killed', 'power', 'edited', 'stop'] as const;
export type FaultKind = (typeof faultKinds)[number];

/** What an operation is to the disk: who can be refused, cut short, or told an untruth. */
export const operationClasses = ['read', 'write', 'flush', 'rename', 'command', 'other'] as const;
export type OperationClass = (typeof operationClasses)[number];

const classes: Readonly<Record<string, OperationClass>> = {
  inspect: 'read',
  take: 'read',
  folder: 'read',
  create: 'write',
  append: 'write',
  write: 'write',
  copy: 'write',
  own: 'write',
  truncate: 'write',
  makeFolder: 'write',
  removeFolder: 'write',
  flush: 'flush',
  flushFolder: 'flush',
  rename: 'rename',
  link: 'rename',
  remove: 'rename',
  writeNode: 'command',
};
export const classOf = (name: string): OperationClass => classes[name] ?? (name.startsWith('start ') ? 'command' : 'other');

const always: readonly FaultKind[] = ['fails', 'throws', 'killed', 'power', 'edited', 'stop'];
/** Only what has parts can be done half: names change whole or not at all, and a flush has no middle that anybody could see. */
const inParts = new Set(['write', 'copy']);

/**
 * What can happen to an operation. A read does not lie: a kernel that answers with other bytes than the disk holds keeps
 * nobody's promise. Nor does a flush: while power is there its lie cannot be told from the truth, and when it goes no
 * program could have known.
 */
export function faultsOf(name: string): readonly FaultKind[] {
  switch (classOf(name)) {
    case 'read':
    case 'flush':
      return [...always, 'hangs'];
    case 'write':
      return [...always, 'hangs', 'lies', ...(inParts.has(name) ? (['half'] as const) : [])];
    case 'rename':
      return [...always, 'hangs', 'lies'];
    case 'command':
      // Writing a file system back is a flush by another name.
      return name === 'start sync-filesystem' ? [...always, 'hangs', 'half'] : [...always, 'hangs', 'lies', 'half'];
    default:
      return always;
  }
}

/** One operation of the hands, as the walk counts them. */
export interface Operation {
  readonly number: number;
  readonly name: string;
  readonly path: string;
  readonly changes: boolean;
}

/** A fault that waits for the first operation from a number on that it can happen to. */
export interface DueFault {
  readonly from: number;
  readonly kind: FaultKind;
}

export interface Faults {
  /** Number of the operation -> what happens there. */
  readonly at: ReadonlyMap<number, FaultKind>;
  /** Faults still to come, the next one first. */
  readonly due: DueFault[];
  /** Number of a look -> it finds nothing but an error. */
  readonly looks: ReadonlySet<number>;
  operations: number;
  looked: number;
  /** Called before each operation: who counts, who edits. */
  onOperation: (operation: Operation, fault: FaultKind | null) => void;
  /** What somebody else does when `edited` comes; `path` is what the operation itself is about. */
  onEdit: (path: string) => void;
  onStop: () => void;
  random: Random | null;
}

export const noFaults = (): Faults => ({ at: new Map(), due: [], looks: new Set(), operations: 0, looked: 0, onOperation: () => undefined, onEdit: () => undefined, onStop: () => undefined, random: null });

/** The process that asked is no more; nothing it asks for happens. */
export class Killed extends Error {}
/** The machine is without power; nothing happens on it until it is switched on. */
export class PowerLost extends Error {}
/** A throw in the middle of our own code, for which there is no errno. */
export class Thrown extends Error {}
