// SPDX-License-Identifier: GPL-3.0-or-later
import type { Problem } from '../../contract/problem';
import { isUnderWay, type RunState } from '../../contract/run';
import type { VmRun } from '../../contract/vm-change';
import type { News } from '../dispatch';
import type { Bench, Runs } from '../runs';
import type { VmSide } from './side';
import type { Contents } from './things';

/** A machine whose VMs may be changed. */
export interface VmBench extends Bench {
  readonly side: VmSide;
}

/** What all pieces of work on VMs share in this process. */
export interface Desk {
  readonly news: News;
  readonly runs: Runs;
  readonly clock: () => number;
  readonly states: Map<string, VmRun>;
  readonly stuck: Map<string, Map<string, Problem>>;
  /** What is not written down: answers and their password. */
  readonly contents: Map<string, Contents>;
  readonly atWork: Map<string, Promise<void>>;
}

/** One piece of work a machine at a time. */
export function begin(desk: Desk, bench: VmBench, work: () => Promise<void>): void {
  const done = work()
    .catch((bug: unknown) => {
      // What was begun is written down; the next start puts it back.
      console.error(bug);
      const state = desk.states.get(bench.machine);
      if (state !== undefined) put(desk, state, { at: 'undo-incomplete', problem: { code: 'internal', detail: {} } });
    })
    .finally(() => {
      desk.atWork.delete(bench.machine);
      desk.news.tell('history.changed', { machine: bench.machine });
    });
  desk.atWork.set(bench.machine, done);
}

export function put(desk: Desk, state: VmRun, change: Partial<VmRun>): VmRun {
  const at = change.at === undefined || change.at === state.at ? {} : { since: new Date(desk.clock()).toISOString() };
  const next: VmRun = { ...state, ...change, ...at };
  desk.states.set(next.machine, next);
  desk.news.tell('vm.news', next);
  return next;
}

/** The end of the machine's run of root: heard from before it begins, so that none is missed. */
export function endOfRun(desk: Desk, bench: VmBench): { readonly done: Promise<RunState>; readonly forget: () => void } {
  let leave = (): void => undefined;
  const done = new Promise<RunState>((resolve) => {
    leave = desk.news.subscribe((name) => {
      if (name !== 'run.news') return;
      const run = desk.runs.state(bench);
      if (run === null || isUnderWay(run)) return;
      leave();
      resolve(run);
    });
  });
  return { done, forget: () => { leave(); } };
}
