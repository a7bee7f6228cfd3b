// SPDX-License-Identifier: GPL-3.0-or-later
import type { HandReport, HandRun, HandVm } from '../contract/hand-run';
import { failed, ok, type Result } from '../contract/problem';
import type { News } from './dispatch';
import { selfTest } from './hand-rounds';
import { handOver, takeBack, type HandBench, type Walk } from './hand-walk';

/** What moves on each machine, one run at a time; the newest stays to be read. */
export interface HandRuns {
  run(machine: string): HandRun | null;
  over(bench: HandBench, vm: HandVm): Result<HandRun>;
  back(bench: HandBench, vm: HandVm, force: boolean): Result<HandRun>;
  rounds(bench: HandBench, vm: HandVm, how: { readonly count: number; readonly force: boolean; readonly keep: (report: HandReport) => void }): Result<HandRun>;
  stop(machine: string): Result<HandRun>;
  underWay(): boolean;
  /** Ends self-tests after the round in hand and waits for all. */
  close(): Promise<void>;
}

interface Kept {
  run: HandRun;
  stop: boolean;
  done: Promise<void>;
}

export function openHandRuns(news: News, clock: () => number): HandRuns {
  const all = new Map<string, Kept>();
  const begin = (bench: HandBench, vm: HandVm, first: Pick<HandRun, 'doing' | 'at' | 'rounds'>, work: (walk: Walk) => Promise<Partial<HandRun>>): Result<HandRun> => {
    if (all.get(bench.machine)?.run.end === null) return failed('busy');
    const { doing, at, rounds } = first;
    const kept: Kept = { run: { machine: bench.machine, vm: vm.uuid, name: vm.name, doing, at, status: null, end: null, said: null, rounds, report: null }, stop: false, done: Promise.resolve() };
    all.set(bench.machine, kept);
    const set = (more: Partial<HandRun>): void => {
      kept.run = { ...kept.run, ...more };
      news.tell('hand.news', kept.run);
    };
    const walk: Walk = { bench, vm: vm.uuid, name: vm.name, clock, set, stopped: () => kept.stop };
    kept.done = work(walk).then(
      (end) => { set({ ...end, at: 'over' }); },
      () => { set({ end: 'failed', at: 'over' }); },
    );
    return ok(kept.run);
  };
  return {
    run: (machine) => all.get(machine)?.run ?? null,
    over: (bench, vm) => begin(bench, vm, { doing: 'give', at: 'moving', rounds: null }, (walk) => handOver(walk)),
    back: (bench, vm, force) => begin(bench, vm, { doing: 'take', at: force ? 'moving' : 'asking', rounds: null }, (walk) => takeBack(walk, force)),
    rounds: (bench, vm, { count, force, keep }) =>
      begin(bench, vm, { doing: 'rounds', at: 'moving', rounds: { wanted: count, through: 0 } }, async (walk) => {
        const report = await selfTest(walk, { count, force });
        keep(report);
        const last = report.rounds.at(-1);
        const move = last?.take ?? last?.give;
        return { report, end: report.end === 'guest-runs' ? 'still-runs' : (move?.end ?? 'failed') };
      }),
    stop(machine) {
      const kept = all.get(machine);
      if (kept?.run.end !== null) return failed('not-found', { what: 'run' });
      kept.stop = true;
      return ok(kept.run);
    },
    underWay: () => [...all.values()].some((one) => one.run.end === null),
    async close() {
      for (const one of all.values()) one.stop = true;
      await Promise.all([...all.values()].map((one) => one.done));
    },
  };
}
