// SPDX-License-Identifier: GPL-3.0-or-later
import type { KnownDomain } from '../../contract/vm-domain';
import type { VmAct, VmEntry, VmState } from '../../contract/vm-life';
import type { IconName } from '../parts/icons';
import { shortName } from '../state/sides';
import type { Session } from '../state/session.svelte';
import type { Looked } from '../state/wizard.svelte';
import { sizeWords } from './vm-words';

export const stateIcons: Readonly<Record<VmState, IconName>> = { running: 'play', paused: 'pause', off: 'off', stopping: 'again', crashed: 'warn', asleep: 'pause', unknown: 'note' };

export const nameOf = (entry: VmEntry): string => entry.known?.name ?? entry.uuid;

/** Functions of this computer as people call them: a card by its name, its sound and the like only where they go alone. */
export function givenNames(known: KnownDomain, looked: Looked | null): readonly string[] {
  const given = known.functions.map((it) => it.address);
  const cards = looked?.assessment.cards.filter((card) => given.includes(card.gpu)) ?? [];
  const with_ = new Set(cards.flatMap((card) => [card.gpu, ...card.companions]));
  const rest = given.filter((address) => !with_.has(address)).map((address) => looked?.facts.pci.functions.find((it) => it.address === address)?.name ?? address);
  return [...cards.map((card) => shortName(card.name)), ...rest];
}

/** A VM in one line: its size, and what of this computer it gets. */
export function about(session: Session, known: KnownDomain, looked: Looked | null): string {
  const parts = [session.t('window.vm.vcpus', { count: known.vcpus }), sizeWords(session, known.memoryMiB), ...givenNames(known, looked)];
  return parts.join(session.language === 'zh' ? '，' : ', ');
}

/** The acts a state allows, the first of them the one most wanted. */
export function actsFor(state: VmState): readonly VmAct[] {
  switch (state) {
    case 'running':
      return ['shut-down', 'pause', 'restart', 'force-off'];
    case 'paused':
    case 'asleep':
      return ['resume', 'force-off'];
    case 'stopping':
    case 'crashed':
      return ['force-off'];
    case 'off':
      return ['start'];
    case 'unknown':
      return [];
    default:
      return state satisfies never;
  }
}

export const actIcons: Readonly<Record<VmAct, IconName>> = { start: 'play', 'shut-down': 'off', 'force-off': 'stop', pause: 'pause', resume: 'play', restart: 'restart' };
