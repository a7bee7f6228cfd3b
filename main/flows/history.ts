// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok, type Result } from '../../contract/problem';
import type { HistoryEntry } from '../../contract/ui';
import { privateFolder } from '../../core/step/places';
import type { Told } from '../../core/point/told';
import { lookStore } from '../../host/look-store';
import type { Answers } from '../dispatch';
import { entryOf } from '../history/entry';
import { rememberNow } from '../points';
import { withVmHalves } from '../vm/timeline';
import type { World } from '../world';

type Part = Pick<Answers, 'history.list' | 'history.way-back'>;
const listLimit = 4096;

/** The timeline, and the way back without us. */
export const historyAnswers = (world: World): Part => ({
  'history.list': async ({ machine }) => {
    const bench = world.bench(machine);
    if (!bench.ok) return ok({ entries: [], setAside: false });
    const eyes = bench.value.hands.eyes();
    const store = lookStore(eyes);
    rememberNow(eyes, await world.texts(machine));
    // A machine of memory ends with this process; only this computer has a past worth a file.
    const listed = machine === 'this' ? await remembered(world, store) : ok({ entries: told(world, store), setAside: false });
    if (!listed.ok) return listed;
    const halves = world.vms.bench(machine);
    return ok({ ...listed.value, entries: halves.ok ? withVmHalves(listed.value.entries, halves.value.side.store).slice(0, listLimit) : listed.value.entries });
  },
  'history.way-back': ({ machine, transaction }) => {
    const bench = world.bench(machine);
    if (!bench.ok) return bench;
    const { hands } = bench.value;
    const known = hands.summaries().find((summary) => summary.transaction === transaction);
    if (known === undefined) return failed('not-found', { what: 'transaction' });
    return ok({ line: `sudo sh ${privateFolder(known.transaction)}/undo.sh`, script: hands.undoScript(known.transaction) });
  },
});

/** What root's store says, with the names this process knows. */
const told = (world: World, store: readonly Told[]): HistoryEntry[] =>
  store.slice(0, listLimit).map(({ summary }) => entryOf({ machine: '', about: world.runs.about(summary.transaction), summary }, store));

/** The person's own history, caught up with root's store; without it, what the store says. */
async function remembered(world: World, store: readonly Told[]): Promise<Result<{ entries: HistoryEntry[]; setAside: boolean }>> {
  const history = await world.history;
  if (!history.ok) return ok({ entries: told(world, store), setAside: false });
  history.value.rebuild('this', store.map(({ summary }) => summary));
  const rows = history.value.timeline('this');
  const setAside = history.value.notice !== null;
  return ok({ entries: rows.ok ? rows.value.map((row) => entryOf(row, store)) : told(world, store), setAside });
}
