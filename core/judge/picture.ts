// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import type { PciAddress } from '../../contract/pci';
import type { Assessment } from '../../contract/verdict';
import { foldPicture } from './picture-fold';
import type { ArrangedBy, Picture, PictureNode, Standing } from './picture-node';
import { standings } from './picture-standing';
import { growTree } from './picture-tree';

function countStandings(stands: ReadonlyMap<PciAddress, Standing>): Record<Standing, number> {
  const counts: Record<Standing, number> = { chosen: 0, companion: 0, blocks: 0, shares: 0, card: 0, keeps: 0, plain: 0 };
  for (const standing of stands.values()) counts[standing] += 1;
  return counts;
}

function arrangedBy(roots: readonly PictureNode[]): ArrangedBy {
  if (roots.some((it) => it.kind === 'root')) return roots.every((it) => it.kind === 'root') ? 'way' : 'partly';
  if (roots.some((it) => it.kind === 'group' || it.kind === 'alone')) return 'group';
  return roots.some((it) => it.kind === 'bus') ? 'bus' : 'way';
}

/** The picture of the machine: who hangs on which root, bridge and slot, who shares a group, and what the choice means for each. */
export function pictureOf(facts: HostFacts, assessment: Assessment, chosen: PciAddress | null): Picture {
  const stands = standings(facts, assessment, chosen);
  const roots = growTree(facts, assessment, stands);
  const groups = new Set(facts.pci.functions.map((it) => it.iommuGroup).filter((id) => id !== null));
  return {
    roots: foldPicture(roots),
    arrangedBy: arrangedBy(roots),
    functions: facts.pci.functions.length,
    groups: groups.size,
    groupsKnown: groups.size > 0,
    counts: countStandings(stands),
  };
}
