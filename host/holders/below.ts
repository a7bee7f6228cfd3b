// SPDX-License-Identifier: GPL-3.0-or-later
import type { CardHolder } from '../../contract/hand-off';
import type { PciAddress } from '../../contract/pci';
import { readName } from '../../core/read/sysfs/clean';
import { line, listed } from '../fact';
import type { Machine } from '../machine';

const isBelow = (machine: Machine, place: string, address: PciAddress): boolean => {
  const real = machine.real(place);
  return real.at === 'is' && real.value.split('/').includes(address);
};

/** File systems, swap and whatever else stands on a disk below this controller: unbinding it would lose them. */
export function belowDisk(machine: Machine, address: PciAddress): readonly CardHolder[] {
  const disks = (listed(machine, '/sys/block') ?? []).filter((name) => isBelow(machine, `/sys/block/${name}`, address));
  if (disks.length === 0) return [];
  const numbers = new Map(disks.flatMap((disk) => numbersOf(machine, disk)));
  const mounts = (line(machine, '/proc/self/mountinfo') ?? '').split('\n').flatMap((text): CardHolder[] => {
    const [, number = '', path = ''] = /^\d+ \d+ (\d+:\d+) \S+ (\S+) /.exec(text) ?? [];
    return numbers.has(number) ? [holder(address, 'mount', path, `/proc/self/mountinfo: ${numbers.get(number) ?? ''}`)] : [];
  });
  const swaps = (line(machine, '/proc/swaps') ?? '').split('\n').flatMap((text): CardHolder[] => {
    const [, name = ''] = /^\/dev\/(\S+)\s/.exec(text) ?? [];
    return [...numbers.values()].includes(name) ? [holder(address, 'swap', `/dev/${name}`, '/proc/swaps')] : [];
  });
  // What stands on a partition without being mounted itself: LVM, RAID, encryption.
  const stacked = [...numbers.values()].flatMap((name) => (listed(machine, `/sys/class/block/${name}/holders`) ?? []).map((above) => holder(address, 'mount', `/dev/${above}`, `/sys/class/block/${name}/holders`)));
  return [...mounts, ...swaps, ...stacked].slice(0, 16);
}

function numbersOf(machine: Machine, disk: string): readonly (readonly [string, string])[] {
  const names = [disk, ...(listed(machine, `/sys/block/${disk}`) ?? []).filter((name) => name.startsWith(disk))];
  return names.flatMap((name) => {
    const number = line(machine, `/sys/class/block/${name}/dev`);
    return number === null ? [] : [[number, name] as const];
  });
}

/** Keyboards and mice below this controller: they would be gone from the host at once. */
export function belowUsb(machine: Machine, address: PciAddress): readonly CardHolder[] {
  const folder = '/sys/bus/usb/devices';
  const names = listed(machine, folder) ?? [];
  const inputs = names.filter((name) => name.includes(':') && line(machine, `${folder}/${name}/bInterfaceClass`) === '03' && isBelow(machine, `${folder}/${name}`, address));
  const devices = [...new Set(inputs.map((name) => name.slice(0, name.indexOf(':'))))];
  return devices.slice(0, 16).map((device) => holder(address, 'input', readName(line(machine, `${folder}/${device}/product`) ?? device, 64), `${folder}/${device}`));
}

const holder = (device: PciAddress, kind: CardHolder['kind'], name: string, evidence: string): CardHolder => ({ device, kind, pid: null, name: readName(name, 64), uid: null, unit: null, evidence: [readName(evidence, 160)] });
