// SPDX-License-Identifier: GPL-3.0-or-later
import { createHash } from 'node:crypto';
import { planHash, type Intent, type Plan, type PlanHash } from '../contract/plan';
import type { Result } from '../contract/problem';
import { planFor, planText } from '../core/plan/plan-for';
import { lookPlaces } from '../host/look-places';
import type { Machine } from '../host/machine';
import { probe } from '../host/probe';

/** Root's own plan: the same eyes and the same pure code as in the window's process. */
export function draw(machine: Machine, intent: Intent): Result<Plan> {
  const facts = probe(machine);
  return planFor(facts, lookPlaces(machine, facts.kernel.release.value), intent);
}

export const hashOf = (plan: Plan): PlanHash => planHash.parse(createHash('sha256').update(planText(plan)).digest('hex'));
