// SPDX-License-Identifier: GPL-3.0-or-later
import { createHash } from 'node:crypto';
import type { HostFacts } from '../contract/facts';
import { planHash, type Intent, type Plan } from '../contract/plan';
import { ok, type Result } from '../contract/problem';
import type { Review } from '../contract/review';
import { assess } from '../core/judge/assess';
import { planText } from '../core/plan/plan-for';
import { reviewPlan } from '../core/plan/review';
import type { PlacesSeen } from '../core/plan/seen';
import { planAny } from '../core/point/plan-any';
import { wayBackKit } from '../core/trial/way-back';
import { lookAtReach } from '../host/reach';
import { lookPlaces } from '../host/look-places';
import { lookStore } from '../host/look-store';
import type { Machine } from '../host/machine';
import { probe } from '../host/probe';
import { lookAtScreens } from '../host/start-facts';
import { lookAtWaysBack } from '../host/ways-back';
import type { Drawn } from './target';

/** Looks at the machine and draws: the same eyes and the same pure code as root's. */
export function drawOn(machine: Machine, intent: Intent): Result<Drawn> {
  const facts = probe(machine);
  const seen = lookPlaces(machine, facts.kernel.release.value);
  const plan = planAny(facts, seen, { intent, all: intent.kind === 'restore' ? lookStore(machine) : [] });
  if (!plan.ok) return plan;
  const wayBack = wayBackKit(plan.value, { start: { screens: lookAtScreens(machine) }, back: lookAtWaysBack(machine), reach: lookAtReach(machine) });
  return ok({ plan: plan.value, review: { ...reviewOf(plan.value, facts, seen), wayBack } });
}

/** The plan as the person reads it, with both sides: what goes to the VM and what stays. */
export function reviewOf(plan: Plan, facts: HostFacts, seen: PlacesSeen): Review {
  const given = plan.basis.groups.flatMap((group) => group.filter((member) => member.part === 'give').map((member) => member.identity.address));
  const gives = [...new Set(given)];
  return {
    hash: planHash.parse(createHash('sha256').update(planText(plan)).digest('hex')),
    nothingToDo: plan.steps.length === 0,
    needsRestart: plan.needsRestart,
    steps: [...reviewPlan(plan, seen)],
    assumptions: plan.assumptions.map(({ code, detail }) => ({ code: `step.assume.${code}`, detail })),
    gives,
    stays: facts.pci.functions.filter((one) => one.header !== 'bridge' && !gives.includes(one.address)).map((one) => one.address),
  };
}

/** Names of the graphics cards an intent is about, as a person knows them. */
export function aboutOn(machine: Machine, intent: Intent): string {
  if (intent.kind !== 'dedicate' && intent.kind !== 'on-demand' && intent.kind !== 'single-card') return '';
  const named = assess(probe(machine)).cards.filter((card) => intent.devices.some((device) => device.address === card.gpu));
  return named.map((card) => card.name).join(' + ').slice(0, 512);
}
