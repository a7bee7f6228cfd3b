// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import { isKnown, isNumbered, type Sheet } from './sheet';

/** What a paste can lack, and the command whose output would say it. */
export const wanted = {
  functions: 'lspci -nnk',
  ids: 'lspci -nnk',
  drivers: 'lspci -nnk',
  groups: 'find /sys/kernel/iommu_groups -type l',
  'groups-contradict': 'find /sys/kernel/iommu_groups -type l',
  'boot-display': 'grep . /sys/bus/pci/devices/*/boot_vga',
  'kernel-arguments': 'cat /proc/cmdline',
  'kernel-log': 'sudo dmesg',
  chassis: 'hostnamectl',
  distribution: 'cat /etc/os-release',
} as const;
export type Wanted = keyof typeof wanted;

/** Names what the paste was silent about, the most telling first. */
export function missingFrom(sheet: Sheet): HostFacts['missing'] {
  const { facts } = sheet;
  const functions = [...sheet.functions.values()];
  const displays = functions.filter((notes) => isNumbered(notes) && /^03(?:00|02|80)$/.test(notes.facts.class));
  const lacks: Readonly<Record<Wanted, boolean>> = {
    functions: !facts.pci.complete,
    ids: !functions.every(isNumbered),
    drivers: displays.some((notes) => !notes.known.has('driver')),
    groups: !facts.iommu.groupsComplete,
    'groups-contradict': functions.some((notes) => notes.groups.size > 1),
    'boot-display': displays.length > 1 && !isKnown(facts.display.bootDisplay),
    'kernel-arguments': !isKnown(facts.kernel.args),
    'kernel-log': !isKnown(facts.kernel.log),
    chassis: !isKnown(facts.machine.chassis),
    distribution: !isKnown(facts.system.distribution),
  };
  const names: readonly Wanted[] = [
    'functions',
    'ids',
    'groups',
    'groups-contradict',
    'drivers',
    'boot-display',
    'kernel-arguments',
    'kernel-log',
    'chassis',
    'distribution',
  ];
  return names.filter((what) => lacks[what]).map((what) => ({ what, command: wanted[what] }));
}
