// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciAddress } from '../../contract/pci';
import type { Assessment, Card, WayKind } from '../../contract/verdict';

/** Safe to choose for somebody: nothing on a screen, nothing shared, a plain yes, and nothing to be careful about. */
function isSafe(card: Card, assessment: Assessment): boolean {
  const answer = assessment.verdict.passthrough.find((it) => it.gpu === card.gpu)?.verdict;
  const calm = card.findings.every((finding) => finding.weight === 'good' || finding.weight === 'note');
  return card.role === 'idle' && answer === 'yes' && calm && card.blockers.length === 0 && card.sharesWith.length === 0 && offeredWays(card, ['yes']).length > 0;
}

/** The ways this version can set up by itself; the others are told, not offered. */
export const isOffered = (kind: WayKind): boolean => kind === 'dedicated' || kind === 'on-demand' || kind === 'single-card';

type Possible = Card['ways'][number]['possible'];
const offeredWays = (card: Card, possible: readonly Possible[]): readonly WayKind[] => card.ways.filter((way) => possible.includes(way.possible) && isOffered(way.kind)).map((way) => way.kind);

/** The way that stands chosen when a card is: the one that was recommended, else the first that is possible; null: none is. */
export function firstWay(card: Card, assessment: Assessment, possible: readonly Possible[]): WayKind | null {
  const ways = offeredWays(card, possible);
  const wanted = assessment.recommendation.target === card.gpu ? assessment.recommendation.way : null;
  return ways.find((way) => way === wanted) ?? ways[0] ?? null;
}

/** The card and way that may be chosen for the person: only when exactly one card is safe (rule 5). */
export function safeChoice(assessment: Assessment): { readonly gpu: PciAddress; readonly way: WayKind | null } | null {
  const safe = assessment.cards.filter((card) => isSafe(card, assessment));
  const only = safe.length === 1 ? safe[0] : undefined;
  const screenStays = assessment.cards.some((card) => card !== only && (card.role === 'boot-display' || card.role === 'lit-screen'));
  return only === undefined || !screenStays ? null : { gpu: only.gpu, way: firstWay(only, assessment, ['yes']) };
}
