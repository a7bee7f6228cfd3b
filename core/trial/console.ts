// SPDX-License-Identifier: GPL-3.0-or-later
import type { TrialFinding } from '../../contract/trial';
import { privateFolder } from '../step/places';

/** Root's few fixed lines for a text console, the login message and the journal, each with a code. English only: such a console may have no other letters. */
export const consoleLines = {
  passed: 'Switchyard: this is a trial start, and it passed its checks. Keep it:  switchyard keep    Go back:  switchyard go-back    Any restart without an answer is the old start.',
  failed: 'Switchyard: this trial start did not pass its checks. Keep it anyway:  switchyard keep    Go back:  switchyard go-back',
  'time-up': 'Switchyard: nobody answered the failed trial. Restarting into the old start now.',
  answered: 'Switchyard: the trial was answered. Nothing is waiting any more.',
  recovered: 'Switchyard: the trial start passed its checks after all. There is no clock any more.',
} as const;
export type ConsoleLine = keyof typeof consoleLines;

/** Said while a failed trial is counted down. */
export const countdownLine = (minutes: number): string =>
  `Switchyard: this trial start failed its checks. It restarts into the old start in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'} unless you answer:  switchyard keep  or  switchyard go-back`;

/** A finding for the journal: its code and its details, no prose. */
export const findingLine = ({ code, detail }: TrialFinding): string =>
  ['Switchyard: trial finding', code, ...Object.entries(detail).map(([key, value]) => `${key}=${value}`)].join(' ');

/** What login messages and the console say while the question waits; ends with a line break. */
export const questionText = (verdict: 'passed' | 'failed'): string => `${consoleLines[verdict]}\n`;

/** The way back on one line that fits a photograph: the running system's, and the one of a rescue system. */
export const cardLine = (transaction: string): string =>
  `Undo ${transaction}: sudo sh ${privateFolder(transaction)}/undo.sh   (rescue system: sh /mnt${privateFolder(transaction)}/undo.sh --root /mnt)`;
