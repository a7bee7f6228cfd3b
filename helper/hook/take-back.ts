// SPDX-License-Identifier: GPL-3.0-or-later
import type { ManagedCard } from '../../contract/hand-off';
import { failed, ok, type Result } from '../../contract/problem';
import type { Outcome } from '../../contract/progress';
import type { HandStory } from '../../core/hand-off/story';
import type { Desk } from '../desk';
import { attempt } from '../hand-off/act';
import { openHandJournal, othersStand, readStories } from '../hand-off/journal';
import { take } from '../hand-off/take';
import { locked } from '../locked';
import { managedCards } from './hook';

const nothing: Outcome = { transaction: null, state: null, restart: false, regenerate: [] };

/**
 * Takes back every card whose VM is gone: for the timer, when libvirtd died before it could say so, and for a person.
 * A VM that still runs keeps what it has, and a person is told so. Each gets its turn; fails with what did not come home.
 */
export function takeBack(desk: Desk, began: number): Promise<Result<Outcome>> {
  return locked(desk, 'take-back', async () => {
    const stories = readStories(desk.hands);
    if (!stories.ok) return stories;
    const cards = managedCards(desk);
    let worst: Result<Outcome> = ok(nothing);
    for (const standing of stories.value) {
      const ended = await takeOne(desk, standing, { began, cards: cards.ok ? cards.value : [] });
      if (!ended.ok) worst = ended;
    }
    // Nothing is out any more, whoever left the timer behind.
    if (worst.ok && !othersStand(desk.hands, '')) await attempt(desk.hands, { act: 'timer', on: false });
    return worst;
  });
}

interface Standing {
  readonly vm: string;
  readonly story: HandStory | null;
}

async function takeOne(desk: Desk, { vm, story }: Standing, { began, cards }: { readonly began: number; readonly cards: readonly ManagedCard[] }): Promise<Result<Outcome>> {
  if (story !== null && story.devices.length === 0) return ok(nothing);
  const journal = openHandJournal(desk.hands, vm);
  if (!journal.ok) return journal;
  const via = desk.origin.via === 'systemd' ? 'timer' : 'person';
  const mine = cards.filter((card) => card.functions.some((one) => story?.devices.includes(one.address)));
  const ended = await take(desk.hands, journal.value, { vm, cards: mine, via, began, givenAt: story?.last?.last });
  journal.value.close();
  if (!ended.ok || ended.value === null || ended.value.end === 'home') return ended.ok ? ok(nothing) : ended;
  if (ended.value.end === 'waiting') return via === 'timer' ? ok(nothing) : failed('refused', { why: 'vm-runs', vm });
  return failed('step-failed', { why: ended.value.why ?? ended.value.end, ...ended.value.detail });
}
