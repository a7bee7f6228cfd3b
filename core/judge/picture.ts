// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import type { PciAddress } from '../../contract/pci';
import type { Assessment } from '../../contract/verdict';
import { foldPicture } from './picture-fold';
import type { Picture, Standing } from './picture-node';
import { standings } from './picture-standing';
import { growTree } from './picture-tree';

function countStandings(stands: ReadonlyMap<PciAddress, Standing>): Record<Standing, number> {
  const counts: Record<Standing, number> = { chosen: 0, companion: 0, blocks: 0, shares: 0, card: 0, keeps: 0, plain: 0 };
  for (const standing of stands.values()) counts[standing] += 1;
  return counts;
}

/** The picture of the machine: who hangs on which root, bridge and slot, who shares a group, and what the choice means for each. */
export function pictureOf(facts: HostFacts, assessment: Assessment, chosen: PciAddress | null): Picture {
  const stands = standings(facts, assessment, chosen);
  const groups = new Set(facts.pci.functions.map((it) => it.iommuGroup).filter((id) => id !== null));
  return {
    roots: foldPicture(growTree(facts, assessment, stands)),
    functions: facts.pci.functions.length,
    groups: groups.size,
    groupsKnown: groups.size > 0,
    counts: countStandings(stands),
  };
}
