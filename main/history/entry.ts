// SPDX-License-Identifier: GPL-3.0-or-later
import type { Summary } from '../../contract/history';
import type { HistoryEntry } from '../../contract/ui';
import type { TimelineRow } from './history';

/** A row of the timeline as the window shows it. */
export function entryOf({ about, summary }: TimelineRow): HistoryEntry {
  const outcome = outcomeOf(summary);
  const { state, changed, kept } = summary;
  const ended = state === 'kept' ? (kept ?? changed) : state === 'undone' ? changed : null;
  return {
    transaction: summary.transaction,
    started: written(summary.opened),
    ended: ended === null ? null : written(ended),
    about: about.slice(0, 512),
    intent: summary.intent.slice(0, 32),
    outcome,
    mayUndo: outcome === 'kept' || outcome === 'waiting' || outcome === 'undo-incomplete',
  };
}

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
