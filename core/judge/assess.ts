// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import type { Assessment } from '../../contract/verdict';
import { describeCards } from './cards';
import { checkReadiness } from './readiness/checks';
import { showGroups } from './readiness/iommu';
import { recommendOne } from './recommendation';
import { judge, type Judgement } from './verdict';

/** Everything there is to say about one machine: the verdict, the checks, the cards and the one thing to do next. Pure. */
export function assess(facts: HostFacts): Assessment {
  const judgement = judge(facts);
  const readiness = checkReadiness(judgement);
  const cards = describeCards(judgement);
  return { schema: 1, verdict: judgement.verdict, readiness, cards, recommendation: recommendOne(judgement, cards, readiness), missing: whatIsMissing(judgement) };
}

/** What the source itself named, and what a machine file cannot name: the questions whose answers would change the verdict. */
function whatIsMissing({ machine, iommu, verdict }: Judgement): Assessment['missing'] {
  const { facts } = machine;
  if (facts.source !== 'machine-file') return facts.missing;
  const open: { what: string; command: string }[] = [];
  if (!facts.pci.complete) open.push({ what: 'functions', command: 'lspci -nnk' });
  if (iommu.on === null || verdict.passthrough.some((card) => card.iommu_group === null && iommu.on === true)) open.push({ what: 'groups', command: showGroups });
  if (verdict.boot_gpu.address === null && verdict.gpus.length > 1) open.push({ what: 'boot-display', command: 'grep . /sys/bus/pci/devices/*/boot_vga' });
  return open;
}
