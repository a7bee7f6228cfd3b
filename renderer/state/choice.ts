// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciAddress } from '../../contract/pci';
import type { Assessment, Card, WayKind } from '../../contract/verdict';

/** Safe to choose for somebody: nothing on a screen, nothing shared, no doubt about the way. */
function isSafe(card: Card): boolean {
  return card.role === 'idle' && card.blockers.length === 0 && card.sharesWith.length === 0 && card.ways.some((way) => way.possible === 'yes');
}

/** The card and way that may be chosen for the person: only when exactly one choice is safe (rule 5). */
export function safeChoice(assessment: Assessment): { readonly gpu: PciAddress; readonly way: WayKind | null } | null {
  const safe = assessment.cards.filter(isSafe);
  const only = safe.length === 1 ? safe[0] : undefined;
  if (only === undefined) return null;
  const ways = only.ways.filter((way) => way.possible === 'yes');
  return { gpu: only.gpu, way: ways.length === 1 ? (ways[0]?.kind ?? null) : null };
}
