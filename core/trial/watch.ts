// SPDX-License-Identifier: GPL-3.0-or-later
import type { TrialFinding } from '../../contract/trial';
import { fails } from './self-check';

/** Milliseconds a trial start may take to be as it should, before it has failed (a login, a screen, a network come late). */
export const settleTime = 180_000;
/** Milliseconds a failed trial may be answered before it restarts into the old start (host.md 5.9). */
export const answerTime = 600_000;
/** Milliseconds between two looks. */
export const lookEvery = 5000;
/** Looks in a row without a failure that make it passed: a screen may be lit by firmware's picture for a moment. */
const steady = 2;

/** Where the watch over a trial start stands. Times are milliseconds since it began, by a clock nobody sets. */
export type Watch =
  | { readonly at: 'settling'; readonly good: number }
  | { readonly at: 'counting'; readonly until: number; readonly good: number; readonly told: number }
  | { readonly at: 'over'; readonly how: 'passed' | 'answered' | 'time-up' };

export const beginWatch: Watch = { at: 'settling', good: 0 };

/** What one look found. `answered`: the person said keep or go back. */
export interface Looked {
  readonly since: number;
  readonly findings: readonly TrialFinding[];
  readonly answered: boolean;
}

/** The next state of the watch. Pure, so that a test can hold the clock. A trial that comes right while it is counted down has passed after all. */
export function watchNext(watch: Watch, { since, findings, answered }: Looked): Watch {
  if (watch.at === 'over') return watch;
  if (answered) return { at: 'over', how: 'answered' };
  const good = findings.some(fails) ? 0 : watch.good + 1;
  if (good >= steady) return { at: 'over', how: 'passed' };
  if (watch.at === 'settling') return since < settleTime ? { at: 'settling', good } : { at: 'counting', until: since + answerTime, good, told: Number.POSITIVE_INFINITY };
  if (since >= watch.until) return { at: 'over', how: 'time-up' };
  return { ...watch, good };
}

/** Minutes left that are said aloud. */
const said = [10, 8, 6, 4, 3, 2, 1];

/** The minutes to say now, once each; null: nothing to say. */
export function minutesToSay(watch: Watch, since: number): number | null {
  if (watch.at !== 'counting') return null;
  const left = Math.ceil((watch.until - since) / 60_000);
  const say = said.find((minutes) => left <= minutes && minutes < watch.told && left > minutes - 1);
  return say ?? null;
}

/** The watch after these minutes were said. */
export const afterSaying = (watch: Watch, minutes: number): Watch => (watch.at === 'counting' ? { ...watch, told: minutes } : watch);
