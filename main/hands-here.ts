// SPDX-License-Identifier: GPL-3.0-or-later
import type { Intent, PlanHash } from '../contract/plan';
import { failed, ok, type Result } from '../contract/problem';
import type { Change, Review } from '../contract/review';
import type { Machine } from '../host/machine';
import { aboutOn, drawOn } from './draw';
import { callHelper, type Ended, type HelperPlace } from './helper-client';
import { readSummaries } from './history/summaries';
import { restartComputer } from './programs';
import { readUndoScript } from './store';
import type { Hands } from './target';

/** This computer: drawn with the person's own eyes, changed by root's helper alone. */
export function handsHere(machine: Machine, place: HelperPlace): Hands {
  return {
    about: (intent) => aboutOn(machine, intent),
    draw: (intent) => drawOn(machine, intent),
    reveal: (intent, approved) => reveal(machine, place, { intent, approved }),
    call: (ask, ear) => callHelper(place, ask, ear),
    restart: restartComputer,
    summaries: () => readSummaries(),
    undoScript: readUndoScript,
  };
}

async function reveal(machine: Machine, place: HelperPlace, { intent, approved }: { readonly intent: Intent; readonly approved: PlanHash }): Promise<Result<Review>> {
  const drawn = drawOn(machine, intent);
  if (!drawn.ok) return drawn;
  if (drawn.value.review.hash !== approved) return failed('plan-stale');
  const looked = await callHelper(place, { verb: 'look', request: { intent } }, { hello: () => undefined, progress: () => undefined }).done;
  return looked.ok ? ok(withHunks(drawn.value.review, looked.value.places)) : looked;
}

/** Puts what root showed of hidden files in their place: our own lines, and nothing else of the file. */
export function withHunks(review: Review, places: Ended['places']): Review {
  const shown = (change: Change): Change => {
    const place = change.kind === 'hidden' ? places.find((one) => one.path === change.path) : undefined;
    if (place === undefined) return change;
    return { kind: 'file', path: place.path, what: place.sha256 === null ? 'create' : 'replace', lines: place.hunk.map((text) => ({ mark: '+' as const, text })) };
  };
  return { ...review, steps: review.steps.map((step) => ({ ...step, changes: step.changes.map(shown) })) };
}
