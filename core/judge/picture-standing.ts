// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import type { PciAddress, PciFunction } from '../../contract/pci';
import type { Assessment } from '../../contract/verdict';
import { sortOf, type Sort, type Standing } from './picture-node';

const useful = new Set<Sort>(['display', 'sound', 'network', 'storage', 'usb']);

/** How each function stands to the chosen card, or to the recommended one when none is chosen. */
export function standings(facts: HostFacts, assessment: Assessment, chosen: PciAddress | null): ReadonlyMap<PciAddress, Standing> {
  const card = assessment.cards.find((it) => it.gpu === chosen);
  // With nothing chosen only what blocks the recommended card counts; a card that can go needs no alarm about another.
  const { target } = assessment.recommendation;
  const judged = card === undefined ? assessment.cards.filter((it) => target === null || it.gpu === target) : [card];
  const blockers = new Set(judged.flatMap((it) => it.blockers));
  const shares = new Set(card?.sharesWith ?? []);
  const companions = new Set(card?.companions ?? []);
  const own = new Set(assessment.verdict.passthrough.flatMap((it) => [it.gpu, ...it.own_functions]));
  const stand = (it: PciFunction): Standing => {
    if (it.address === card?.gpu) return 'chosen';
    if (blockers.has(it.address)) return 'blocks';
    if (companions.has(it.address)) return 'companion';
    if (shares.has(it.address)) return 'shares';
    if (card === undefined) return own.has(it.address) ? 'card' : 'plain';
    return useful.has(sortOf(it)) ? 'keeps' : 'plain';
  };
  return new Map(facts.pci.functions.map((it) => [it.address, stand(it)]));
}
