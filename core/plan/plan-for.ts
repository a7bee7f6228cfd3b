// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import type { Intent, Plan } from '../../contract/plan';
import type { Result } from '../../contract/problem';
import { basisOf } from './basis';
import { canonicalText } from './canonical';
import { drawPlan } from './draw';
import type { PlacesSeen } from './seen';

/** Facts and intent to plan: the same call in the window's process and in root's. */
export function planFor(facts: HostFacts, seen: PlacesSeen, intent: Intent): Result<Plan> {
  const basis = basisOf(facts, seen, intent);
  return basis.ok ? drawPlan(basis.value, intent) : basis;
}

/** What the hash is taken of; SHA-256 itself is the caller's, because core has no cryptography. */
export const planText = (plan: Plan): string => canonicalText(plan);
