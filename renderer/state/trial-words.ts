// SPDX-License-Identifier: GPL-3.0-or-later
import type { TrialFinding, trialNotes } from '../../contract/trial';

/** What is worth knowing and no failure; by type, because the contract's own list would bring its parser into the page. */
const notes: Readonly<Record<(typeof trialNotes)[number], true>> = { 'one-shot-cleared': true, 'link-lost': true, 'unit-failed': true, 'nothing-to-compare': true };

export const isFailure = (code: TrialFinding['code']): boolean => !Object.hasOwn(notes, code);

/** Seconds left at which the clock is said aloud (rule 18). */
const saidAt = [60, 30, 10];

/** Minutes and seconds to a moment; never less than nothing. */
export function leftUntil(until: number, now: number): { readonly seconds: number; readonly clock: string } {
  const seconds = Math.max(0, Math.ceil((until - now) / 1000));
  return { seconds, clock: `${String(Math.floor(seconds / 60))}:${String(seconds % 60).padStart(2, '0')}` };
}

/** The last mark that was passed, so that each is said once; null before the first. */
export const saidMark = (seconds: number): number | null => saidAt.findLast((mark) => seconds <= mark) ?? null;
