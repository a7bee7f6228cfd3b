// SPDX-License-Identifier: GPL-3.0-or-later
import { ok } from '../../contract/problem';
import type { Answers } from '../dispatch';
import { compareOn, driftOn, restoreOn, withOwnLines } from '../points';
import { withVms } from '../vm-notes';
import type { World } from '../world';

type Part = Pick<Answers, 'history.compare' | 'history.reveal' | 'point.take' | 'restore.draw' | 'run.restore' | 'drift.check'>;

/** Restore points: taking, comparing and going back to one; and whether what was kept still holds. */
export const pointAnswers = (world: World): Part => ({
  'history.compare': async ({ machine, from, to }) => {
    const bench = world.bench(machine);
    if (!bench.ok) return bench;
    return compareOn(bench.value.hands.eyes(), { from, to }, { texts: await world.texts(machine), now: world.clock() });
  },
  'history.reveal': async ({ machine, from, to }) => {
    const bench = world.bench(machine);
    if (!bench.ok) return bench;
    const { hands } = bench.value;
    const compared = compareOn(hands.eyes(), { from, to }, { texts: await world.texts(machine), now: world.clock() });
    if (!compared.ok) return compared;
    const looked = await hands.call({ verb: 'look', request: { of: { kind: 'points', from, to } } }, { hello: () => undefined, progress: () => undefined }).done;
    return looked.ok ? ok(withOwnLines(compared.value, looked.value.places)) : looked;
  },
  'point.take': ({ machine, reason }) => {
    const bench = world.bench(machine);
    if (!bench.ok) return bench;
    const intent = { kind: 'point' as const, reason };
    const drawn = bench.value.hands.draw(intent);
    return drawn.ok ? world.runs.apply(bench.value, intent, drawn.value.review.hash) : drawn;
  },
  'restore.draw': async ({ machine, to, choices }) => {
    const bench = world.bench(machine);
    if (!bench.ok) return bench;
    const { hands } = bench.value;
    const drawn = restoreOn(hands.eyes(), { kind: 'restore', to, choices }, await world.texts(machine));
    return drawn.ok ? ok(await withVms(drawn.value, hands.eyes(), () => hands.vms())) : drawn;
  },
  'run.restore': ({ machine, to, choices, approved }) => {
    const bench = world.bench(machine);
    return bench.ok ? world.runs.restore(bench.value, { kind: 'restore', to, choices }, approved) : bench;
  },
  'drift.check': ({ machine }) => {
    const bench = world.bench(machine);
    return bench.ok ? ok(driftOn(bench.value.hands.eyes(), world.clock())) : bench;
  },
});
