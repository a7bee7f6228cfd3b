// SPDX-License-Identifier: GPL-3.0-or-later
import type { HandStatus } from '../../contract/hand-off';
import type { HandRun, HandVm } from '../../contract/hand-run';
import type { Looked } from '../state/wizard.svelte';
import type { Session } from '../state/session.svelte';
import { shortName } from '../state/sides';

/** The card as a person knows it; what is not known by name is just a card. */
export function cardName(session: Session, vm: HandVm, looked: Looked | null): string {
  const cards = looked?.assessment.cards.filter((card) => vm.devices.includes(card.gpu)) ?? [];
  return cards.length === 0 ? session.t('window.hand.card') : cards.map((card) => shortName(card.name)).join(' + ');
}

export type Outcome = NonNullable<HandRun['end']>;

/** How a run ended, with what root and libvirt said of it. */
export interface Told {
  readonly end: Outcome;
  readonly status: HandStatus | null;
  readonly said: string | null;
}

/** What is told when nothing moves: the run that was last, else what the VM's last round left. */
export function outcomeOf(run: HandRun | null, vm: HandVm): Told | null {
  if (run?.at === 'over' && run.end !== null && stillTrue(run.end, vm)) return { end: run.end, status: run.status, said: run.said };
  if (vm.status?.end == null) return null;
  // A round that came home long ago is nothing to report.
  return vm.status.end === 'home' || vm.status.end === 'refused' ? null : { end: vm.status.end, status: vm.status, said: null };
}

/** A VM that was started or stopped since, by whomever, has another story. */
function stillTrue(end: Outcome, vm: HandVm): boolean {
  const runs = vm.state === 'running' || vm.state === 'paused';
  if (end === 'given' || end === 'still-runs' || end === 'waiting') return runs;
  return end === 'no-card' || !runs;
}

/** Why it ended so, and what to do next, where there is more to say than the end itself. */
export function reasonOf(session: Session, end: Outcome, status: HandStatus | null): { readonly why: string | null; readonly next: string | null } {
  const why = status?.why ?? null;
  if (why === null) return { why: null, next: null };
  const kind = end === 'refused' ? 'refused' : 'trouble';
  const key = `hand-off.${kind}-${why}`;
  const next = `hand-off.next-${why}`;
  return { why: session.has(key) ? session.tell(key) : session.has(`hand-off.refused-${why}`) ? session.tell(`hand-off.refused-${why}`) : null, next: end === 'refused' && session.has(next) ? session.tell(next) : null };
}
