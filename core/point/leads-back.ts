// SPDX-License-Identifier: GPL-3.0-or-later
import type { Plan } from '../../contract/plan';
import { ruleOf } from '../step/kinds';

/** Whether a restore without a trial changes what a start does: what runs now was started before it. */
export const leadsStartBack = (plan: Plan): boolean =>
  plan.intent.kind === 'restore' && plan.steps.some((step) => step.kind === 'boot-config' || step.kind === 'default-image' || ruleOf(step).holdsFrom === 'start');
