// SPDX-License-Identifier: GPL-3.0-or-later
import { deepStrictEqual, ok } from 'node:assert';
import type { Problem, Result } from '../../contract/problem';

/** Two values are the same, or the scenario fails with what it was about. */
export function same(got: unknown, wanted: unknown, about: string): void {
  deepStrictEqual(got, wanted, `${about}\n  got    ${JSON.stringify(got)}\n  wanted ${JSON.stringify(wanted)}`);
}

export function holds(condition: boolean, about: string): void {
  ok(condition, about);
}

/** The value of a result that must be good. */
export function good<T>(result: Result<T>, about: string): T {
  if (!result.ok) throw new Error(`${about}: ${JSON.stringify(result.problem)}`);
  return result.value;
}

/** The problem of a result that must not be good. */
export function refused<T>(result: Result<T>, about: string): Problem {
  if (result.ok) throw new Error(`${about}: was not refused`);
  return result.problem;
}
