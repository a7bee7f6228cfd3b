// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciAddress } from '../../contract/pci';
import type { Assessment, Card, WayKind } from '../../contract/verdict';

/** Safe to choose for somebody: nothing on a screen, nothing shared, a plain yes, and nothing to be careful about. */
function isSafe(card: Card, assessment: Assessment): boolean {
  const answer = assessment.verdict.passthrough.find((it) => it.gpu === card.gpu)?.verdict;
  const calm = card.findings.every((finding) => finding.weight === 'good' || finding.weight === 'note');
  return card.role === 'idle' && answer === 'yes' && calm && card.blockers.length === 0 && card.sharesWith.length === 0 && onlyWay(card, ['yes']) !== null;
}

/** The ways this version can set up by itself; the others are told, not offered. */
export const isOffered = (kind: WayKind): boolean => kind === 'dedicated';

/** The one offered way that is possible, or null when there is a choice to make. */
export function onlyWay(card: Card, possible: readonly Card['ways'][number]['possible'][]): WayKind | null {
  const ways = card.ways.filter((way) => possible.includes(way.possible) && isOffered(way.kind));
  return ways.length === 1 ? (ways[0]?.kind ?? null) : null;
}

/** The card and way that may be chosen for the person: only when exactly one choice is safe (rule 5). */
export function safeChoice(assessment: Assessment): { readonly gpu: PciAddress; readonly way: WayKind | null } | null {
  const safe = assessment.cards.filter((card) => isSafe(card, assessment));
  const only = safe.length === 1 ? safe[0] : undefined;
  const screenStays = assessment.cards.some((card) => card !== only && (card.role === 'boot-display' || card.role === 'lit-screen'));
  return only === undefined || !screenStays ? null : { gpu: only.gpu, way: onlyWay(only, ['yes']) };
}
