// SPDX-License-Identifier: GPL-3.0-or-later
import type { RunState, RunStep } from '../../contract/run';
import type { IconName } from '../parts/icons';
import type { Session } from './session.svelte';

export const runHeadline = (session: Session, run: RunState): string => {
  if (run.at === 'working') return session.t(`window.run.working.${run.verb}`);
  return session.t(`window.run.${run.at}`);
};

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
