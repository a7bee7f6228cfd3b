// SPDX-License-Identifier: GPL-3.0-or-later
import type { Summary } from '../../contract/history';
import { failed, ok } from '../../contract/problem';
import type { HistoryEntry } from '../../contract/ui';
import type { Answers } from '../dispatch';
import type { Runs } from '../runs';
import type { World } from '../world';

type Part = Pick<Answers, 'history.list' | 'history.way-back'>;

/** The timeline, and the way back without us. */
export const historyAnswers = (world: World): Part => ({
  'history.list': ({ machine }) => {
    const bench = world.bench(machine);
    const summaries = bench.ok ? bench.value.hands.summaries() : [];
    return ok({ entries: summaries.map((one) => entryOf(one, world.runs)), setAside: false });
  },
  'history.way-back': ({ machine, transaction }) => {
    const bench = world.bench(machine);
    if (!bench.ok) return bench;
    const known = bench.value.hands.summaries().find((summary) => summary.transaction === transaction);
    if (known === undefined) return failed('not-found', { what: 'transaction' });
    return ok({ line: `sudo sh /var/lib/switchyard/${known.transaction}/private/undo.sh`, script: bench.value.hands.undoScript(known.transaction) });
  },
});

const outcomes = {
  working: 'open',
  'waiting-for-restart': 'waiting',
  'trial-running': 'waiting',
  kept: 'kept',
  undone: 'undone',
  'undo-incomplete': 'undo-incomplete',
} as const satisfies Record<Summary['state'], HistoryEntry['outcome']>;

/** A transaction as the timeline shows it. One that ended by itself says so: it was never the person's undo. */
function entryOf(summary: Summary, runs: Runs): HistoryEntry {
  const { transaction, state, problem } = summary;
  const early = state === 'undone' && problem !== null ? (problem.code === 'cancelled' ? 'cancelled' : 'failed') : outcomes[state];
  const ended = state === 'kept' || state === 'undone';
  return {
    transaction,
    started: new Date(summary.opened).toISOString(),
    ended: ended ? new Date(summary.changed).toISOString() : null,
    about: runs.about(transaction),
    intent: summary.intent,
    outcome: early,
    mayUndo: state !== 'undone' && state !== 'working',
  };
}
