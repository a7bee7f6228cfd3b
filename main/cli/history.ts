// SPDX-License-Identifier: GPL-3.0-or-later
import { parseArgs } from 'node:util';
import type { Problem, Result } from '../../contract/problem';
import type { HistoryEntry } from '../../contract/ui';
import type { Told } from '../../core/point/told';
import { privateFolder, storeFolder } from '../../core/step/places';
import { liveMachine } from '../../host/live';
import { lookStore } from '../../host/look-store';
import { isKey, say } from '../../words/say';
import { entryOf } from '../history/entry';
import { openHistory, type TimelineRow } from '../history/history';
import { readSummaries } from '../history/summaries';
import { dataFolder } from '../settings';
import { exits, type Io } from './io';
import { paragraph, styled } from './layout';
import { sentence } from './tell';

interface Options {
  readonly json: boolean;
  readonly all: boolean;
}

/** Where the history file and root's store lie. */
interface Places {
  readonly folder: string;
  readonly store: string;
}
const thisComputer = (): Places => ({ folder: dataFolder(), store: storeFolder });

/** What the store tells; of another folder than this computer's only the summaries. */
const toldIn = (store: string): readonly Told[] => (store === storeFolder ? lookStore(liveMachine()) : readSummaries(store).map((summary) => ({ summary, moments: [] })));

interface Timeline {
  readonly rows: readonly TimelineRow[];
  /** What was wrong with the history file; the rows then come from root's store alone or from a new file. */
  readonly problem: Problem | null;
}

/** `switchyard history`: every transaction, newest first. Works without its file too: root's store is the truth. */
export async function history(args: readonly string[], io: Io, places: Places = thisComputer()): Promise<number> {
  const options = readOptions(args, io);
  if (options === null) return exits.usage;
  const store = toldIn(places.store);
  const told = await timeline(options, places, store);
  if (options.json) {
    const entries = told.rows.map((row) => ({
      machine: row.machine,
      ...entryOf(row, store),
      steps: row.summary.steps.length,
      restart: row.summary.restart,
    }));
    io.out(`${JSON.stringify({ schema: 1, kind: 'history', entries, problem: told.problem }, null, 2)}\n`);
  } else {
    if (told.problem !== null) io.err(problemText(told.problem, told.rows.length > 0, io));
    io.out(historyText({ rows: told.rows, store }, options, io));
  }
  return exits.ok;
}

function readOptions(args: readonly string[], io: Io): Options | null {
  try {
    const { values } = parseArgs({ args: [...args], options: { json: { type: 'boolean' }, all: { type: 'boolean' } } });
    return { json: values.json ?? false, all: values.all ?? false };
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('.')[0] ?? '') : '';
    io.err(`${say(io.language, 'cli.bad-option', { why })}\n`);
    return null;
  }
}

async function timeline({ all }: Options, { folder }: Places, store: readonly Told[]): Promise<Timeline> {
  const summaries = store.map(({ summary }) => summary);
  const opened = await openHistory({ folder, clock: Date.now, summaries: () => summaries });
  const read: Result<readonly TimelineRow[]> = opened.ok ? opened.value.timeline(all ? undefined : 'this') : opened;
  const notice = opened.ok ? opened.value.notice : null;
  if (opened.ok) opened.value.close();
  if (!read.ok)
    return { rows: summaries.map((summary) => ({ machine: 'this', about: '', summary })), problem: read.problem };
  return { rows: read.value, problem: notice };
}

function problemText({ code, detail }: Problem, shown: boolean, io: Io): string {
  const aside = detail['aside'];
  if (aside !== undefined) return paragraph(io, say(io.language, 'history.set-aside', { aside }));
  const exact = `problem.${code}.${detail['why'] ?? ''}`;
  const first = paragraph(io, sentence(io.language, isKey(exact) ? exact : `problem.${code}`, detail));
  return shown ? first + paragraph(io, say(io.language, 'history.without-names')) : first;
}

function historyText({ rows, store }: { readonly rows: readonly TimelineRow[]; readonly store: readonly Told[] }, { all }: Options, io: Io): string {
  const title = styled(io, 'bold', say(io.language, all ? 'history.title-all' : 'history.title'));
  if (rows.length === 0) return `${title}\n\n${paragraph(io, say(io.language, 'history.empty'))}`;
  return `${title}\n${rows.map((row) => rowText(row, store, io)).join('')}`;
}

function rowText(row: TimelineRow, store: readonly Told[], io: Io): string {
  const entry = entryOf(row, store);
  const when = new Intl.DateTimeFormat(io.language === 'zh' ? 'zh-Hans' : 'en', {
    dateStyle: 'medium',
    timeStyle: 'short',
  }).format(new Date(entry.started));
  const steps = say(io.language, 'history.steps', { count: row.summary.steps.length });
  const what = [intentText(entry, io), row.about, entry.reason ?? '', row.machine === 'this' ? '' : row.machine]
    .filter((part) => part !== '')
    .join(' · ');
  const lines = [
    `${styled(io, 'bold', what)}  ${styled(io, 'dim', entry.transaction)}`,
    `${when} · ${say(io.language, `history.outcome.${entry.outcome}`)} · ${steps}`,
    ...(entry.restores === null ? [] : [say(io.language, 'point.restores', entry.restores)]),
    ...(entry.newer === null ? [] : [say(io.language, 'point.newer', { transaction: entry.newer })]),
    ...(row.summary.restart ? [say(io.language, 'history.restart')] : []),
    ...(entry.mayUndo && row.machine === 'this'
      ? [say(io.language, 'history.way-back', { line: `sudo sh ${privateFolder(entry.transaction)}/undo.sh` })]
      : []),
  ];
  return `\n${lines.map((line) => paragraph(io, line, '  ')).join('')}`;
}

function intentText(entry: HistoryEntry, io: Io): string {
  const own = `point.intent.${entry.intent}`;
  return isKey(own) ? say(io.language, own) : sentence(io.language, `window.intent.${entry.intent}`, {}).replace(/^window\.intent\./, '');
}
