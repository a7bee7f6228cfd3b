// SPDX-License-Identifier: GPL-3.0-or-later
import { unfinished, type Summary } from '../contract/history';
import { planHash, type Intent, type IntentOf, type PlanHash } from '../contract/plan';
import { failed, ok, type Result } from '../contract/problem';
import { isUnderWay, type RunState } from '../contract/run';
import type { MachineId } from '../contract/target';
import type { News } from './dispatch';
import type { HelperAsk, HelperCall } from './helper-client';
import { beginRun, cancelRun, endRun, greet, progressRun, standingRun, waitingSteps, withSummary } from './run-state';
import type { Hands } from './target';

/** A machine that may be changed, and its name. */
export interface Bench {
  readonly machine: MachineId;
  readonly hands: Hands;
}

/** The runs of all machines: at most one each, told whole at every change, there for a page that loads again. */
export interface Runs {
  readonly state: (bench: Bench) => RunState | null;
  readonly apply: (bench: Bench, intent: Intent, approved: PlanHash) => Result<RunState>;
  readonly keep: (bench: Bench) => Result<RunState>;
  readonly goBack: (bench: Bench) => Result<RunState>;
  readonly undo: (bench: Bench, transaction: string) => Result<RunState>;
  /** Leads the machine to a restore point, if the plan still is the one that was read. */
  readonly restore: (bench: Bench, intent: IntentOf<'restore'>, approved: PlanHash) => Result<RunState>;
  readonly cancel: (bench: Bench) => Result<RunState>;
  /** The machine was restarted: what is true now is what its store says. */
  readonly forgetState: (machine: MachineId) => void;
  /** Human names of what a transaction of this process was about; empty when it is older. */
  readonly about: (transaction: string) => string;
  readonly underWay: () => boolean;
  /** Stops every run by undoing it, and waits for the end. */
  readonly close: () => Promise<void>;
}

interface Active {
  state: RunState;
  call: HelperCall | null;
}

interface Desk {
  readonly runs: Map<MachineId, Active>;
  readonly abouts: Map<string, string>;
  readonly news: News;
  readonly clock: () => number;
}

export function openRuns(news: News, clock: () => number): Runs {
  const desk: Desk = { runs: new Map(), abouts: new Map(), news, clock };
  const free = (bench: Bench, begin: () => Result<RunState>): Result<RunState> => (desk.runs.get(bench.machine)?.call == null ? begin() : failed('busy'));
  return {
    state: (bench) => stateOf(desk, bench),
    apply: (bench, intent, approved) => free(bench, () => apply(desk, bench, { intent, approved })),
    keep: (bench) => free(bench, () => answer(desk, bench, 'keep')),
    goBack: (bench) => free(bench, () => answer(desk, bench, 'go-back')),
    undo: (bench, transaction) => free(bench, () => undo(desk, bench, transaction)),
    restore: (bench, intent, approved) => free(bench, () => restore(desk, bench, { intent, approved })),
    cancel: (bench) => cancel(desk, bench),
    forgetState: (machine) => void desk.runs.delete(machine),
    about: (transaction) => desk.abouts.get(transaction) ?? '',
    underWay: () => [...desk.runs.values()].some((active) => isUnderWay(active.state)),
    async close() {
      const calls = [...desk.runs.values()].flatMap((active) => (active.call === null ? [] : [active.call]));
      for (const call of calls) call.stop();
      await Promise.all(calls.map((call) => call.done));
    },
  };
}

const waiting = ({ hands }: Bench): Summary | undefined => hands.summaries().find((summary) => unfinished(summary.state));

/** What this process knows of the run, else what root left on disk. */
function stateOf(desk: Desk, bench: Bench): RunState | null {
  const active = desk.runs.get(bench.machine);
  if (active !== undefined) return active.state;
  const open = waiting(bench) ?? pending(bench);
  return open === undefined ? null : standingRun(bench.machine, open);
}

/** Undone in this very start, which was made before it: told until the restart, also by a process that did not do it. */
function pending({ hands }: Bench): Summary | undefined {
  const [newest] = hands.summaries();
  return newest?.state === 'undone' && newest.restart && newest.boot === hands.boot() ? newest : undefined;
}

