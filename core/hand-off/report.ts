// SPDX-License-Identifier: GPL-3.0-or-later
import { handPhases, type HandPhase, type HandStatus, type HandWay } from '../../contract/hand-off';
import type { HandMove, HandReport } from '../../contract/hand-run';

/** Times of one phase over the rounds in which it came; milliseconds. `rounds`: how many these were. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
  readonly rounds: number;
}

export interface Sums {
  readonly all: Readonly<Record<HandWay, Spread | null>>;
  readonly phases: readonly { readonly way: HandWay; readonly phase: HandPhase; readonly spread: Spread }[];
  /** Rounds that went there and back. */
  readonly good: number;
  /** The round, from 1, in which the first move failed; null: none did. */
  readonly failed: { readonly round: number; readonly way: HandWay; readonly move: HandMove } | null;
}

/** A move as its status told it. */
export function moveOf({ end, why, phases }: Pick<HandStatus, 'end' | 'why' | 'phases'>): HandMove {
  return { end, why, took: phases.reduce((sum, one) => sum + one.took, 0), phases: [...phases] };
}

const went = (way: HandWay, { end }: HandMove): boolean => end === (way === 'give' ? 'given' : 'home');

/** What a self-test says of a machine; failed moves have no times, because they ended somewhere else. */
export function sumsOf({ rounds }: Pick<HandReport, 'rounds'>): Sums {
  const moves = rounds.flatMap(({ give, take }, index) => [{ round: index + 1, way: 'give' as const, move: give }, ...(take === null ? [] : [{ round: index + 1, way: 'take' as const, move: take }])]);
  const good = moves.filter(({ way, move }) => went(way, move));
  const all = (way: HandWay): Spread | null => spreadOf(good.filter((one) => one.way === way).map((one) => one.move.took));
  return {
    all: { give: all('give'), take: all('take') },
    phases: (['give', 'take'] as const).flatMap((way) =>
      handPhases.flatMap((phase) => {
        const spread = spreadOf(good.filter((one) => one.way === way).flatMap(({ move }) => move.phases.filter((one) => one.phase === phase).map((one) => one.took)));
        return spread === null ? [] : [{ way, phase, spread }];
      }),
    ),
    good: rounds.filter(({ give, take }) => went('give', give) && take !== null && went('take', take)).length,
    failed: moves.find(({ way, move }) => !went(way, move)) ?? null,
  };
}

/** Of an even number the lower of the two in the middle: a time that was really measured. */
function spreadOf(times: readonly number[]): Spread | null {
  const sorted = [...times].sort((a, b) => a - b);
  const [min] = sorted;
  const max = sorted[sorted.length - 1];
  const median = sorted[Math.floor((sorted.length - 1) / 2)];
  return min === undefined || max === undefined || median === undefined ? null : { min, median, max, rounds: sorted.length };
}
