// SPDX-License-Identifier: GPL-3.0-or-later
import { unfinished, type TransactionId } from '../contract/history';
import { failed, ok, type Problem, type Result } from '../contract/problem';
import type { Plan } from '../contract/plan';
import type { Outcome } from '../contract/progress';
import { leadsStartBack } from '../core/point/leads-back';
import type { Desk } from './desk';
import { remakeLeft, undoSteps } from './engine';
import { locked } from './locked';
import { standing, type Story } from './replay';
import { readStates, setWaiting } from './store';
import { openTransaction, type Transaction } from './transaction';
import { isNamed } from './trial';

/** Undoes a transaction, whatever state it is in: a trial that waits, one that runs, a kept one, an undo that was left. */
export function undo(desk: Desk, { transaction }: { readonly transaction: TransactionId }): Promise<Result<Outcome>> {
  return locked(desk, 'undo', () => undoNamed(desk, transaction));
}

/** Ends the trial that waits or runs; the same as not answering it. `working` while nobody holds the lock: whoever answered died over it. */
export function goBack(desk: Desk): Promise<Result<Outcome>> {
  return locked(desk, 'go-back', () => undoFirst(desk, ['working', 'waiting-for-restart', 'trial-running']));
}

/** From a console: what is unfinished, else what was kept last. */
export function undoLast(desk: Desk): Promise<Result<Outcome>> {
  return locked(desk, 'undo-last', async () => {
    const open = await undoFirst(desk, ['working', 'waiting-for-restart', 'trial-running', 'undo-incomplete']);
    return open.ok || open.problem.code !== 'not-found' ? open : undoFirst(desk, ['kept'], true);
  });
}

/** `standing`: passes over what changed nothing, as a point taken on request. */
async function undoFirst(desk: Desk, among: readonly string[], standing = false): Promise<Result<Outcome>> {
  const states = readStates(desk);
  if (!states.ok) return states;
  const newest = states.value.find((each) => among.includes(each.state) && (each.stands || !standing));
  return newest === undefined ? failed('not-found', { what: 'transaction' }) : undoNamed(desk, newest.transaction);
}

async function undoNamed(desk: Desk, id: TransactionId): Promise<Result<Outcome>> {
  const newer = refuseBelow(desk, id);
  if (!newer.ok) return newer;
  const opened = openTransaction(desk, id);
  if (!opened.ok) return opened;
  const undone = await undoOpen(desk, opened.value);
  opened.value.close();
  return undone;
}

/** What was built on top goes first. */
function refuseBelow(desk: Desk, id: TransactionId): Result<void> {
  const states = readStates(desk);
  if (!states.ok) return states;
  const at = states.value.findIndex((each) => each.transaction === id);
  const newer = states.value.slice(0, Math.max(at, 0)).find((each) => each.state !== 'undone' && (each.stands || unfinished(each.state)));
  return newer === undefined ? ok(undefined) : failed('precondition-failed', { why: unfinished(newer.state) ? 'unfinished' : 'newer', transaction: newer.transaction });
}

/** Whether a start since may have been one of what was to be kept: a keep that was cut off has changed what every start does, in part. */
const keepsBegan = (story: Story, plan: Plan): boolean => story.steps.some(({ id, outcome }) => outcome !== 'planned' && plan.steps.find((step) => step.id === id)?.phase === 'keep');

/** Undoes everything of an open transaction that may still stand, and says what is left. */
export async function undoOpen(desk: Desk, transaction: Transaction): Promise<Result<Outcome>> {
  const story = transaction.story();
  if (story.state === 'undone') return failed('not-found', { what: 'change', transaction: transaction.id });
  const restart = leadsStartBack(transaction.plan) || (transaction.plan.needsRestart && (story.kept !== null || keepsBegan(story, transaction.plan) || isNamed(desk.hands, transaction.id)));
  // Neither the mark for the next start nor a journal that takes no more lines may keep anything from being put back. Both are
  // tried twice, because a power cut in an undo that nothing knows of would leave half of it for good.
  const mark = (): Promise<Result<void>> => setWaiting(desk.hands, transaction.id);
  const first = await mark();
  const marked = first.ok ? first : await mark();
  await transaction.begin('undo');
  if (transaction.story().work !== 'undo') await transaction.begin('undo');
  const begun = standing(story, transaction.plan);
  const left = await remakeLeft(transaction.world, begun, await undoSteps(transaction.world, begun));
  if (!marked.ok) await mark();
  const state = left.length === 0 ? 'undone' : 'undo-incomplete';
  const problem: Problem | null = left.length === 0 ? null : { code: 'undo-incomplete', detail: { left: left.join(' ') }, stepId: left[0] ?? '' };
  const rested = await transaction.rest(state, { restart, problem });
  if (problem !== null) return { ok: false, problem };
  if (!rested.ok) return rested;
  return ok({ transaction: transaction.id, state, restart, regenerate: [...(await transaction.reload(begun))] });
}
