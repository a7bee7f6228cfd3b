// SPDX-License-Identifier: GPL-3.0-or-later
import type { Summary, SummaryStep } from '../contract/history';
import type { Plan } from '../contract/plan';
import type { StepStory, Story } from './replay';

/** What everybody may read of a transaction: made of the journal and the plan alone, so that it can be made again. */
export function summaryOf(story: Story, plan: Plan): Summary {
  return {
    schema: 1,
    transaction: story.transaction,
    state: story.state,
    work: story.work,
    intent: plan.intent.kind,
    plan: story.plan,
    version: story.version,
    opened: story.opened,
    changed: story.changed,
    kept: story.kept,
    boot: story.boot,
    restart: story.restart,
    origin: story.origin,
    problem: story.problem,
    reason: plan.intent.kind === 'point' ? plan.intent.reason : null,
    restores: plan.intent.kind === 'restore' ? plan.intent.to : null,
    ...(story.check === null ? {} : { check: story.check }),
    steps: plan.steps.map((step): SummaryStep => {
      const told = story.steps.find((each) => each.id === step.id);
      const proof = told === undefined || told.proof.length === 0 ? {} : { proof: [...told.proof] };
      return { id: step.id, kind: step.kind, phase: step.phase, outcome: told?.outcome ?? 'planned', why: told?.why ?? null, places: told === undefined ? [] : placesOf(told), ...proof };
    }),
  };
}

function placesOf(step: StepStory): SummaryStep['places'] {
  return step.saved.map(({ path, was }) => ({ path, before: was?.sha256 ?? null, ours: step.now.find((stands) => stands.path === path)?.is?.sha256 ?? null }));
}
