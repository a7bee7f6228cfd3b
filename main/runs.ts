// SPDX-License-Identifier: GPL-3.0-or-later
import { unfinished, type Summary } from '../contract/history';
import { planHash, type Intent, type PlanHash } from '../contract/plan';
import { failed, ok, type Result } from '../contract/problem';
import { isUnderWay, type RunState } from '../contract/run';
import type { MachineId } from '../contract/target';
import type { News } from './dispatch';
import type { Ended, HelperAsk, HelperCall } from './helper-client';
import { beginRun, cancelRun, endRun, greet, progressRun, standingRun, waitingSteps } from './run-state';
import type { Hands } from './target';

/** A machine that may be changed, and its name. */
export interface Bench {
  readonly machine: MachineId;
  readonly hands: Hands;
}

/** The runs of all machines: at most one each, told whole at every change, there for a page that loads again. */
export interface Runs {
  state(bench: Bench): RunState | null;
  apply(bench: Bench, intent: Intent, approved: PlanHash): Result<RunState>;
  keep(bench: Bench): Result<RunState>;
  goBack(bench: Bench): Result<RunState>;
  undo(bench: Bench, transaction: string): Result<RunState>;
  cancel(bench: Bench): Result<RunState>;
  /** The machine was restarted: what is true now is what its store says. */
  forgetState(machine: MachineId): void;
  underWay(): boolean;
  /** Stops every run by undoing it, and waits for the end. */
  close(): Promise<void>;
}

interface Active {
  state: RunState;
  call: HelperCall | null;
}

export function openRuns(news: News, clock: () => number): Runs {
  const runs = new Map<MachineId, Active>();

  const standing = ({ machine, hands }: Bench): RunState | null => {
    const open = hands.summaries().find((summary) => unfinished(summary.state));
    return open === undefined ? null : standingRun(machine, open);
  };
  const state = (bench: Bench): RunState | null => runs.get(bench.machine)?.state ?? standing(bench);
  const busy = (bench: Bench): boolean => runs.get(bench.machine)?.call != null;

  const start = (bench: Bench, first: RunState, ask: HelperAsk): Result<RunState> => {
    const before = state(bench);
    const active: Active = { state: first, call: null };
    const set = (next: RunState): void => {
      active.state = next;
      news.tell('run.news', next);
    };
    runs.set(bench.machine, active);
    set(first);
    const call = bench.hands.call(ask, {
      hello: () => {
        set(greet(active.state, clock()));
      },
      progress: (line) => {
        set(progressRun(active.state, line, clock()));
      },
    });
    active.call = call;
    void call.done.then((end: Result<Ended>) => {
      active.call = null;
      set(endRun(active.state, end.ok ? ok(end.value.outcome) : end, ask.verb === 'apply' ? null : before, clock()));
      news.tell('history.changed', { machine: bench.machine });
    });
    return ok(active.state);
  };

  const onOpen = (bench: Bench, verb: 'keep' | 'go-back', askFor: (open: Summary) => HelperAsk): Result<RunState> => {
    if (busy(bench)) return failed('busy');
    const open = bench.hands.summaries().find((summary) => unfinished(summary.state));
    if (open === undefined) return failed('not-found', { what: 'trial' });
    const steps = state(bench)?.steps ?? [];
    return start(bench, beginRun({ machine: bench.machine, verb, steps, transaction: open.transaction }, clock()), askFor(open));
  };

  return {
    state,
    apply(bench, intent, approved) {
      if (busy(bench)) return failed('busy');
      const drawn = bench.hands.draw(intent);
      if (!drawn.ok) return drawn;
      if (drawn.value.review.hash !== approved) return failed('plan-stale');
      const steps = waitingSteps(drawn.value.review.steps);
      return start(bench, beginRun({ machine: bench.machine, verb: 'apply', steps, transaction: null }, clock()), { verb: 'apply', request: { intent, approved } });
    },
    keep: (bench) => onOpen(bench, 'keep', (open) => ({ verb: 'keep', request: { transaction: open.transaction, approved: planHash.parse(open.plan) } })),
    goBack: (bench) => onOpen(bench, 'go-back', () => ({ verb: 'go-back', request: null })),
    undo(bench, transaction) {
      if (busy(bench)) return failed('busy');
      const found = bench.hands.summaries().find((summary) => summary.transaction === transaction);
      if (found === undefined) return failed('not-found', { what: 'transaction' });
      const known = runs.get(bench.machine)?.state;
      const steps = known?.transaction === transaction ? known.steps : standingRun(bench.machine, found).steps;
      return start(bench, beginRun({ machine: bench.machine, verb: 'undo', steps, transaction: found.transaction }, clock()), { verb: 'undo', request: { transaction: found.transaction } });
    },
    cancel(bench) {
      const active = runs.get(bench.machine);
      if (active?.call == null) return failed('not-found', { what: 'run' });
      active.state = cancelRun(active.state, clock());
      news.tell('run.news', active.state);
      active.call.stop();
      return ok(active.state);
    },
    forgetState: (machine) => void runs.delete(machine),
    underWay: () => [...runs.values()].some((active) => isUnderWay(active.state)),
    async close() {
      const calls = [...runs.values()].flatMap((active) => (active.call === null ? [] : [active.call]));
      for (const call of calls) call.stop();
      await Promise.all(calls.map((call) => call.done));
    },
  };
}
