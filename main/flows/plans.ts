// SPDX-License-Identifier: GPL-3.0-or-later
import { ok } from '../../contract/problem';
import type { Answers } from '../dispatch';
import type { World } from '../world';

type Part = Pick<Answers, 'plan.draw' | 'plan.reveal'>;

/** Review: the plan for an intent, drawn anew from the machine at every question. */
export const planAnswers = (world: World): Part => ({
  'plan.draw': async ({ machine, intent }) => {
    const bench = world.bench(machine);
    if (!bench.ok) return bench;
    const drawn = bench.value.hands.draw(intent);
    const history = await world.history;
    // That a plan was read is worth remembering, and never worth failing for.
    if (drawn.ok && history.ok && machine === 'this') {
      history.value.rememberMachine({ key: machine, kind: 'this', name: world.here.entry.name });
      history.value.rememberPlan({ machine, hash: drawn.value.review.hash, intent: intent.kind, about: bench.value.hands.about(intent) });
    }
    return drawn.ok ? ok({ plan: drawn.value.plan, review: drawn.value.review }) : drawn;
  },
  'plan.reveal': async ({ machine, intent, approved }) => {
    const bench = world.bench(machine);
    if (!bench.ok) return bench;
    const review = await bench.value.hands.reveal(intent, approved);
    return review.ok ? ok({ review: review.value }) : review;
  },
});
