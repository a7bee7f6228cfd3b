// SPDX-License-Identifier: GPL-3.0-or-later
import type { Assumption, Intent, Plan, PlanBasis, Step } from '../../contract/plan';
import { failed, ok, type Result } from '../../contract/problem';
import { drawNow } from './draw-now';
import { drawStart } from './draw-start';
import { bySysctl } from './needs';

/** Pure and total: the same basis and intent give the same plan in the window's process and in root's. */
export function drawPlan(basis: PlanBasis, intent: Intent): Result<Plan> {
  const steps = stepsOf(basis, intent);
  return steps.ok ? ok(planOf(basis, intent, steps.value)) : steps;
}

function stepsOf(basis: PlanBasis, intent: Intent): Result<readonly Step[]> {
  switch (intent.kind) {
    case 'dedicate':
    case 'enable-iommu':
    case 'release':
      return drawStart(basis, intent);
    case 'huge-pages':
      return intent.when === 'always' && !bySysctl(intent) ? drawStart(basis, intent) : drawNow(basis, intent);
    case 'vm-host':
    case 'move-now':
    case 'on-demand':
    case 'single-card':
      return drawNow(basis, intent);
    case 'point':
    case 'save-vm':
    case 'restore':
      // Their plans are drawn from the store, not from a basis.
      return failed('refused', { why: 'not-here' });
    default:
      return intent satisfies never;
  }
}

function planOf(basis: PlanBasis, intent: Intent, steps: readonly Step[]): Plan {
  return {
    schema: 1,
    intent,
    basis,
    steps: [...steps],
    needsRestart: steps.some((step) => step.phase === 'trial'),
    assumptions: steps.length > 0 ? [...assumptionsOf(basis)] : [],
  };
}

/** What nobody could see from here and root will look at before it touches anything. */
function assumptionsOf(basis: PlanBasis): readonly Assumption[] {
  const closed = basis.places.filter(
    ({ place, state }) => state.kind === 'hidden' || (state.kind === 'stat' && !place.includes('-image:')),
  );
  return closed.length === 0 ? [] : [{ code: 'closed-files', detail: { count: String(closed.length) } }];
}
