// SPDX-License-Identifier: GPL-3.0-or-later
import type { HandRun, HandVm } from '../../contract/hand-run';

/** What stands before one VM of which a card moves. */
export interface Offer {
  readonly uuid: string;
  readonly name: string;
  /** What may be done without another word. *look*: only the window can ask or explain; *wait*: nothing now, something is on its way. */
  readonly press: 'over' | 'back' | 'look' | 'wait';
  /** What it is called. */
  readonly label: 'over' | 'over-single' | 'back' | 'giving' | 'taking' | 'testing' | 'stuck';
  /** The VM runs, so the card is with it. */
  readonly away: boolean;
  /** Something is not as it should be, and still is so. */
  readonly attention: boolean;
}

/** The buttons of a VM's page in the window, without the window: the same rules (renderer/hand-off/HandOver.svelte), which a test compares. */
export function offersOf(vms: readonly HandVm[], run: HandRun | null): readonly Offer[] {
  const moving = run !== null && run.at !== 'over';
  return vms.map((vm): Offer => {
    const { uuid, name } = vm;
    const away = runs(vm);
    const own = run?.vm === uuid ? run : null;
    if (moving && own !== null) return { uuid, name, press: 'wait', label: movingAs[own.doing], away, attention: false };
    const end = endOf(own, vm);
    const stuck = end === 'stuck' || (end === 'refused' && own?.status?.why === 'stuck');
    const attention = stuck || end === 'adrift' || end === 'still-runs';
    const [press, label] = pressOf(vm, stuck);
    return { uuid, name, press: moving ? 'wait' : press, label, away, attention };
  });
}

const movingAs = { give: 'giving', take: 'taking', rounds: 'testing' } as const;

function pressOf(vm: HandVm, stuck: boolean): readonly [Offer['press'], Offer['label']] {
  if (runs(vm)) return ['back', 'back'];
  // What hangs is left alone: nothing is offered that would be refused.
  if (stuck) return ['look', 'stuck'];
  // The desktop would end with all that is open in it: nobody does that with one press.
  return vm.way === 'single-card' ? ['look', 'over-single'] : ['over', 'over'];
}

const runs = ({ state }: HandVm): boolean => state === 'running' || state === 'paused' || state === 'stopping';

type End = NonNullable<HandRun['end']>;

/** What is told of a VM while nothing moves: how its last run ended, as long as that is still true, else what its last round left. */
export function endOf(run: HandRun | null, vm: HandVm): End | null {
  if (run?.at === 'over' && run.end !== null && stillTrue(run.end, vm)) return run.end;
  const left = vm.status?.end ?? null;
  return left === 'home' || left === 'refused' ? null : left;
}

/** A VM that was started or stopped since, by whomever, has another story. */
function stillTrue(end: End, vm: HandVm): boolean {
  const on = vm.state === 'running' || vm.state === 'paused';
  if (end === 'given' || end === 'still-runs' || end === 'waiting') return on;
  return end === 'no-card' || !on;
}
