// SPDX-License-Identifier: GPL-3.0-or-later
import type { TransactionId } from '../contract/history';
import type { PlanHash } from '../contract/plan';
import { failed, ok, type Result } from '../contract/problem';
import type { Outcome } from '../contract/progress';
import { refuseMissing, refuseUnfinished } from './apply';
import type { Desk } from './desk';
import { driftSince } from './drift';
import { runSteps } from './engine';
import { locked } from './locked';
import { programsOf } from './perform/touches';
import { openTransaction, type Transaction } from './transaction';
import { isTrialOf, selfCheck } from './trial';

/** The person's answer to a trial: makes true of every start what was tried once. Anything that fails goes back to the trial as it was. */
export function keep(desk: Desk, { transaction, approved }: { readonly transaction: TransactionId; readonly approved: PlanHash }): Promise<Result<Outcome>> {
  return locked(desk, 'keep', async () => {
    const free = refuseUnfinished(desk, transaction);
    if (!free.ok) return free;
    const opened = openTransaction(desk, transaction);
    if (!opened.ok) return opened;
    const kept = await keepOpen(desk, opened.value, approved);
    opened.value.close();
    return kept;
  });
}

async function keepOpen(desk: Desk, transaction: Transaction, approved: PlanHash): Promise<Result<Outcome>> {
  const ready = refuseKeep(desk, transaction, approved);
  if (!ready.ok) return ready;
  const steps = transaction.plan.steps.filter((step) => step.phase === 'keep');
  const able = refuseMissing(desk, steps.flatMap(programsOf));
  if (!able.ok) return able;
  const begun = await transaction.begin('keep');
  const ran = begun.ok ? await runSteps(transaction.world, steps) : begun;
  const state = ran.ok ? 'kept' : ran.problem.code === 'undo-incomplete' ? 'undo-incomplete' : 'trial-running';
  const rested = await transaction.rest(state, { restart: false, problem: ran.ok ? null : ran.problem });
  if (!ran.ok) return ran;
  return rested.ok ? ok({ transaction: transaction.id, state, restart: false, regenerate: [] }) : rested;
}

/** Keep wants: the very plan that was approved, its own trial running and as promised, and places as the plan saw them. */
function refuseKeep(desk: Desk, transaction: Transaction, approved: PlanHash): Result<void> {
  const story = transaction.story();
  if (story.plan !== approved) return failed('plan-stale');
  const waits = story.state === 'trial-running' || story.state === 'waiting-for-restart';
  if (!waits || !isTrialOf(desk.hands, transaction.id)) return failed('precondition-failed', { why: 'no-trial' });
  const promised = selfCheck(desk.hands, transaction.plan, transaction.id);
  return promised.ok ? driftSince(desk.hands, transaction.plan, story) : promised;
}
