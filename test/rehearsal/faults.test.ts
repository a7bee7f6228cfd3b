// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import type { FaultKind } from '../../rehearsal/faults';
import { candidate, candidates } from '../simulate/pool';
import { walkFaults, walkOf, type Walk } from '../simulate/fault-walk';

/** The seed of a failing run stands in its message: this line runs it again, with its story. */
const replay = (seed: number) => `npm run simulate -- --runs 1 --seed ${seed} --story --most 25`;
const pool = candidates(25);

describe('walks with faults', () => {
  test.each(Array.from({ length: 10 }, (_, tenth) => 1 + tenth * 30))('leave the machine as before or changed and verified, startable, and nobody\'s edit lost: 30 seeds from %i', async (first) => {
    for (let seed = first; seed < first + 30; seed++) {
      const report = await walkFaults(walkOf(seed, pool));
      expect({ replay: replay(seed), violation: report.violation }).toEqual({ replay: replay(seed), violation: null });
    }
  });

  test('meet faults of every kind, in every phase, and mostly reach a change', async () => {
    const reports = [];
    for (let seed = 1; seed <= 120; seed++) reports.push(await walkFaults(walkOf(seed, pool)));
    const kinds = new Set(reports.flatMap((report) => [...report.cells.keys()].map((cell) => cell.split('|')[2])));
    expect([...kinds].sort()).toEqual(['edited', 'fails', 'half', 'hangs', 'killed', 'lies', 'power', 'stop', 'throws']);
    expect(reports.filter((report) => report.reachedChange).length).toBeGreaterThan(90);
  });

  test('are the same for the same seed', async () => {
    for (const seed of [7, 8, 9]) {
      const [one, two] = [await walkFaults(walkOf(seed, pool)), await walkFaults(walkOf(seed, pool))];
      expect(two.story).toEqual(one.story);
    }
  });
});

/** One small machine, the whole way: apply, trial, keep, undo. */
function plainWalk(faults: ReadonlyMap<number, FaultKind>, seed: number): Walk {
  const found = candidate('071-comet-lake-gtx1660s-one-id-bound', 0);
  const intent = found?.intents[0];
  if (found === null || intent === undefined) throw new Error('no machine');
  return { seed, candidate: found, intent, answer: 'keep', faults, looks: new Set(), quirk: 'none' };
}

describe('a power cut', () => {
  test.each([0, 1, 2, 3, 4, 5, 6, 7])('at any operation of apply, keep and undo leaves the machine as before or as wanted: every eighth from %i', async (from) => {
    const whole = await walkFaults(plainWalk(new Map(), 1));
    expect(whole).toMatchObject({ violation: null, kept: true });
    const broken: string[] = [];
    for (let at = 1 + from; at <= whole.operations; at += 8) {
      const report = await walkFaults(plainWalk(new Map([[at, 'power']]), 1000 + at));
      if (report.violation !== null) broken.push(`operation ${at}: ${report.violation}\n${report.story.join('\n')}`);
    }
    expect(broken).toEqual([]);
  }, 120_000);

  test.each(['killed', 'fails', 'throws', 'half', 'lies'] as const)('or a step that is %s, at a sample of operations, too', async (kind) => {
    const whole = await walkFaults(plainWalk(new Map(), 1));
    const broken: string[] = [];
    for (let at = 1; at <= whole.operations; at += 23) {
      const report = await walkFaults(plainWalk(new Map([[at, kind]]), 3000 + at));
      if (report.violation !== null) broken.push(`operation ${at}: ${report.violation}\n${report.story.join('\n')}`);
    }
    expect(broken).toEqual([]);
  }, 120_000);
});
