// SPDX-License-Identifier: GPL-3.0-or-later
import type { Place, Step } from '../../contract/plan';
import type { Result } from '../../contract/problem';
import { ruleOf } from './kinds';
import type { PlaceChange, StepChange, StepView } from './rule';

export { boundBy } from './bound-by';
export type { PlaceChange, StepChange, StepView } from './rule';

/** The places a step changes, in the order it does; known without looking. */
export const touchesOf = (step: Step): readonly Place[] => ruleOf(step).places;

/** Renders a step: pure, and the same for the diff a person reads and for what root writes. */
export const changesOf = (step: Step, view: StepView): Result<readonly StepChange[]> => ruleOf(step).changes(view);

/** Those of a step's changes that change a place. */
export const isPlaceChange = (change: StepChange): change is PlaceChange => change.change !== 'set';
