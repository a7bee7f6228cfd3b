// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts, IommuGroup } from '../contract/facts';
import { hasArg } from '../core/read/kernel-args';
import { isPciAddress } from '../core/read/address';
import { readSwitch } from '../core/read/sysfs/numbers';
import { readInterruptRemapping } from '../core/read/sysfs/interrupts';
import { readReserved } from '../core/read/sysfs/reserved-regions';
import { fromText, known, line, unknown, type Read } from './fact';
import type { Machine } from './machine';

type Iommu = HostFacts['iommu'];
const groupFolder = '/sys/kernel/iommu_groups';
const tableFolder = '/sys/firmware/acpi/tables';

/** IOMMU units, groups, firmware's table, and what weakens them. */
export function lookAtIommu(machine: Machine, kernel: HostFacts['kernel']): Iommu {
  const { groups, complete } = lookAtGroups(machine);
  return {
    units: lookAtUnits(machine),
    groups,
    groupsComplete: complete,
    interruptRemapping: fromText(machine, '/proc/interrupts', readInterruptRemapping),
    unsafeInterrupts: lookAtUnsafeInterrupts(machine),
    table: lookAtTable(machine),
    acsOverride: lookAtOverride(kernel),
  };
}

function lookAtUnits(machine: Machine): Iommu['units'] {
  const place = '/sys/class/iommu';
  const look = machine.names(place);
  if (look.at === 'is')
    return known(
      [...look.value]
        .filter((name) => name.length <= 64)
        .sort()
        .slice(0, 256),
      place,
    );
  // A kernel that never registered an IOMMU has no such class; a missing /sys says nothing.
  return look.at === 'absent' && machine.names('/sys/class').at === 'is' ? known([], place) : unknown(place);
}

function lookAtGroups(machine: Machine): { readonly groups: Read<IommuGroup[]>; readonly complete: boolean } {
  const look = machine.names(groupFolder);
  if (look.at !== 'is') {
    const none = look.at === 'absent' && machine.names('/sys/kernel').at === 'is';
    return { groups: none ? known([], groupFolder) : unknown(groupFolder), complete: none };
  }
  const ids = look.value.filter((name) => /^\d{1,6}$/.test(name)).map(Number);
  const groups: IommuGroup[] = [];
  let complete = true;
  for (const id of ids.sort((a, b) => a - b).slice(0, 8192)) {
    const members = machine.names(`${groupFolder}/${id}/devices`);
    if (members.at === 'unreadable') complete = false;
    if (members.at !== 'is') continue;
    groups.push({
      id,
      members: members.value.filter(isPciAddress).sort().slice(0, 4096),
      type: line(machine, `${groupFolder}/${id}/type`)?.slice(0, 16) ?? null,
      reserved: readReserved(line(machine, `${groupFolder}/${id}/reserved_regions`) ?? ''),
    });
  }
  return { groups: known(groups, groupFolder), complete };
}

function lookAtUnsafeInterrupts(machine: Machine): Iommu['unsafeInterrupts'] {
  return fromText(machine, '/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts', readSwitch);
}

/** The folder lists to everyone although the tables themselves are root's. */
function lookAtTable(machine: Machine): Iommu['table'] {
  const look = machine.names(tableFolder);
  if (look.at !== 'is') return unknown(tableFolder);
  for (const table of ['DMAR', 'IVRS', 'VIOT', 'IORT'] as const) {
    if (look.value.includes(table)) return known(table, `${tableFolder}/${table}`);
  }
  return known('none', tableFolder);
}

/** The override needs a patched kernel; the argument alone, on a stock one, does nothing. Source: host.md 3.4. */
function lookAtOverride(kernel: HostFacts['kernel']): Iommu['acsOverride'] {
  if (kernel.log.value?.some((entry) => entry.includes('ACS overrides enabled')) === true)
    return known(true, kernel.log.from ?? 'dmesg');
  if (kernel.args.value === null) return unknown('/proc/cmdline');
  return hasArg(kernel.args.value, 'pcie_acs_override') ? unknown('/proc/cmdline') : known(false, '/proc/cmdline');
}
