// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import type { Intent, Plan } from '../../contract/plan';
import { ok, type Result } from '../../contract/problem';
import { basisOf } from './basis';
import { canonicalText } from './canonical';
import { drawPlan } from './draw';
import { refusePlan, viewOf } from './review';
import type { PlacesSeen } from './seen';

/**
 * Facts and intent to plan: the same call in the window's process and in root's. Every step is rendered once on what
 * could be read; root reads more and so may refuse where a person's look could not, but never draws another plan.
 */
export function planFor(facts: HostFacts, seen: PlacesSeen, intent: Intent): Result<Plan> {
  const basis = basisOf(facts, seen, intent);
  const plan = basis.ok ? drawPlan(basis.value, intent) : basis;
  if (!plan.ok) return plan;
  const refused = refusePlan(plan.value, viewOf(seen));
  return refused.ok ? ok(plan.value) : refused;
}

/** What the hash is taken of; SHA-256 itself is the caller's, because core has no cryptography. */
export const planText = (plan: Plan): string => canonicalText(plan);
