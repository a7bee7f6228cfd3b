// SPDX-License-Identifier: GPL-3.0-or-later
import type { Place, Plan } from '../../contract/plan';
import { failed, ok, type Result } from '../../contract/problem';
import type { ReviewStep } from '../../contract/review';
import { changesOf, type StepChange, type StepView } from '../step/changes';
import { reviewStep } from '../step/describe';
import { unnamed } from '../step/tokens';
import type { PlacesSeen } from './seen';

/** Places as a look found them; `unreadable` where whoever looked may not read. Before approval a transaction is `unnamed`. */
export function viewOf(seen: PlacesSeen, transaction: string = unnamed): StepView {
  return {
    transaction,
    text(place: Place): Result<string | null> {
      const look = seen.places.find((candidate) => candidate.place === place);
      if (look?.state.kind === 'absent') return ok(null);
      return look === undefined || look.text === null ? failed('unreadable', { place }) : ok(look.text);
    },
  };
}

/** The view after these changes, as far as their content is known before a generator has run. */
export function viewAfter(view: StepView, changes: readonly StepChange[]): StepView {
  const texts = new Map<Place, string | null>();
  for (const change of changes) {
    if (change.change === 'write') texts.set(change.place, change.text);
    if (change.change === 'remove') texts.set(change.place, null);
  }
  return {
    transaction: view.transaction,
    text: (place) => (texts.has(place) ? ok(texts.get(place) ?? null) : view.text(place)),
  };
}

/** Every step as the person reads it, each drawn on what the ones before it leave. */
export function reviewPlan(plan: Plan, seen: PlacesSeen): readonly ReviewStep[] {
  let view = viewOf(seen);
  return plan.steps.map((step) => {
    const review = reviewStep(step, view);
    const changes = changesOf(step, view);
    if (changes.ok) view = viewAfter(view, changes.value);
    return review;
  });
}

/**
 * Renders every step before the first one is done, on what root sees: an entry that cannot be copied, a block that is
 * torn, a one-shot that is taken refuse here, with nothing touched. It never changes the plan.
 */
export function refusePlan(plan: Plan, start: StepView): Result<void> {
  let view = start;
  for (const step of plan.steps) {
    const changes = changesOf(step, view);
    // What a person may not read, root will; that alone refuses nothing.
    if (!changes.ok && changes.problem.code === 'unreadable') continue;
    if (!changes.ok) return { ok: false, problem: { ...changes.problem, stepId: step.id } };
    view = viewAfter(view, changes.value);
  }
  return ok(undefined);
}
