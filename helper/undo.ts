// SPDX-License-Identifier: GPL-3.0-or-later
import { unfinished, type TransactionId } from '../contract/history';
import { failed, ok, type Problem, type Result } from '../contract/problem';
import type { Outcome } from '../contract/progress';
import type { Desk } from './desk';
import { undoSteps } from './engine';
import { locked } from './locked';
import { standing } from './replay';
import { readStates, setWaiting } from './store';
import { openTransaction, type Transaction } from './transaction';
import { isNamed } from './trial';

/** Undoes a transaction, whatever state it is in: a trial that waits, one that runs, a kept one, an undo that was left. */
export function undo(desk: Desk, { transaction }: { readonly transaction: TransactionId }): Promise<Result<Outcome>> {
  return locked(desk, 'undo', () => undoNamed(desk, transaction));
}

/** Ends the trial that waits or runs; the same as not answering it. */
export function goBack(desk: Desk): Promise<Result<Outcome>> {
  return locked(desk, 'go-back', () => undoFirst(desk, ['waiting-for-restart', 'trial-running']));
}

/** From a console: what is unfinished, else what was kept last. */
export function undoLast(desk: Desk): Promise<Result<Outcome>> {
  return locked(desk, 'undo-last', async () => {
    const open = await undoFirst(desk, ['working', 'waiting-for-restart', 'trial-running', 'undo-incomplete']);
    return open.ok || open.problem.code !== 'not-found' ? open : undoFirst(desk, ['kept']);
  });
}

async function undoFirst(desk: Desk, among: readonly string[]): Promise<Result<Outcome>> {
  const states = readStates(desk);
  if (!states.ok) return states;
  const newest = states.value.find((each) => among.includes(each.state));
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
  const newer = states.value.slice(0, Math.max(at, 0)).find((each) => each.state !== 'undone');
  return newer === undefined ? ok(undefined) : failed('precondition-failed', { why: unfinished(newer.state) ? 'unfinished' : 'newer', transaction: newer.transaction });
}

/** Undoes everything of an open transaction that may still stand, and says what is left. */
export async function undoOpen(desk: Desk, transaction: Transaction): Promise<Result<Outcome>> {
  const story = transaction.story();
  if (story.state === 'undone') return failed('not-found', { what: 'change', transaction: transaction.id });
  const restart = story.kept !== null || isNamed(desk.hands, transaction.id);
  // Neither the mark for the next start nor a journal that takes no more lines may keep anything from being put back.
  const marked = await setWaiting(desk.hands, transaction.id);
  transaction.journal.note({ kind: 'work', work: 'undo' });
  const left = await undoSteps(transaction.world, standing(story, transaction.plan));
  if (!marked.ok) await setWaiting(desk.hands, transaction.id);
  const state = left.length === 0 ? 'undone' : 'undo-incomplete';
  const problem: Problem | null = left.length === 0 ? null : { code: 'undo-incomplete', detail: { left: left.join(' ') }, stepId: left[0] ?? '' };
  const rested = await transaction.rest(state, { restart, problem });
  if (problem !== null) return { ok: false, problem };
  return rested.ok ? ok({ transaction: transaction.id, state, restart, regenerate: [] }) : rested;
}
