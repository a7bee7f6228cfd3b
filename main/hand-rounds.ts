// SPDX-License-Identifier: GPL-3.0-or-later
import type { HandReport, HandRound } from '../contract/hand-run';
import { moveOf } from '../core/hand-off/report';
import { handOver, takeBack, type Walk } from './hand-walk';

/** Rounds one after the other, until all are through, the person stops them, or one fails: a machine in doubt is not tried again. */
export async function selfTest(walk: Walk, { count, force }: { readonly count: number; readonly force: boolean }): Promise<HandReport> {
  const rounds: HandRound[] = [];
  const report = (end: HandReport['end']): HandReport => ({ schema: 1, vm: walk.vm, name: walk.name, began, wanted: count, rounds, end });
  const began = walk.clock();
  while (rounds.length < count) {
    if (walk.stopped()) return report('stopped');
    const given = await handOver(walk);
    const give = given.status === null ? { end: null, why: null, took: 0, phases: [] } : moveOf(given.status);
    if (given.end !== 'given') {
      rounds.push({ give, take: null });
      return report('give-failed');
    }
    const taken = await takeBack(walk, force);
    rounds.push({ give, take: taken.status?.way === 'take' ? moveOf(taken.status) : null });
    walk.set({ rounds: { wanted: count, through: rounds.length } });
    if (taken.end === 'still-runs') return report('guest-runs');
    if (taken.end !== 'home') return report('take-failed');
  }
  return report('done');
}
