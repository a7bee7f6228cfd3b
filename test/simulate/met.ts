// SPDX-License-Identifier: GPL-3.0-or-later
import { classOf, type FaultKind, type Operation } from '../../rehearsal/faults';

/** A fault as it was met: what was being done, and in which step and phase. */
export interface Met {
  readonly kind: FaultKind;
  readonly step: string;
  readonly phase: string;
  readonly operation: Operation;
  /** Lines of progress that had been heard by then. */
  readonly heard: number;
}

const changing = new Set(['changing', 'verifying', 'undoing', 'undone']);
/** From the first change of a step to the line that tells it is back. */
export const inChange = (phase: string): boolean => changing.has(phase);

/** While a step is looked at, done or put back; what follows when it was told as undone belongs to whatever comes next. */
export const inStep = ({ step, phase }: Met): boolean => step !== '-' && phase !== 'undone';

/** Nobody hears the answer of a process that is gone; only a program has a deadline at which it is given up. */
export const isDeadly = ({ kind, operation }: Met): boolean => kind === 'killed' || kind === 'power' || (kind === 'hangs' && classOf(operation.name) !== 'command');
