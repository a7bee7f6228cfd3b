// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TrialFinding } from '../../../contract/trial';
import { afterSaying, answerTime, beginWatch, lookEvery, minutesToSay, settleTime, watchNext, type Watch } from '../../../core/trial/watch';

const bad: readonly TrialFinding[] = [{ code: 'screen-dark', detail: {} }];
const note: readonly TrialFinding[] = [{ code: 'unit-failed', detail: { unit: 'x.service' } }];

/** Looks every five seconds at what `is` says, until it is over; what was said aloud on the way. */
function walk(is: (since: number) => { readonly findings: readonly TrialFinding[]; readonly answered?: boolean }): { readonly how: string; readonly since: number; readonly said: readonly number[] } {
  let watch: Watch = beginWatch;
  const said: number[] = [];
  for (let since = 0; ; since += lookEvery) {
    watch = watchNext(watch, { since, answered: false, ...is(since) });
    const minutes = minutesToSay(watch, since);
    if (minutes !== null) {
      said.push(minutes);
      watch = afterSaying(watch, minutes);
    }
    if (watch.at === 'over') return { how: watch.how, since, said };
    if (since > 10 * (settleTime + answerTime)) throw new Error('the watch never ends');
  }
}

describe('the watch over a trial start', () => {
  test('is over, passed, after two good looks, and has no clock', () => {
    expect(walk(() => ({ findings: note }))).toEqual({ how: 'passed', since: lookEvery, said: [] });
  });

  test('waits for what comes late', () => {
    expect(walk((since) => ({ findings: since < 60_000 ? bad : [] }))).toEqual({ how: 'passed', since: 60_000 + lookEvery, said: [] });
  });

  test('does not pass on one good look between bad ones', () => {
    expect(walk((since) => ({ findings: since % (2 * lookEvery) === 0 ? [] : bad })).how).toBe('time-up');
  });

  test('counts a failed trial down for ten minutes, says so aloud, and is then up', () => {
    expect(walk(() => ({ findings: bad }))).toEqual({ how: 'time-up', since: settleTime + answerTime, said: [10, 8, 6, 4, 3, 2, 1] });
  });

  test('ends at an answer, before and while it counts', () => {
    expect(walk((since) => ({ findings: bad, answered: since >= 20_000 })).how).toBe('answered');
    expect(walk((since) => ({ findings: bad, answered: since >= settleTime + 300_000 }))).toMatchObject({ how: 'answered', said: [10, 8, 6] });
  });

  test('passes after all when the failed start comes right while it counts', () => {
    expect(walk((since) => ({ findings: since < settleTime + 120_000 ? bad : [] }))).toMatchObject({ how: 'passed', since: settleTime + 120_000 + lookEvery });
  });

  test('ends whatever it sees, never passed by a start whose last look was bad', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 200 }), (looks) => {
        const seen = (since: number): boolean => looks[(since / lookEvery) % looks.length] ?? false;
        const end = walk((since) => ({ findings: seen(since) ? [] : bad }));
        if (end.how === 'passed') expect(seen(end.since) && seen(end.since - lookEvery)).toBe(true);
        else expect(end).toMatchObject({ how: 'time-up', since: settleTime + answerTime });
      }),
    );
  });
});
