// SPDX-License-Identifier: GPL-3.0-or-later
import type { HandStatus } from '../../contract/hand-off';
import { actionsFor } from '../../core/hand-off/holders';
import { say } from '../../words/say';
import { sentence } from './tell';
import type { Io } from './io';

/** What came from outside is shown without control characters. */
export const printable = (text: string): string => text.trim().replaceAll(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, ' ').slice(0, 1000);

/** Lines about a round: the phases that are new, and how it ended with what helps. */
export function linesOf(status: HandStatus, told: number, language: Io['language']): readonly string[] {
  const phases = status.phases.slice(told).map(({ phase, took }) => `  ${say(language, 'hand-off.cli-phase', { phase: say(language, `hand-off.phase-${phase}`), took: Math.round(took) })}`);
  return status.end === null ? phases : [...phases, ...endOf(status, language)];
}

function endOf(status: HandStatus, language: Io['language']): readonly string[] {
  const { end, why } = status;
  if (end === null) return [];
  const first = say(language, `hand-off.end-${end}`);
  const reason = why === null ? [] : [sentence(language, `hand-off.${end === 'refused' ? 'refused' : 'trouble'}-${why}`, {})];
  const holders = status.holders.filter((one) => one.kind !== 'console');
  const named = end === 'refused' && why === 'held' ? holders.map((one) => `  ${say(language, `hand-off.holder-${one.kind}`, { name: one.name })}: ${actionsFor(one).slice(0, 1).map((action) => say(language, `hand-off.action-${action}`)).join('')}`) : [];
  const next = end === 'refused' && why !== null ? [sentence(language, `hand-off.next-${why}`, {})] : end === 'stuck' ? [say(language, 'hand-off.stuck-next')] : [];
  return [first, ...reason.filter((one) => one !== first), ...named, ...next];
}
