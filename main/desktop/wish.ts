// SPDX-License-Identifier: GPL-3.0-or-later
import type { Offer } from './offers';

/** What is wanted from outside the window. *either*: whichever of both is possible, as one key does. */
export type Wish = 'over' | 'back' | 'either';

/** What is done about it. *show* brings the window to the front, at the page of a VM where there is one. */
export type Deed = { readonly do: 'over' | 'back'; readonly vm: string } | { readonly do: 'show'; readonly vm: string | null } | { readonly do: 'nothing' };

/** The words that a start of the program may carry; everything else in its words is passed over. */
export const startWords = { '--hand-off': 'over', '--take-back': 'back' } as const;

/** Words of a start that are looked at: what is longer is no desktop's entry. */
const mostWords = 64;

/**
 * What a start of the program asks for: exactly one of the two words, once. Whoever runs as this person can start it with anything, and Chromium
 * puts its own words in between; a word with something behind it, both words, or one of them twice is nothing we know.
 */
export function wishOf(words: unknown): 'over' | 'back' | null {
  if (!Array.isArray(words) || words.length > mostWords) return null;
  const asked = words.flatMap((word: unknown) => (word === '--hand-off' || word === '--take-back' ? [startWords[word]] : []));
  return asked.length === 1 ? (asked[0] ?? null) : null;
}

/** What a wish comes to. Without a VM it is about the only one there is; where a person must choose or answer, the window is shown instead. */
export function deedOf(offers: readonly Offer[], wish: Wish, vm: string | null = null): Deed {
  const offer = vm === null ? onlyOne(offers, wish) : offers.find(({ uuid }) => uuid === vm);
  if (offer === undefined) return { do: 'show', vm: null };
  const { press, uuid } = offer;
  if ((press === 'over' || press === 'back') && (wish === press || wish === 'either')) return { do: press, vm: uuid };
  // A key that is pressed again while a card is on its way must not throw a window before whoever is playing.
  return press === 'wait' && wish === 'either' ? { do: 'nothing' } : { do: 'show', vm: uuid };
}

/** Of several VMs the one that runs can be meant by *back*; which one shall have the card is for the person to say. */
function onlyOne(offers: readonly Offer[], wish: Wish): Offer | undefined {
  const meant = offers.length > 1 && wish === 'back' ? offers.filter(({ press }) => press === 'back') : offers;
  return meant.length === 1 ? meant[0] : undefined;
}
