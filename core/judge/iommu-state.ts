// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import type { PciFunction } from '../../contract/pci';
import type { Reason } from '../../contract/verdict';
import { lacksRemapping } from './families/boards';
import { isReserved } from './pci-kind';
import { because, sightOf, witness } from './reason';

export interface IommuState {
  readonly on: boolean | null;
  readonly reason: Reason;
  /** True when this machine has nothing that could be switched on. */
  readonly noHardware: boolean;
}

/**
 * Is DMA remapping working? The decision table of host.md 1.2.1, in its order. Groups are the only sufficient proof of their own;
 * a vfio-pci binding needs one. "DMAR: IOMMU enabled", domain-type and interrupt-remapping lines prove nothing and are not read.
 */
export function iommuState(facts: HostFacts, functions: readonly PciFunction[]): IommuState {
  const { on, reason } = weigh(facts, functions);
  return { on, reason, noHardware: (on === false && hasNoHardware(facts)) || (on !== true && functions.some(lacksRemapping)) };
}

function weigh(facts: HostFacts, functions: readonly PciFunction[]): Pick<IommuState, 'on' | 'reason'> {
  const { groups, units, table } = facts.iommu;
  const grouped = functions.find((fn) => fn.iommuGroup !== null);
  if (grouped !== undefined) return { on: true, reason: because('iommu-on-groups', {}, [sightOf(grouped)]) };
  if ((groups.value ?? []).some((group) => group.members.length > 0)) return { on: true, reason: because('iommu-on-groups', {}, witness(groups, (list) => `${String(list.length)} groups`)) };
  const reserved = functions.find(isReserved);
  if (reserved !== undefined) return { on: true, reason: because('iommu-on-vfio', {}, [sightOf(reserved)]) };
  const refused = refusingArgument(facts);
  if (groups.value === null && units.value !== null && units.value.length > 0) return { on: true, reason: because('iommu-on-units', {}, witness(units, (list) => list.join(' '))) };
  if (refused !== null) return { on: false, reason: because('iommu-off-arguments', { argument: refused }, witness(facts.kernel.args, () => refused)) };
  if (groups.value === null && table.value !== 'none') return { on: null, reason: because('iommu-unknown') };
  const looked = witness(groups, () => 'no group');
  if (table.value === 'none') return { on: false, reason: because('iommu-off-firmware', {}, [...looked, ...witness(table)]) };
  if (table.value !== null) return { on: false, reason: because('iommu-off-kernel', { table: table.value }, [...looked, ...witness(table)]) };
  return { on: false, reason: because('iommu-off-no-groups', {}, looked) };
}

/** An argument that keeps the kernel from using the IOMMU; the last word of its kind wins (host.md 1.9). */
function refusingArgument(facts: HostFacts): string | null {
  const words = facts.kernel.args.value ?? [];
  for (const name of ['iommu', 'intel_iommu', 'amd_iommu']) {
    const word = words.filter((arg) => arg.startsWith(`${name}=`)).at(-1);
    if (word?.slice(name.length + 1).split(',').includes('off') === true) return word;
  }
  return null;
}

/** Processors that never sat on a board with DMA remapping (before VT-d and AMD-Vi), by the name they give themselves. */
const beforeRemapping = /\b(pentium (4|d|iii|ii|m|pro)\b|xeon mp\b|xeon\(tm\)|xeon(\(r\))? (cpu )?[\d.]+ ?ghz|core duo|athlon (xp|mp|64)|sempron|turion|duron|k6|k7|geode|opteron(\(tm\))?( processor)? [128]\d\d\b|atom(\(tm\))?( cpu)? [ndz]\d)/i;

/** Nothing to switch on: the CPU is older than the idea, or it is an ARM board whose PCIe has no SMMU (no firmware switch exists there). */
function hasNoHardware(facts: HostFacts): boolean {
  const { architecture, model } = facts.cpu;
  if (facts.iommu.table.value !== null && facts.iommu.table.value !== 'none') return false;
  if (facts.machine.chassis.value === 'sbc' && facts.cpu.vendor.value !== 'intel' && facts.cpu.vendor.value !== 'amd') return true;
  if (architecture.value !== null && !/^(x86_64|amd64|i[3-6]86|x86)$/i.test(architecture.value)) return true;
  return model.value !== null && beforeRemapping.test(model.value);
}
