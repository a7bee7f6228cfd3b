// SPDX-License-Identifier: GPL-3.0-or-later
import type { Step } from '../../contract/plan';
import type { ReviewStep, Sentence } from '../../contract/review';
import { diffOf } from './diff';
import { ruleOf } from './kinds';
import { pathOf } from './places';
import type { StepView } from './rule';

/** A step in words: what it is called, what it does, its lines, and how it is undone. Codes of words/steps. */
export interface Description {
  readonly title: Sentence;
  readonly sentence: Sentence;
  readonly list: readonly Sentence[];
  readonly undo: Sentence;
}

export function describe(step: Step, transaction: string): Description {
  const { detail, lines, places, holdsFrom } = ruleOf(step);
  return {
    title: { code: `step.${step.kind}.title`, detail },
    sentence: { code: `step.${step.kind}.sentence`, detail },
    list: [
      ...lines,
      ...places.map((place): Sentence => ({ code: 'step.line.place', detail: { path: pathOf(place, transaction) } })),
      ...(holdsFrom === undefined ? [] : [{ code: `step.line.from-${holdsFrom}`, detail: {} }]),
    ],
    undo: { code: `step.${step.kind}.undo`, detail },
  };
}

/** A step of Review at its three depths. */
export function reviewStep(step: Step, view: StepView): ReviewStep {
  const { sentence, list, undo } = describe(step, view.transaction);
  const { holdsFrom } = ruleOf(step);
  return {
    id: step.id,
    kind: step.kind,
    phase: step.phase,
    sentence,
    list: [...list],
    changes: [...diffOf(step, view)],
    undo,
    ...(holdsFrom === undefined ? {} : { holdsFrom }),
  };
}
