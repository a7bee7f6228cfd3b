// SPDX-License-Identifier: GPL-3.0-or-later
import type { Summary } from '../../contract/history';
import type { HistoryEntry } from '../../contract/ui';
import { sidesOf, type Told } from '../../core/point/told';
import type { TimelineRow } from './history';

/** A row of the timeline as the window shows it; `store` is what root's store holds now, newest first. */
export function entryOf({ about, summary }: TimelineRow, store: readonly Told[]): HistoryEntry {
  const outcome = outcomeOf(summary);
  const { state, changed, kept } = summary;
  const { here, newer } = placeIn(store, summary);
  const undoable = outcome === 'waiting' || outcome === 'undo-incomplete' || (outcome === 'kept' && stands(summary));
  const ended = state === 'kept' ? (kept ?? changed) : state === 'undone' ? changed : null;
  return {
    transaction: summary.transaction,
    started: written(summary.opened),
    ended: ended === null ? null : written(ended),
    about: about.slice(0, 512),
    intent: summary.intent.slice(0, 32),
    outcome,
    mayUndo: here !== undefined && newer === null && undoable,
    newer: outcome === 'kept' && undoable ? newer : null,
    reason: summary.reason,
    restores: summary.restores,
    points: here === undefined ? [] : [...sidesOf(here)],
  };
}

/** Where it is in the store, and which newer one stands on it. */
function placeIn(store: readonly Told[], { transaction }: Summary): { readonly here: Told | undefined; readonly newer: Summary['transaction'] | null } {
  const at = store.findIndex((told) => told.summary.transaction === transaction);
  const newer = store.slice(0, Math.max(at, 0)).find((told) => told.summary.state !== 'undone' && stands(told.summary));
  return { here: store[at], newer: newer?.summary.transaction ?? null };
}

/** Whether anything of it is on the machine; a point alone changes nothing. */
const stands = ({ steps }: Summary): boolean => steps.some(({ outcome }) => outcome !== 'planned' && outcome !== 'undone');

/** A time beyond the calendar of ECMAScript is shown as its end rather than thrown. */
const written = (time: number): string => new Date(Math.min(time, 8.64e15)).toISOString().replace(/^\+\d{6}/, '9999');

function outcomeOf({ state, problem }: Summary): HistoryEntry['outcome'] {
  switch (state) {
    case 'working':
      return 'open';
    case 'waiting-for-restart':
    case 'trial-running':
      return 'waiting';
    case 'kept':
      return 'kept';
    case 'undo-incomplete':
      return 'undo-incomplete';
    case 'undone':
      if (problem === null) return 'undone';
      return problem.code === 'cancelled' ? 'cancelled' : 'failed';
    default:
      return state satisfies never;
  }
}
