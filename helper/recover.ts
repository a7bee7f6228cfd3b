// SPDX-License-Identifier: GPL-3.0-or-later
import type { TransactionId } from '../contract/history';
import { ok, type Result } from '../contract/problem';
import type { Outcome } from '../contract/progress';
import { pathOf } from '../core/step/places';
import type { Desk } from './desk';
import { locked } from './locked';
import { mend } from './mend';
import { touchesOf } from '../core/step/changes';
import { discardAsides } from './replace-file';
import { readStates, setWaiting, type Stated } from './store';
import { folderOf, isReadByLoader } from './territory';
import { openTransaction, type Transaction } from './transaction';
import { isTrialOf } from './trial';
import { undoOpen } from './undo';

/**
 * Runs at a start while something waits. In the trial's own start it only notes that it runs; in any other start it puts
 * files back and does nothing else: what was cut off, and a trial that nobody answered. Never a generator, never a node.
 */
export function recover(desk: Desk): Promise<Result<Outcome>> {
  return locked(desk, 'recover', async () => {
    const states = readStates(desk);
    if (!states.ok) return states;
    let outcome: Result<Outcome> = ok({ transaction: null, state: null, restart: false, regenerate: [] });
    let waits = false;
    // First what earlier starts left for the loader goes, then files are put back, which leaves such names anew.
    const rested = ({ state }: Stated): boolean => state === 'kept' || state === 'undone';
    for (const stated of [...states.value.filter(rested), ...states.value.filter((each) => !rested(each))]) {
      const settled = await settle(desk, stated);
      waits ||= !settled.ok || settled.value.state !== null;
      if (outcome.ok && (!settled.ok || settled.value.transaction !== null)) outcome = settled;
    }
    // A summary that could not be written is written now; until then the mark stays and the next start tries again.
    const mended = await mend(desk);
    waits ||= !mended.ok;
    const told = waits ? mended : await setWaiting(desk.hands, null);
    return outcome.ok && !told.ok ? told : outcome;
  });
}

async function settle(desk: Desk, { transaction: id, state }: Stated): Promise<Result<Outcome>> {
  const opened = openTransaction(desk, id);
  if (!opened.ok) return opened;
  const transaction = opened.value;
  const settled = state === 'kept' || state === 'undone' ? tidy(desk, transaction) : await settleOpen(desk, transaction);
  transaction.close();
  return settled;
}

async function settleOpen(desk: Desk, transaction: Transaction): Promise<Result<Outcome>> {
  const story = transaction.story();
  // Its journal could not be read before, and can now: at rest there is nothing to undo; the next start tidies.
  if (story.state === 'kept' || story.state === 'undone') return ok({ transaction: null, state: story.state, restart: false, regenerate: [] });
  const running = isTrialOf(desk.hands, transaction.id);
  if (story.state === 'waiting-for-restart' && running) {
    const noted = await transaction.rest('trial-running', { restart: false, problem: null });
    return noted.ok ? ok(at(transaction.id, 'trial-running')) : noted;
  }
  if (story.state === 'trial-running' && running) return ok(at(transaction.id, 'trial-running'));
  // Armed in this very start: the restart has not been yet.
  if (story.state === 'waiting-for-restart' && story.boot === desk.hands.boot()) return ok(at(transaction.id, 'waiting-for-restart'));
  return undoOpen(desk, transaction);
}

const at = (transaction: TransactionId, state: 'trial-running' | 'waiting-for-restart'): Outcome => ({ transaction, state, restart: state === 'waiting-for-restart', regenerate: [] });

/** A good start after keep or undo: the second names that kept old files' blocks for the loader go. State null: nothing waits any more. */
function tidy(desk: Desk, transaction: Transaction): Result<Outcome> {
  const { boot, state } = transaction.story();
  if (boot === desk.hands.boot()) return ok({ transaction: null, state, restart: false, regenerate: [] });
  const paths = transaction.plan.steps.flatMap(touchesOf).map((place) => pathOf(place, transaction.id)).filter(isReadByLoader);
  for (const path of paths) {
    const gone = discardAsides(desk.hands, path);
    if (!gone.ok) return gone;
  }
  // Flushed before the mark goes: a cut in between must not bring back what nobody would take away any more.
  for (const folder of new Set(paths.map(folderOf))) {
    const flushed = desk.hands.flushFolder(folder);
    if (!flushed.ok) return flushed;
  }
  return ok({ transaction: null, state: null, restart: false, regenerate: [] });
}
