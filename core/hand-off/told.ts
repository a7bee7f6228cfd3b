// SPDX-License-Identifier: GPL-3.0-or-later
import type { HandStatus } from '../../contract/hand-off';
import type { HandRun, HandVm } from '../../contract/hand-run';

export type HandOutcome = NonNullable<HandRun['end']>;

/** How a run ended, with what root and libvirt said of it. */
export interface Told {
  readonly end: HandOutcome;
  readonly status: HandStatus | null;
  readonly said: string | null;
}

/** What is told of a VM while nothing moves: how its last run ended, as long as that is still true, else what its last round left. */
export function outcomeOf(run: HandRun | null, vm: HandVm): Told | null {
  if (run?.at === 'over' && run.end !== null && stillTrue(run.end, vm)) return { end: run.end, status: run.status, said: run.said };
  if (vm.status?.end == null) return null;
  // A round that came home long ago is nothing to report.
  return vm.status.end === 'home' || vm.status.end === 'refused' ? null : { end: vm.status.end, status: vm.status, said: null };
}

/** A VM that was started or stopped since, by whomever, has another story. */
function stillTrue(end: HandOutcome, vm: HandVm): boolean {
  const on = vm.state === 'running' || vm.state === 'paused';
  if (end === 'given' || end === 'still-runs' || end === 'waiting') return on;
  return end === 'no-card' || !on;
}

/** Whether it has its card: one that is stopping still has. */
export const isOn = ({ state }: Pick<HandVm, 'state'>): boolean => state === 'running' || state === 'paused' || state === 'stopping';

/** What hangs is left alone: nothing is offered that would be refused. */
export const hangs = (told: Told | null): boolean => told?.end === 'stuck' || (told?.end === 'refused' && told.status?.why === 'stuck');
