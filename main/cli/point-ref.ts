// SPDX-License-Identifier: GPL-3.0-or-later
import type { PointRef } from '../../contract/history';
import { sidesOf, type Told } from '../../core/point/told';

/** `ID`, `ID:before` or `ID:after`; without a side as it was kept, and where it never was, before it. Null: no such point. */
export function pointRefOf(word: string, all: readonly Told[]): PointRef | null {
  const [, id, asked] = /^([0-9a-f]{16})(?::(before|after))?$/.exec(word) ?? [];
  const told = all.find(({ summary }) => summary.transaction === id);
  if (told === undefined) return null;
  const sides = sidesOf(told);
  const side = asked === undefined ? (sides.includes('after') ? 'after' : sides[0]) : sides.find((each) => each === asked);
  return side === undefined ? null : { transaction: told.summary.transaction, side };
}
