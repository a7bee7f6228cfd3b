// SPDX-License-Identifier: GPL-3.0-or-later
import { handLimits, type ManagedCard } from '../../contract/hand-off';
import { ok, type Result } from '../../contract/problem';
import { concerned, readDomain, type Domain } from '../../core/hand-off/gate';
import { readManaged } from '../../core/hand-off/table';
import { pathOf } from '../../core/step/places';
import { give, type Ended } from '../hand-off/give';
import { openHandJournal, type HandJournal } from '../hand-off/journal';
import { take } from '../hand-off/take';
import type { Desk } from '../desk';
import { locked } from '../locked';

/** The four words of libvirt's hook: object, operation, sub-operation, extra. */
export type HookWords = readonly string[];

/** Null: none of our business, or nothing was to do. A problem: nothing was changed, and why. */
export type HookEnd = Result<Ended | null>;

/**
 * One call of libvirt's hook. It never calls libvirt, gates on addresses and never on names, and says no rather than force.
 * *prepare*: the cards go to vfio-pci before libvirt looks. *release*: they come home, if this VM has them; it also comes
 * after a prepare that we refused, and then another VM may have them.
 */
export async function hook(desk: Desk, words: HookWords, call: { readonly xml: string; readonly began: number }): Promise<HookEnd> {
  const way = wayOf(words);
  if (way === null) return ok(null);
  const domain = readDomain(call.xml);
  if (!domain.ok) return domain;
  const cards = managedCards(desk);
  if (!cards.ok) return cards;
  const mine = concerned(cards.value, domain.value);
  // What is written down of this VM comes back even when the table no longer has it.
  if (way === 'give' && mine.length === 0) return ok(null);
  return patiently(desk, () => withJournal(desk, domain.value, (journal) => {
    const asked = { vm: domain.value.uuid, cards: mine, apart: domain.value.apart, via: 'hook', began: call.began } as const;
    return way === 'give' ? give(desk.hands, journal, asked) : take(desk.hands, journal, asked);
  }));
}

const wayOf = ([, operation, part]: HookWords): 'give' | 'take' | null =>
  operation === 'prepare' && part === 'begin' ? 'give' : operation === 'release' && part === 'end' ? 'take' : null;

/** The table as root's own file; absent: we manage nothing. */
export function managedCards({ hands }: Pick<Desk, 'hands'>): Result<readonly ManagedCard[]> {
  const taken = hands.take(pathOf('hook-table', ''), handLimits.table);
  if (!taken.ok) return taken;
  return taken.value === null ? ok([]) : readManaged(new TextDecoder().decode(taken.value.bytes));
}

async function withJournal(desk: Desk, { uuid }: Pick<Domain, 'uuid'>, work: (journal: HandJournal) => Promise<HookEnd>): Promise<HookEnd> {
  const journal = openHandJournal(desk.hands, uuid);
  if (!journal.ok) return journal;
  try {
    return await work(journal.value);
  } finally {
    journal.value.close();
  }
}

/** Several VMs may start at once, and each needs a moment: the lock is waited for, but not for ever. */
const patience = { limit: 30_000, every: 250 };

async function patiently(desk: Desk, work: () => Promise<HookEnd>): Promise<HookEnd> {
  for (let waited = 0; ; waited += patience.every) {
    const ended = await locked(desk, 'hook', work);
    if (ended.ok || ended.problem.code !== 'busy' || waited >= patience.limit) return ended;
    await desk.hands.pause(patience.every);
  }
}

/** What makes a start impossible: everything but a card that was given, and nothing to do. */
export const aborts = (ended: HookEnd): boolean => (ended.ok ? ended.value !== null && ended.value.end !== 'given' && ended.value.end !== 'home' : true);