function apply(desk: Desk, bench: Bench, request: { readonly intent: Intent; readonly approved: PlanHash }): Result<RunState> {
  const drawn = bench.hands.draw(request.intent);
  if (!drawn.ok) return drawn;
  // Root compares again; but nobody should type a password for a plan that is stale already.
  if (drawn.value.review.hash !== request.approved) return failed('plan-stale');
  const steps = waitingSteps(drawn.value.review.steps);
  return start(desk, bench, { first: { verb: 'apply', steps, transaction: null }, ask: { verb: 'apply', request }, about: bench.hands.about(request.intent) });
}

/** The person's answer after the trial start. */
function answer(desk: Desk, bench: Bench, verb: 'keep' | 'go-back'): Result<RunState> {
  const open = waiting(bench);
  if (open === undefined) return failed('not-found', { what: 'trial' });
  const { transaction } = open;
  const ask: HelperAsk = verb === 'keep' ? { verb, request: { transaction, approved: planHash.parse(open.plan) } } : { verb, request: null };
  return start(desk, bench, { first: { verb, steps: stateOf(desk, bench)?.steps ?? [], transaction }, ask });
}

function undo(desk: Desk, bench: Bench, transaction: string): Result<RunState> {
  const found = bench.hands.summaries().find((summary) => summary.transaction === transaction);
  if (found === undefined) return failed('not-found', { what: 'transaction' });
  const known = desk.runs.get(bench.machine)?.state;
  const { steps } = known?.transaction === transaction ? known : standingRun(bench.machine, found);
  return start(desk, bench, { first: { verb: 'undo', steps, transaction: found.transaction }, ask: { verb: 'undo', request: { transaction: found.transaction } } });
}

function restore(desk: Desk, bench: Bench, { intent, approved }: { readonly intent: IntentOf<'restore'>; readonly approved: PlanHash }): Result<RunState> {
  const drawn = bench.hands.draw(intent);
  if (!drawn.ok) return drawn;
  if (drawn.value.review.hash !== approved) return failed('plan-stale');
  const { to, choices } = intent;
  return start(desk, bench, { first: { verb: 'restore', steps: waitingSteps(drawn.value.review.steps), transaction: null }, ask: { verb: 'restore', request: { to, choices, approved } } });
}

function cancel(desk: Desk, bench: Bench): Result<RunState> {
  const active = desk.runs.get(bench.machine);
  if (active?.call == null) return failed('not-found', { what: 'run' });
  active.state = cancelRun(active.state, desk.clock());
  desk.news.tell('run.news', active.state);
  active.call.stop();
  return ok(active.state);
}

interface Wish {
  readonly first: Pick<RunState, 'verb' | 'steps' | 'transaction'>;
  readonly ask: HelperAsk;
  /** Human names, for the timeline. */
  readonly about?: string;
}

function start(desk: Desk, bench: Bench, { first, ask, about }: Wish): Result<RunState> {
  const { runs, news, clock } = desk;
  const before = ask.verb === 'apply' || ask.verb === 'restore' ? null : stateOf(desk, bench);
  const active: Active = { state: beginRun({ ...first, machine: bench.machine }, clock()), call: null };
  const set = (next: RunState): void => {
    active.state = next;
    news.tell('run.news', next);
  };
  runs.set(bench.machine, active);
  set(active.state);
  const call = bench.hands.call(ask, {
    hello: () => {
      set(greet(active.state, clock()));
    },
    progress: (line) => {
      set(progressRun(active.state, line, clock()));
    },
  });
  active.call = call;
  void call.done.then((end) => {
    active.call = null;
    if (end.ok && end.value.outcome.transaction !== null && about !== undefined) desk.abouts.set(end.value.outcome.transaction, about);
    const ended = endRun(active.state, end.ok ? ok(end.value.outcome) : end, before, clock());
    set(withSummary(ended, bench.hands.summaries().find((summary) => summary.transaction === ended.transaction)));
    news.tell('history.changed', { machine: bench.machine });
  });
  return ok(active.state);
}
