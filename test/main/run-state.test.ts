// SPDX-License-Identifier: GPL-3.0-or-later
import { expect, test } from 'vitest';
import { summary, transactionId, transactionStates, type Summary } from '../../contract/history';
import { failed, ok, type ProblemCode } from '../../contract/problem';
import { isUnderWay, runState, type RunState } from '../../contract/run';
import { machineId } from '../../contract/target';
import { beginRun, cancelRun, endRun, greet, progressRun, standingRun } from '../../main/run-state';

const machine = machineId.parse('this');
const transaction = transactionId.parse('0123456789abcdef');
const step = (id: string, phase: 'prepare' | 'trial' | 'keep') => ({ id, kind: 'kernel-args', phase, sentence: { code: 'x', detail: {} }, state: 'waiting' as const });
const steps = [step('one', 'prepare'), step('two', 'trial'), step('three', 'keep')];
const begun = beginRun({ machine, verb: 'apply', steps, transaction: null }, 0);
const line = (stepId: string | null, phase: 'checking' | 'changing' | 'verified' | 'undone' | 'left') => ({ kind: 'progress' as const, stepId, phase, index: 0, count: 3 });
const worked = (state: Summary['state'] | null) => ok({ transaction: state === null ? null : transaction, state, restart: false, regenerate: [] });

const told: Summary = summary.parse({
  schema: 1,
  transaction,
  state: 'trial-running',
  work: null,
  intent: 'dedicate',
  plan: 'a'.repeat(64),
  version: '0.1.0',
  opened: 1000,
  changed: 2000,
  kept: null,
  boot: '0',
  restart: false,
  origin: { via: 'pkexec', uid: 1000 },
  problem: null,
  steps: [
    { id: 'one', kind: 'kernel-args', phase: 'prepare', outcome: 'verified', why: null, places: [] },
    { id: 'three', kind: 'kernel-args', phase: 'keep', outcome: 'planned', why: null, places: [] },
  ],
});

test('a run begins with the password and every step waiting', () => {
  expect(runState.parse(begun)).toMatchObject({ at: 'authorising', since: '1970-01-01T00:00:00.000Z' });
  expect(isUnderWay(begun)).toBe(true);
});

test('the greeting means work; it never takes back a wish to stop', () => {
  expect(greet(begun, 5).at).toBe('working');
  expect(greet(cancelRun(begun, 5), 6).at).toBe('cancelling');
  expect(progressRun(cancelRun(begun, 5), line('one', 'undone'), 6)).toMatchObject({ at: 'cancelling', steps: [{ state: 'undone' }, { state: 'waiting' }, { state: 'waiting' }] });
});

test('a line moves the step it names and no other; one without a step moves none', () => {
  const moved = progressRun(begun, line('two', 'changing'), 9);
  expect(moved.steps.map((one) => one.state)).toEqual(['waiting', 'changing', 'waiting']);
  expect(progressRun(moved, line(null, 'checking'), 10).steps).toEqual(moved.steps);
  expect(progressRun(moved, line('nobody', 'left'), 10).steps).toEqual(moved.steps);
});

test.each([
  [null, 'nothing-to-do'],
  ['waiting-for-restart', 'restart-needed'],
  ['trial-running', 'asking'],
  ['kept', 'kept'],
  ['undone', 'undone'],
  ['undo-incomplete', 'undo-incomplete'],
] as const)('a verb that left %s stands at %s', (state, at) => {
  const end = endRun(greet(begun, 1), worked(state), null, 2);
  expect(end).toMatchObject({ at, problem: null, transaction: state === null ? null : transaction });
  expect(isUnderWay(end)).toBe(false);
});

test.each([
  ['cancelled', 'cancelled'],
  ['undo-incomplete', 'undo-incomplete'],
  ['step-failed', 'failed'],
  ['plan-stale', 'failed'],
  ['not-authorised', 'failed'],
  ['helper-missing', 'failed'],
] as const)('a first run that ends with %s stands at %s', (code: ProblemCode, at) => {
  expect(endRun(begun, failed(code), null, 2)).toMatchObject({ at, problem: { code } });
});

test('a refused password at Keep leaves the question where it was, with the reason beside it', () => {
  const asking: RunState = standingRun(machine, told);
  const keeping = beginRun({ machine, verb: 'keep', steps: asking.steps, transaction }, 5);
  expect(endRun(keeping, failed('not-authorised'), asking, 6)).toMatchObject({ at: 'asking', verb: 'apply', transaction, problem: { code: 'not-authorised' } });
});

test('a Keep that moved a step and failed is a failure, not the question again', () => {
  const asking = standingRun(machine, told);
  const keeping = progressRun(beginRun({ machine, verb: 'keep', steps: asking.steps, transaction }, 5), line('three', 'undone'), 6);
  expect(endRun(keeping, failed('step-failed', {}, 'three'), asking, 7)).toMatchObject({ at: 'failed', problem: { code: 'step-failed', stepId: 'three' } });
});

test.each(transactionStates)('root\'s word %s can be shown without the run that made it', (state) => {
  const shown = standingRun(machine, { ...told, state });
  expect(runState.safeParse(shown).success).toBe(true);
  expect(isUnderWay(shown)).toBe(false);
});

test('a trial that root found wanting is told as failed, with its step', () => {
  expect(standingRun(machine, { ...told, problem: { code: 'step-failed', stepId: 'one' } })).toMatchObject({ at: 'trial-failed', problem: { code: 'step-failed', stepId: 'one' } });
});

test.each([
  ['has not finished', undefined, 'asking'],
  ['passed', { verdict: 'passed' as const, findings: [], until: null }, 'asking'],
  ['failed', { verdict: 'failed' as const, findings: [{ code: 'network-lost' as const, detail: { links: 'eth0' } }], until: 9000 }, 'trial-failed'],
])('a trial start whose self check %s is told with what it found', (_what, check, at) => {
  const run = standingRun(machine, { ...told, ...(check === undefined ? {} : { check }) });
  expect(runState.parse(run)).toMatchObject({ at, ...(check === undefined ? {} : { check }) });
});

test('what was undone under a system started before says that a restart is owed, and nothing else does', () => {
  const undo = beginRun({ machine, verb: 'undo', steps, transaction }, 0);
  const owed = (state: Summary['state']) => endRun(undo, ok({ transaction, state, restart: true, regenerate: [] }), null, 1).restart;
  expect(owed('undone')).toBe(true);
  expect(owed('waiting-for-restart')).toBe(false);
  expect(standingRun(machine, { ...told, state: 'undone', restart: true }).restart).toBe(true);
});

test('what is true only later is said once for each occasion, of steps that were done, at the end of a run that stands', () => {
  const steps = begun.steps.map((step, index) => ({ ...step, state: index === 2 ? ('waiting' as const) : ('verified' as const), holdsFrom: index === 2 ? ('service' as const) : ('login' as const) }));
  expect(endRun({ ...begun, steps }, worked('kept'), null, 2).waitsFor).toEqual([{ code: 'step.waits.login', detail: {} }]);
  expect(endRun({ ...begun, steps }, worked('undone'), null, 2).waitsFor).toEqual([]);
  expect(endRun(begun, worked('kept'), null, 2).waitsFor).toEqual([]);
});
