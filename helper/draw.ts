// SPDX-License-Identifier: GPL-3.0-or-later
import { createHash } from 'node:crypto';
import { planHash, type Intent, type Plan, type PlanHash } from '../contract/plan';
import type { Result } from '../contract/problem';
import { planText } from '../core/plan/plan-for';
import { planAny } from '../core/point/plan-any';
import { lookPlaces } from '../host/look-places';
import { lookStore } from '../host/look-store';
import type { Machine } from '../host/machine';
import { probe } from '../host/probe';

/** Root's own plan: the same eyes and the same pure code as in the window's process. `uid`: who asked, which only names them. */
export function draw(machine: Machine, intent: Intent, uid: number | null = machine.uid): Result<Plan> {
  const facts = probe(machine);
  return planAny(facts, lookPlaces(machine, facts.kernel.release.value, uid), { intent, all: intent.kind === 'restore' ? lookStore(machine) : [] });
}

export const hashOf = (plan: Plan): PlanHash => planHash.parse(createHash('sha256').update(planText(plan)).digest('hex'));
