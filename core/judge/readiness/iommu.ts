// SPDX-License-Identifier: GPL-3.0-or-later
import type { Finding } from '../../../contract/finding';
import type { HostFacts } from '../../../contract/facts';
import { remapsInterruptsWrongly } from '../families/boards';
import { find, todo } from '../finding';
import { firmwareMenu, firmwareRestart } from '../firmware-menus';
import type { Judgement } from '../verdict';
import { sightOf, witness } from '../reason';

/** The IOMMU, its groups and interrupt remapping (host.md 1.2). */
export function checkIommu(judgement: Judgement): Finding[] {
  const { facts } = judgement.machine;
  return [state(judgement), ...integrated(judgement), ...interrupts(facts), ...brokenChipset(judgement), ...groups(facts)];
}

function state({ iommu, machine }: Judgement): Finding {
  const { facts } = machine;
  const { evidence } = iommu.reason;
  if (iommu.on === true) return find('host', 'good', 'iommu-ready', { evidence });
  if (iommu.on === null) return find('host', 'note', 'iommu-not-told', { confidence: 'unknown', next: todo('next-show-groups', {}, showGroups) });
  if (iommu.noHardware) return find('host', 'stop', 'iommu-no-hardware', { evidence, confidence: 'inferred', next: todo('next-other-machine') });
  const firmware = todo('next-firmware-iommu', firmwareMenu(facts, 'iommu'), firmwareRestart(facts));
  switch (iommu.reason.code) {
    case 'iommu-off-arguments':
      return find('host', 'stop', 'iommu-refused', { detail: iommu.reason.detail, evidence, next: todo('next-remove-argument', iommu.reason.detail) });
    case 'iommu-off-kernel':
      return find('host', 'stop', 'iommu-unused', { detail: iommu.reason.detail, evidence, next: todo('next-let-switchyard-enable-iommu') });
    case 'iommu-off-firmware':
      return find('host', 'stop', 'iommu-firmware-off', { evidence, confidence: 'inferred', next: firmware });
    default:
      return find('host', 'stop', 'iommu-missing-groups', { evidence, confidence: 'inferred', next: todo('next-check-firmware-then-argument', firmwareMenu(facts, 'iommu'), firmwareRestart(facts)) });
  }
}

/** The listing of groups that needs no root and no tool. */
export const showGroups = 'find /sys/kernel/iommu_groups -type l';

/** Groups for all but Intel's graphics: the kernel was built or told to leave it out (host.md 1.2.1, igfx_off). */
function integrated({ machine, iommu }: Judgement): Finding[] {
  const left = machine.gpus.find((gpu) => gpu.kind === 'integrated' && gpu.fn.vendor === '8086' && gpu.fn.iommuGroup === null && !gpu.fn.unknown.includes('iommuGroup'));
  if (left === undefined || iommu.on !== true || machine.groups.size === 0) return [];
  return [find(left.fn.address, 'note', 'iommu-skips-integrated', { evidence: [sightOf(left.fn)], next: todo('next-let-switchyard-enable-iommu') })];
}

function interrupts(facts: HostFacts): Finding[] {
  const { interruptRemapping, unsafeInterrupts } = facts.iommu;
  const found: Finding[] = [];
  if (interruptRemapping.value === true) found.push(find('host', 'good', 'interrupts-safe', { evidence: witness(interruptRemapping) }));
  if (interruptRemapping.value === false && (facts.iommu.groups.value?.length ?? 0) > 0)
    found.push(find('host', 'warn', 'interrupts-not-remapped', { evidence: witness(interruptRemapping), next: todo('next-firmware-interrupts', firmwareMenu(facts, 'iommu'), firmwareRestart(facts)) }));
  if (unsafeInterrupts.value === true) found.push(find('host', 'warn', 'interrupts-risk-allowed', { evidence: witness(unsafeInterrupts), next: todo('next-remove-argument', { argument: 'vfio_iommu_type1.allow_unsafe_interrupts' }) }));
  return found;
}

function brokenChipset({ machine }: Judgement): Finding[] {
  const hub = machine.functions.find(remapsInterruptsWrongly);
  if (hub === undefined || machine.facts.iommu.interruptRemapping.value !== null) return [];
  return [find('host', 'warn', 'interrupts-broken-chipset', { evidence: [sightOf(hub)], confidence: hub.revision === null ? 'inferred' : 'seen', next: todo('next-other-machine') })];
}

function groups(facts: HostFacts): Finding[] {
  const found: Finding[] = [];
  if (facts.iommu.acsOverride.value === true) found.push(find('host', 'warn', 'groups-overridden', { evidence: witness(facts.iommu.acsOverride), next: todo('next-remove-argument', { argument: 'pcie_acs_override' }) }));
  return found;
}
