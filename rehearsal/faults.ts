// SPDX-License-Identifier: GPL-3.0-or-later
import type { Random } from './random';

/**
 * What may happen at an operation.
 * *fails*: refused with an errno; *half*: some of it done, then refused; *lies*: nothing done, said to be done;
 * *hangs*: done half and given up at its deadline; *throws*: a bug in our own code; *killed*: the process dies before it;
 * *power*: the machine loses power in it; *edited*: somebody else changes a file just before it; *stop*: the person says stop.
 */
export const faultKinds = ['fails', 'half', 'lies', 'hangs', 'throws', 'killed', 'power', 'edited', 'stop'] as const;
export type FaultKind = (typeof faultKinds)[number];

/** One operation of the hands, as the walk counts them. */
export interface Operation {
  readonly number: number;
  readonly name: string;
  readonly path: string;
  readonly changes: boolean;
}

export interface Faults {
  /** Number of the operation -> what happens there. */
  readonly at: ReadonlyMap<number, FaultKind>;
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

export const noFaults = (): Faults => ({ at: new Map(), looks: new Set(), operations: 0, looked: 0, onOperation: () => undefined, onEdit: () => undefined, onStop: () => undefined, random: null });

/** The process that asked is no more; nothing it asks for happens. */
export class Killed extends Error {}
/** The machine is without power; nothing happens on it until it is switched on. */
export class PowerLost extends Error {}
/** A throw in the middle of our own code, for which there is no errno. */
export class Thrown extends Error {}
