// SPDX-License-Identifier: GPL-3.0-or-later
import type { HistoryEntry } from '../../contract/ui';
import type { VmHalf } from '../../contract/vm-half';
import type { HalfStore } from './half-store';

/** The timeline with the VM halves in it: at their host half where there is one, else as entries of their own, newest first. */
export function withVmHalves(entries: readonly HistoryEntry[], store: HalfStore): HistoryEntry[] {
  const halves = store.ids().flatMap((id) => {
    const half = store.read(id);
    return half.ok ? [half.value] : [];
  });
  const newest = newestStanding(halves);
  const both = entries.map((entry): HistoryEntry => {
    const half = halves.find((one) => one.id === entry.transaction);
    return half === undefined ? entry : { ...entry, ...placeOf(half, newest, entry.mayUndo), vm: vmOf(half) };
  });
  const alone = halves.filter((half) => half.state !== 'waiting' && !entries.some((entry) => entry.transaction === half.id)).map((half) => entryOf(half, newest));
  return [...both, ...alone].sort((a, b) => (a.started < b.started ? 1 : -1));
}

const vmOf = ({ uuid, name, what }: VmHalf): NonNullable<HistoryEntry['vm']> => ({ uuid, name, what });

/** Of each VM the change that stands on all others: it goes first. */
function newestStanding(halves: readonly VmHalf[]): ReadonlyMap<string, VmHalf> {
  const newest = new Map<string, VmHalf>();
  for (const half of [...halves].sort((a, b) => a.opened - b.opened)) if (half.state === 'done') newest.set(half.uuid, half);
  return newest;
}

/** `host`: whether the host half, where there is one, may be undone. */
function placeOf(half: VmHalf, newest: ReadonlyMap<string, VmHalf>, host: boolean): Pick<HistoryEntry, 'mayUndo' | 'newer'> | object {
  const last = newest.get(half.uuid);
  if (half.state !== 'done' || last === undefined) return {};
  return last.id === half.id ? { mayUndo: host } : { mayUndo: false, newer: last.id };
}

function entryOf(half: VmHalf, newest: ReadonlyMap<string, VmHalf>): HistoryEntry {
  const written = (time: number): string => new Date(Math.min(time, 8.64e15)).toISOString();
  const open = half.state === 'begun';
  const entry: HistoryEntry = {
    transaction: half.id,
    started: written(half.opened),
    ended: half.ended === null ? null : written(half.ended),
    about: half.name,
    intent: 'vm',
    outcome: open ? 'undo-incomplete' : half.state === 'done' ? 'kept' : half.after === null && half.what !== 'remove' ? 'failed' : 'undone',
    mayUndo: open || half.state === 'done',
    newer: null,
    reason: null,
    restores: null,
    points: [],
    vm: vmOf(half),
  };
  return { ...entry, ...placeOf(half, newest, true) };
}
