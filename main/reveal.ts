// SPDX-License-Identifier: GPL-3.0-or-later
import type { Intent, PlanHash } from '../contract/plan';
import { failed, ok, type Result } from '../contract/problem';
import type { Review } from '../contract/review';
import type { Machine } from '../host/machine';
import { drawOn } from './draw';
import type { Ended } from './helper-client';
import { shown } from './points';
import type { Hands } from './target';

/** The review of a plan again, with root's help: our own lines of the files this person may not read. */
export async function reveal(machine: Machine, call: Hands['call'], { intent, approved }: { readonly intent: Intent; readonly approved: PlanHash }): Promise<Result<Review>> {
  const drawn = drawOn(machine, intent);
  if (!drawn.ok) return drawn;
  if (drawn.value.review.hash !== approved) return failed('plan-stale');
  const looked = await call({ verb: 'look', request: { of: { kind: 'plan', intent } } }, { hello: () => undefined, progress: () => undefined }).done;
  return looked.ok ? ok(withHunks(drawn.value.review, looked.value.places)) : looked;
}

/** Puts what root showed of hidden files in their place: our own lines, and nothing else of the file. */
export const withHunks = (review: Review, places: Ended['places']): Review => ({
  ...review,
  steps: review.steps.map((step) => ({ ...step, changes: step.changes.map((change) => shown(change, places)) })),
});
