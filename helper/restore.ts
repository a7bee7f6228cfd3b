// SPDX-License-Identifier: GPL-3.0-or-later
import type { PointRef } from '../contract/history';
import type { IntentOf, PlanHash } from '../contract/plan';
import type { Result } from '../contract/problem';
import type { Outcome } from '../contract/progress';
import { carryOut } from './apply';
import type { Desk } from './desk';
import { locked } from './locked';

export interface RestoreRequest {
  readonly to: PointRef;
  readonly choices: IntentOf<'restore'>['choices'];
  readonly approved: PlanHash;
}

/** Leads the machine to a restore point: a transaction like any other, drawn anew by root, journaled, a point itself, and undoable. */
export function restore(desk: Desk, { to, choices, approved }: RestoreRequest): Promise<Result<Outcome>> {
  return locked(desk, 'restore', () => carryOut(desk, { kind: 'restore', to, choices }, approved));
}
