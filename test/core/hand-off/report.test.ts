// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import type { HandMove } from '../../../contract/hand-run';
import { moveOf, sumsOf } from '../../../core/hand-off/report';

const move = (end: HandMove['end'], unbind: number, bind: number): HandMove => moveOf({ end, why: end === 'given' || end === 'home' ? null : 'refused', phases: [{ phase: 'unbind', took: unbind }, { phase: 'bind', took: bind }] });

describe('a self-test', () => {
  test('is summed by phase, each way by itself, with times that were really measured', () => {
    const sums = sumsOf({ rounds: [10, 40, 20, 30].map((unbind) => ({ give: move('given', unbind, 5), take: move('home', 1, unbind) })) });
    expect(sums.all).toEqual({ give: { min: 15, median: 25, max: 45, rounds: 4 }, take: { min: 11, median: 21, max: 41, rounds: 4 } });
    expect(sums.phases.find((one) => one.way === 'give' && one.phase === 'unbind')?.spread).toEqual({ min: 10, median: 20, max: 40, rounds: 4 });
    expect(sums.phases.find((one) => one.way === 'take' && one.phase === 'unbind')?.spread).toEqual({ min: 1, median: 1, max: 1, rounds: 4 });
    expect([sums.good, sums.failed]).toEqual([4, null]);
  });

  test('names the first move that failed and leaves its times out', () => {
    const failed = move('adrift', 9000, 9000);
    const sums = sumsOf({ rounds: [{ give: move('given', 1, 1), take: move('home', 1, 1) }, { give: move('given', 3, 1), take: failed }] });
    expect(sums).toMatchObject({ good: 1, failed: { round: 2, way: 'take', move: failed }, all: { give: { rounds: 2 }, take: { max: 2, rounds: 1 } } });
    expect(sumsOf({ rounds: [{ give: move('refused', 1, 1), take: null }] })).toMatchObject({ good: 0, failed: { round: 1, way: 'give' }, all: { give: null, take: null } });
  });
});
