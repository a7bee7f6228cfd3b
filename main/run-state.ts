// SPDX-License-Identifier: GPL-3.0-or-later
import type { Outcome, Progress } from '../contract/progress';
import type { StepOutcome, Summary, TransactionState } from '../contract/history';
import type { Problem, Result } from '../contract/problem';
import type { ReviewStep } from '../contract/review';
import type { RunState, RunStep } from '../contract/run';
import type { MachineId } from '../contract/target';

/** How a run begins: nothing has happened, the password is being asked for. */
export function beginRun(wish: { readonly machine: MachineId; readonly verb: RunState['verb']; readonly steps: readonly RunStep[]; readonly transaction: RunState['transaction'] }, now: number): RunState {
  return { ...wish, steps: [...wish.steps], at: 'authorising', problem: null, restart: false, waitsFor: [], regenerate: [], since: when(now) };
}

export const waitingSteps = (steps: readonly ReviewStep[]): RunStep[] => steps.map(({ id, kind, phase, sentence, holdsFrom }) => ({ id, kind, phase, sentence, state: 'waiting', ...(holdsFrom === undefined ? {} : { holdsFrom }) }));

/** What of a run that is done is true only later, each occasion said once. */
const waitsOf = (steps: readonly RunStep[]): RunState['waitsFor'] =>
  [...new Set(steps.flatMap((step) => (step.state === 'verified' && step.holdsFrom !== undefined ? [step.holdsFrom] : [])))].map((from) => ({ code: `step.waits.${from}`, detail: {} }));

const when = (now: number): string => new Date(now).toISOString();
const become = (run: RunState, at: RunState['at'], now: number): RunState => (run.at === at ? run : { ...run, at, since: when(now) });

/** Root answered: it is at work now. */
export const greet = (run: RunState, now: number): RunState => (run.at === 'authorising' ? become(run, 'working', now) : run);

export const cancelRun = (run: RunState, now: number): RunState => become(run, 'cancelling', now);

/** One line of root's: the named step is in that phase now. */
export function progressRun(run: RunState, line: Progress, now: number): RunState {
  const steps = run.steps.map((step) => (step.id === line.stepId ? { ...step, state: line.phase } : step));
  return { ...greet(run, now), steps };
}

const standing: Readonly<Record<TransactionState, RunState['at']>> = {
  // Nobody is at work any more, or this would not be asked: something ended in the middle.
  working: 'undo-incomplete',
  'waiting-for-restart': 'restart-needed',
  'trial-running': 'asking',
  kept: 'kept',
  undone: 'undone',
  'undo-incomplete': 'undo-incomplete',
};

const stepStanding: Readonly<Record<StepOutcome, RunStep['state']>> = { planned: 'waiting', begun: 'changing', verified: 'verified', undone: 'undone', left: 'left' };

/** A run as root's own summary tells it: what stands after a restart of this program or of the computer. */
export function standingRun(machine: MachineId, summary: Summary): RunState {
  const failedTrial = summary.state === 'trial-running' && (summary.problem !== null || summary.check?.verdict === 'failed');
  return {
    machine,
    transaction: summary.transaction,
    verb: 'apply',
    at: failedTrial ? 'trial-failed' : standing[summary.state],
    steps: summary.steps.map((step) => ({
      id: step.id,
      kind: step.kind,
      phase: step.phase,
      sentence: { code: `step.${step.kind}.title`, detail: {} },
      state: stepStanding[step.outcome],
      ...(step.proof === undefined ? {} : { proof: step.proof }),
    })),
    ...(summary.check === undefined ? {} : { check: summary.check }),
    problem: summary.problem === null ? null : withStep(summary.problem),
    restart: summary.state === 'undone' && summary.restart,
    waitsFor: [],
    regenerate: [],
    since: when(summary.changed),
  };
}

const withStep = (problem: NonNullable<Summary['problem']>): Problem => (problem.stepId === null ? { code: problem.code, detail: {} } : { code: problem.code, detail: {}, stepId: problem.stepId });

/** How a run ends: by root's last line, and by what root left on disk where there is something. */
export function endRun(run: RunState, end: Result<Outcome>, before: RunState | null, now: number): RunState {
  if (end.ok) {
    const { transaction, state, restart, regenerate } = end.value;
    const at = state === null ? 'nothing-to-do' : standing[state];
    return { ...become(run, at, now), transaction: transaction ?? run.transaction, restart: (state === 'undone' || state === 'kept') && restart, waitsFor: state === 'kept' ? waitsOf(run.steps) : [], regenerate, problem: null };
  }
  const { problem } = end;
  // Root touched nothing: what stood before still stands, with the reason beside it.
  if (before !== null && run.steps.every((step) => !isMoving(step.state, before, step.id))) return { ...before, problem, since: when(now) };
  return { ...become(run, endOf(problem), now), problem };
}

/** The run with what root left on disk beside it: what was read back of each step, and what the self check found. */
export function withSummary(run: RunState, summary: Summary | undefined): RunState {
  if (summary === undefined) return run;
  const proofs = new Map(summary.steps.map(({ id, proof }) => [id, proof]));
  const steps = run.steps.map((step) => {
    const proof = proofs.get(step.id);
    return proof === undefined ? step : { ...step, proof };
  });
  return { ...run, steps, ...(summary.check === undefined ? {} : { check: summary.check }) };
}

const isMoving = (state: RunStep['state'], before: RunState, id: string): boolean => before.steps.find((step) => step.id === id)?.state !== state;

function endOf(problem: Problem): RunState['at'] {
  if (problem.code === 'cancelled') return 'cancelled';
  return problem.code === 'undo-incomplete' ? 'undo-incomplete' : 'failed';
}
