// SPDX-License-Identifier: GPL-3.0-or-later
import type { HelperVerb, LookedPlace } from '../contract/helper';
import type { Summary, TransactionId } from '../contract/history';
import { ok, type Result } from '../contract/problem';
import type { Outcome } from '../contract/progress';
import { hashOf } from '../helper/draw';
import type { Session } from '../helper/session';
import { readSummary, scriptPath, transactions } from '../helper/store';
import { endOfDone, perform } from '../helper/verbs';
import type { Rehearsal } from './machine';

export { hashOf };

/** One request to root of the machine of memory: the helper's own code on the line a window would have sent. */
export async function askRoot(rehearsal: Rehearsal, request: { readonly verb: HelperVerb; readonly line: string }, session: Session): Promise<Result<{ readonly outcome: Outcome; readonly places: LookedPlace[] }>> {
  const done = await perform({ ...rehearsal.desk(), session }, request.verb, request.line);
  return done.ok ? ok(endOfDone(done.value)) : done;
}

/** The summaries of its store, newest first. */
export function summariesOf(rehearsal: Rehearsal): readonly Summary[] {
  const hands = rehearsal.hands();
  const names = transactions(hands);
  if (!names.ok) return [];
  const read = names.value.map((name) => readSummary(hands, name)).flatMap((one) => (one.ok && one.value !== null ? [one.value] : []));
  return read.sort((a, b) => b.opened - a.opened || b.changed - a.changed);
}

const scriptLimit = 1_000_000;

/** The plain script that undoes a transaction from a rescue shell. */
export function scriptOf(rehearsal: Rehearsal, transaction: TransactionId): string | null {
  const taken = rehearsal.hands().take(scriptPath(transaction), scriptLimit);
  return taken.ok && taken.value !== null ? new TextDecoder().decode(taken.value.bytes) : null;
}
