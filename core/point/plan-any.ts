// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import type { Intent, Plan } from '../../contract/plan';
import { ok, type Result } from '../../contract/problem';
import { planFor } from '../plan/plan-for';
import { refusePlan, viewOf } from '../plan/review';
import type { PlacesSeen } from '../plan/seen';
import { planRestore } from './plan-restore';
import { restoreBasis } from './restore-basis';
import type { Told } from './told';

/** Every kind of wish to its plan, in the window's process and in root's alike; `all` is what the store tells everybody. */
export function planAny(facts: HostFacts, seen: PlacesSeen, { intent, all }: { readonly intent: Intent; readonly all: readonly Told[] }): Result<Plan> {
  if (intent.kind === 'point' || intent.kind === 'save-vm') return planPoint(facts, seen, intent);
  if (intent.kind !== 'restore') return planFor(facts, seen, intent);
  const restore = planRestore(facts, seen, { all, intent });
  if (!restore.ok) return restore;
  const refused = refusePlan(restore.value.plan, viewOf(seen));
  return refused.ok ? ok(restore.value.plan) : refused;
}

/** Nothing is to be done; what is remembered is what root sees when it does that. */
function planPoint(facts: HostFacts, seen: PlacesSeen, intent: Extract<Intent, { kind: 'point' | 'save-vm' }>): Result<Plan> {
  const basis = restoreBasis(facts, seen, null);
  return basis.ok ? ok({ schema: 1, intent, basis: basis.value, steps: [], needsRestart: false, assumptions: [] }) : basis;
}
