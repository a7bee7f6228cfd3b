// SPDX-License-Identifier: GPL-3.0-or-later
import type { HandStatus } from '../../contract/hand-off';
import type { HandVm } from '../../contract/hand-run';
import type { HandOutcome } from '../../core/hand-off/told';
import type { Looked } from '../state/wizard.svelte';
import type { Session } from '../state/session.svelte';
import { shortName } from '../state/sides';

/** The card as a person knows it; what is not known by name is just a card. */
export function cardName(session: Session, vm: HandVm, looked: Looked | null): string {
  const cards = looked?.assessment.cards.filter((card) => vm.devices.includes(card.gpu)) ?? [];
  return cards.length === 0 ? session.t('window.hand.card') : cards.map((card) => shortName(card.name)).join(' + ');
}

/** Why it ended so, and what to do next, where there is more to say than the end itself. */
export function reasonOf(session: Session, end: HandOutcome, status: HandStatus | null): { readonly why: string | null; readonly next: string | null } {
  const why = status?.why ?? null;
  if (why === null) return { why: null, next: null };
  const kind = end === 'refused' ? 'refused' : 'trouble';
  const key = `hand-off.${kind}-${why}`;
  const next = `hand-off.next-${why}`;
  return { why: session.has(key) ? session.tell(key) : session.has(`hand-off.refused-${why}`) ? session.tell(`hand-off.refused-${why}`) : null, next: end === 'refused' && session.has(next) ? session.tell(next) : null };
}
