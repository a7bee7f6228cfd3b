// SPDX-License-Identifier: GPL-3.0-or-later
import type { HandRun, HandVm } from '../../contract/hand-run';
import { hangs, isOn, outcomeOf } from '../../core/hand-off/told';

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

/** The buttons of a VM's page in the window (renderer/hand-off/HandOver.svelte), without the window. */
export function offersOf(vms: readonly HandVm[], run: HandRun | null): readonly Offer[] {
  const moving = run !== null && run.at !== 'over';
  return vms.map((vm): Offer => {
    const { uuid, name } = vm;
    const away = isOn(vm);
    const own = run?.vm === uuid ? run : null;
    if (moving && own !== null) return { uuid, name, press: 'wait', label: movingAs[own.doing], away, attention: false };
    const told = outcomeOf(own, vm);
    const stuck = hangs(told);
    const attention = stuck || told?.end === 'adrift' || told?.end === 'still-runs';
    const [press, label] = pressOf(vm, stuck);
    return { uuid, name, press: moving ? 'wait' : press, label, away, attention };
  });
}

const movingAs = { give: 'giving', take: 'taking', rounds: 'testing' } as const;

function pressOf(vm: HandVm, stuck: boolean): readonly [Offer['press'], Offer['label']] {
  if (isOn(vm)) return ['back', 'back'];
  if (stuck) return ['look', 'stuck'];
  // The desktop would end with all that is open in it: nobody does that with one press.
  return vm.way === 'single-card' ? ['look', 'over-single'] : ['over', 'over'];
}
