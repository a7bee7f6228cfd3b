// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import { faultKinds, type FaultKind } from '../../rehearsal/faults';
import { impossible, missingCells, phases, stepKinds } from '../simulate/cells';
import { walkFaults } from '../simulate/fault-walk';
import { candidate, machinesUpTo } from '../simulate/pool';
import { beatsOf, offerOf, stageOf } from '../simulate/stage';
import { walkOf, type Walk } from '../simulate/walk';

/** The seed of a failing run stands in its message: this line runs it again, with its story. */
const replay = (seed: number) => `npm run simulate -- --runs 1 --seed ${seed} --story --most 25`;
const machines = machinesUpTo(25);

describe('walks with faults', () => {
  test.each(Array.from({ length: 10 }, (_, tenth) => 1 + tenth * 30))('leave the machine as before or changed and verified, startable, and nobody\'s edit lost: 30 seeds from %i', { timeout: 120_000 }, async (first) => {
    for (let seed = first; seed < first + 30; seed++) {
      const report = await walkFaults(await walkOf(seed, machines));
      expect({ replay: replay(seed), violation: report.violation }).toEqual({ replay: replay(seed), violation: null });
    }
  });

  test('meet faults of every kind, mostly reach a change and mostly meet a fault there', { timeout: 120_000 }, async () => {
    const reports = [];
    for (let seed = 1; seed <= 200; seed++) reports.push(await walkFaults(await walkOf(seed, machines)));
    const kinds = new Set(reports.flatMap((report) => [...report.cells.keys()].map((cell) => cell.split('|')[2])));
    expect([...kinds].sort()).toEqual([...faultKinds].sort());
    expect(reports.filter((report) => report.reachedChange).length).toBeGreaterThanOrEqual(180);
    expect(reports.filter((report) => report.faultAtChange).length).toBeGreaterThanOrEqual(120);
  });

  test('are the same for the same seed, whatever was walked before', { timeout: 120_000 }, async () => {
    const alone = await Promise.all([7, 8, 9].map(async (seed) => walkFaults(await walkOf(seed, machines))));
    for (let seed = 40; seed < 50; seed++) await walkFaults(await walkOf(seed, machines));
    for (const [index, seed] of [7, 8, 9].entries()) expect((await walkFaults(await walkOf(seed, machines))).story).toEqual(alone[index]?.story);
  });
});

describe('the table of cells', () => {
  test('lists as impossible only what there could be, and says why', () => {
    for (const { cell, why } of impossible) {
      const [step = '', phase] = cell.split('|');
      expect(step === '-' || stepKinds.includes(step), cell).toBe(true);
      expect(step === '-' || phase === undefined || phases.some((one) => one === phase), cell).toBe(true);
      expect(why.length).toBeGreaterThan(20);
    }
  });

  test('names a cell that was never met, and one that was met although it is told to be impossible', () => {
    const missing = missingCells(new Map([['trial-config|undoing|fails', 1]]), 100_000);
    expect(missing).toContain('seldom: trial-image|changing|fails 0 of 50');
    expect(missing).toContain('not in the table: trial-config|undoing|fails');
  });
});

/** With this seed nobody turns the machine off in between, so that every walk is the same up to its fault. */
const seed = 3;

/** One small machine, the whole way: apply, trial, keep, undo. */
function plainWalk(at: ReadonlyMap<number, FaultKind>): Walk {
  const found = candidate('071-comet-lake-gtx1660s-one-id-bound', 0);
  const intent = found?.intents[0];
  if (found === null || intent === undefined) throw new Error('no machine');
  return { seed, candidate: found, intents: [intent], from: 'ready', first: 'apply', at, due: [], looks: new Set(), second: null, answer: 'keep', undoes: true, quirk: 'none', editsFirst: false };
}

test('a file of the trial\'s own configuration that is only said to be written is noticed, whichever it is', async () => {
  const { candidate, intents } = plainWalk(new Map());
  const stage = await stageOf(candidate, [], 'ready');
  const beats = await beatsOf(stage, 'apply', offerOf(stage, intents));
  const numbers = beats.flatMap(({ step, phase, name }, index) => (step === 'trial-config' && phase === 'changing' && (name === 'copy' || name === 'write') ? [index + 1] : []));
  expect(numbers.length).toBeGreaterThan(2);
  for (const at of numbers) expect(await walkFaults(plainWalk(new Map([[at, 'lies']])))).toMatchObject({ violation: null, faultAtChange: true, kept: false });
}, 120_000);

describe('a power cut', () => {
  test.each([0, 1, 2, 3, 4, 5, 6, 7])('at any operation of apply, keep and undo leaves the machine as before or as wanted: every eighth from %i', async (from) => {
    const whole = await walkFaults(plainWalk(new Map()));
    expect(whole).toMatchObject({ violation: null, kept: true });
    const broken: string[] = [];
    for (let at = 1 + from; at <= whole.operations; at += 8) {
      const report = await walkFaults(plainWalk(new Map([[at, 'power']])));
      if (report.violation !== null) broken.push(`operation ${at}: ${report.violation}\n${report.story.join('\n')}`);
    }
    expect(broken).toEqual([]);
  }, 120_000);

  test.each(['killed', 'fails', 'throws', 'half', 'lies'] as const)('or a step that is %s, at a sample of operations, too', async (kind) => {
    const whole = await walkFaults(plainWalk(new Map()));
    const broken: string[] = [];
    for (let at = 1; at <= whole.operations; at += 23) {
      const report = await walkFaults(plainWalk(new Map([[at, kind]])));
      if (report.violation !== null) broken.push(`operation ${at}: ${report.violation}\n${report.story.join('\n')}`);
    }
    expect(broken).toEqual([]);
  }, 120_000);
});
