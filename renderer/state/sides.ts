// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciAddress } from '../../contract/pci';
import type { Card } from '../../contract/verdict';
import { sortOf, type Sort } from '../../core/judge/picture-node';
import { withoutMaker } from './picture-words';
import type { Session } from './session.svelte';
import type { Looked } from './wizard.svelte';

export interface SideItem {
  readonly sort: Sort;
  readonly name: string;
  readonly count: number;
}
export interface BothSides {
  readonly gives: readonly SideItem[];
  readonly stays: readonly SideItem[];
  readonly group: number | null;
  readonly together: number;
}

/** A card's name without its maker, for a button. */
export const shortName = (name: string): string => name.replace(/^(?:NVIDIA|AMD|Intel)\s+/, '');

const order: readonly Sort[] = ['display', 'network', 'storage', 'usb', 'sound'];

/** What goes to the VM and what stays with this computer, side by side (rule 8). */
export function sides(session: Session, looked: Looked, card: Card): BothSides {
  const given = new Set<PciAddress>([card.gpu, ...card.companions]);
  const functions = looked.facts.pci.functions;
  const cards = new Map(looked.assessment.cards.map((it) => [it.gpu, it.name]));
  const gives = functions
    .filter((it) => given.has(it.address))
    .map((it) => ({ sort: sortOf(it), name: it.address === card.gpu ? card.name : withoutMaker(it.name) || session.t(`window.sort.${sortOf(it)}`), count: 1 }));
  const rest = functions.filter((it) => !given.has(it.address) && order.includes(sortOf(it)));
  const stays = order.flatMap((sort): SideItem[] => {
    const here = rest.filter((it) => sortOf(it) === sort);
    const named = here.flatMap((it) => cards.get(it.address) ?? []);
    if (sort === 'display') return named.map((name) => ({ sort, name, count: 1 }));
    return here.length === 0 ? [] : [{ sort, name: here.length === 1 ? withoutMaker(here[0]?.name ?? null) : '', count: here.length }];
  });
  const group = functions.find((it) => it.address === card.gpu)?.iommuGroup ?? null;
  return { gives, stays, group, together: functions.filter((it) => group !== null && it.iommuGroup === group && sortOf(it) !== 'bridge').length };
}
