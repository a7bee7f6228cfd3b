// SPDX-License-Identifier: GPL-3.0-or-later
import type { RunState, RunStep } from '../../contract/run';
import type { HistoryEntry } from '../../contract/ui';
import type { IconName } from '../parts/icons';
import type { Session } from './session.svelte';

export const runHeadline = (session: Session, run: RunState): string => {
  if (run.at === 'working') return session.t(`window.run.working.${run.verb}`);
  return session.t(`window.run.${run.at}`);
};

type About = Pick<HistoryEntry, 'about' | 'intent' | 'reason'>;

/** What a change was about: its cards by name, a person's own words, or what was switched on. */
export const aboutOf = (session: Session, { about, intent, reason }: About): string => {
  if (about !== '') return about;
  return intent === 'point' && reason !== null ? reason : session.tell(`window.intent.${intent}`);
};

/** How a run ended, as a heading and one sentence: in the words of its own kind of change where there are some. */
export function endWords(session: Session, run: RunState, entry: About | null): { readonly title: string; readonly now: string } {
  const at = run.restart ? `${run.at}-restart` : run.at;
  const own = `window.run.${at}.${run.verb === 'undo' ? 'undo' : (entry?.intent ?? 'none')}`;
  const key = session.has(own) ? own : `window.run.${at}`;
  const named = key === 'window.run.kept' && entry !== null && entry.about !== '';
  return { title: named ? session.t('window.run.kept.named', { about: entry.about }) : session.tell(key), now: session.tell(`${key}.now`) };
}

/** The four words a person meets while steps are done, and three more for the way back. */
export type StepWord = 'waiting' | 'changing' | 'checking' | 'done' | 'undoing' | 'undone' | 'left';

export function stepWord(state: RunStep['state']): StepWord {
  switch (state) {
    case 'waiting':
    case 'changing':
    case 'undoing':
    case 'undone':
    case 'left':
      return state;
    case 'checking':
    case 'verifying':
      return 'checking';
    case 'verified':
      return 'done';
    default:
      return state satisfies never;
  }
}

export const stepIcons: Readonly<Record<StepWord, IconName | null>> = {
  waiting: null,
  changing: 'again',
  checking: 'again',
  done: 'good',
  undoing: 'undo',
  undone: 'undo',
  left: 'warn',
};
