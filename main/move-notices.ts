// SPDX-License-Identifier: GPL-3.0-or-later
import { handRun, type HandRun } from '../contract/hand-run';
import { noticeName, plainName } from './desktop/label';
import type { News } from './dispatch';
import { say, type Language } from '../words/say';

/** What a desktop notification says. */
export interface Notice {
  readonly title: string;
  readonly body: string;
  /** The VM it is about; a press leads to its page. */
  readonly vm: string | null;
}

export interface Watcher {
  /** Whether the window is before the person: then it says so itself. */
  readonly seen: () => boolean;
  readonly language: () => Language;
  readonly show: (notice: Notice) => void;
}

/** Tells the end of each move of a card to a person who is not looking at the window. Returns how to stop. */
export function noticeMoves(news: News, { seen, language, show }: Watcher): () => void {
  let told = '';
  return news.subscribe((name, body) => {
    const run = name === 'hand.news' ? handRun.safeParse(body).data : undefined;
    if (run === undefined) return;
    // A run says more than once that it is over: with its report, for example.
    const key = `${run.vm} ${run.doing} ${String(run.status?.since)} ${String(run.end)}`;
    const words = run.at === 'over' ? wordsOf(run, language()) : null;
    if (run.at !== 'over') told = '';
    if (words === null || key === told) return;
    told = key;
    if (!seen()) show({ title: plainName(run.name), body: words, vm: run.machine === 'this' ? run.vm : null });
  });
}

/** Null where nothing is worth an interruption. */
function wordsOf({ end, name: given, doing, report }: HandRun, language: Language): string | null {
  const name = noticeName(given);
  if (doing === 'rounds') return report === null ? null : say(language, 'door.rounds-over', { through: report.rounds.length, wanted: report.wanted });
  switch (end) {
    case null:
    case 'no-card':
      return null;
    case 'failed':
      return say(language, 'hand-off.cli-failed', { name });
    case 'still-runs':
      return say(language, 'door.still-runs', { name });
    default:
      return say(language, `hand-off.end-${end}`);
  }
}
