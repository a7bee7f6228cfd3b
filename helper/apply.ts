// SPDX-License-Identifier: GPL-3.0-or-later
import { transactionId, unfinished, type TransactionId } from '../contract/history';
import type { Intent, Plan, PlanHash } from '../contract/plan';
import type { VmSeen } from '../contract/point';
import { failed, ok, type Problem, type Result } from '../contract/problem';
import type { Outcome } from '../contract/progress';
import { lookAtStart } from '../host/start-facts';
import { leadsStartBack } from '../core/point/leads-back';
import type { Desk } from './desk';
import { runSteps } from './engine';
import { draw, hashOf } from './draw';
import { programsOf } from './perform/touches';
import type { ProgramName } from './programs';
import { prune } from './prune';
import { newTransaction, type Transaction } from './transaction';
import { openStore, readStates } from './store';
import { locked } from './locked';

/** Looks again, plans again, compares with what the person approved, and only then touches anything: all of it at once, or prepare and arm the trial. */
export function apply(desk: Desk, { intent, approved }: { readonly intent: Intent; readonly approved: PlanHash }): Promise<Result<Outcome>> {
  return locked(desk, 'apply', async () => {
    // Their own verbs: what the person is asked by polkit is another sentence.
    if (intent.kind === 'restore' || intent.kind === 'save-vm') return failed('protocol');
    return carryOut(desk, intent, approved);
  });
}

/** Under the lock: from a wish and the hash of what was read to a transaction at rest. */
export async function carryOut(desk: Desk, intent: Intent, approved: PlanHash): Promise<Result<Outcome>> {
  desk.session.progress({ kind: 'progress', stepId: null, phase: 'checking', index: 0, count: 0 });
  const free = refuseUnfinished(desk, null);
  if (!free.ok) return free;
  const plan = draw(desk.hands, intent, desk.origin.uid);
  if (!plan.ok) return plan;
  if (hashOf(plan.value) !== approved) return failed('plan-stale');
  // A point is taken by a transaction without steps.
  if (plan.value.steps.length === 0 && intent.kind !== 'point') return ok({ transaction: null, state: null, restart: false, regenerate: [] });
  const able = refuseMissing(desk, plan.value.steps.flatMap(programsOf));
  if (!able.ok) return able;
  const store = openStore(desk.hands);
  if (!store.ok) return store;
  return prepare(desk, plan.value, approved);
}

/** Under the lock: a transaction without steps, remembered with the state of these VMs. */
export const takePoint = (desk: Desk, plan: Plan, vms: readonly VmSeen[]): Promise<Result<Outcome>> => prepare(desk, plan, hashOf(plan), vms);

async function prepare(desk: Desk, plan: Plan, approved: PlanHash, vms: readonly VmSeen[] = []): Promise<Result<Outcome>> {
  const opened = await newTransaction(desk, { plan, hash: approved, id: nameOf(desk), vms });
  if (!opened.ok) return opened;
  const transaction = opened.value;
  const begun = await begin(desk, transaction);
  const now = plan.steps.filter((step) => step.phase !== 'keep');
  const ran = begun.ok ? await runSteps(transaction.world, now) : begun;
  const ended = await settle(transaction, ran);
  // At rest, and whatever became of it: room for the next one.
  await prune(desk, transaction);
  transaction.close();
  return ended;
}

/** What the person has now is written down before anything changes: the trial start is compared with it. */
async function begin(desk: Desk, transaction: Transaction): Promise<Result<void>> {
  const noted = transaction.journal.note({ kind: 'start', facts: lookAtStart(desk.hands) });
  return noted.ok ? transaction.begin('prepare') : noted;
}

async function settle(transaction: Transaction, ran: Result<void>): Promise<Result<Outcome>> {
  // Without a trial there is nothing left to answer.
  const { needsRestart } = transaction.plan;
  const state = !ran.ok ? restedAt(ran.problem) : needsRestart ? 'waiting-for-restart' : 'kept';
  const restart = ran.ok && (needsRestart || leadsStartBack(transaction.plan));
  const rested = await transaction.rest(state, { restart, problem: ran.ok ? null : ran.problem });
  if (!ran.ok) return ran;
  return rested.ok ? ok({ transaction: transaction.id, state, restart, regenerate: [] }) : rested;
}

/** Where a transaction is after a failure whose steps were undone. */
export const restedAt = (problem: Problem): 'undone' | 'undo-incomplete' => (problem.code === 'undo-incomplete' ? 'undo-incomplete' : 'undone');

const nameOf = (desk: Desk): TransactionId => transactionId.parse(desk.hands.random(8));

/** One unfinished business at a time: a second transaction on top of it could be undone by nobody. */
export function refuseUnfinished(desk: Desk, except: TransactionId | null): Result<void> {
  const states = readStates(desk);
  if (!states.ok) return states;
  const other = states.value.find((each) => each.transaction !== except && unfinished(each.state));
  return other === undefined ? ok(undefined) : failed('precondition-failed', { why: 'unfinished', transaction: other.transaction });
}

/** Every program of a plan is there before its first step. */
export function refuseMissing(desk: Desk, programs: readonly ProgramName[]): Result<void> {
  const missing = programs.find((program) => !desk.hands.has(program));
  return missing === undefined ? ok(undefined) : failed('precondition-failed', { why: 'missing', program: missing });
}
