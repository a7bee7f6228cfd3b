// SPDX-License-Identifier: GPL-3.0-or-later
import type { Finding, Weight } from '../../../contract/finding';
import type { Judgement } from '../verdict';
import { checkArguments } from './arguments';
import { checkProcessor } from './cpu';
import { checkFirmware } from './firmware';
import { checkIommu } from './iommu';
import { checkPlace, checkSystem } from './system';

const urgency: readonly Weight[] = ['stop', 'warn', 'note', 'good'];

/** Every check of the machine, most urgent first; within a weight in the order a person would set things right. */
export function checkReadiness(judgement: Judgement): Finding[] {
  const { machine, guest } = judgement;
  const { facts } = machine;
  // A guest's firmware and IOMMU are its host's business; there is nothing to do about them here.
  const own = guest ? [] : [...checkIommu(judgement), ...checkFirmware(machine), ...checkArguments(machine)];
  const all = [...checkPlace(facts), ...checkProcessor(facts), ...own, ...checkSystem(facts)];
  return urgency.flatMap((weight) => all.filter((finding) => finding.weight === weight));
}
