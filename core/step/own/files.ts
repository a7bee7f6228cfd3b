// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciAddress } from '../../../contract/pci';
import { grantedGroups, type GrantedGroup } from '../../../contract/setting';
import type { ManagedFunction, ModprobeContent, OwnContent } from '../../../contract/steps-now';
import { isPciAddress, slotOf } from '../../read/address';
import { lineFile } from './own-file';

const open = 0o644;
const group = (text: string | undefined): GrantedGroup | null => grantedGroups.find((each) => each === text) ?? null;

/** modprobe.d(5): options for the next load of a module, and what is to be loaded before it. */
export const modprobeFile = lineFile<ModprobeContent>(
  { place: 'modprobe-config', mode: open },
  ({ options, before }) => [
    ...options.map((each) => `options ${each.module} ${each.name}=${each.value}`),
    ...before.map((each) => `softdep ${each.module} pre: ${each.before}`),
  ],
  (lines) => ({
    options: lines.flatMap((text) => {
      const [, module, name, value] = /^options (\S+) ([^=\s]+)=(\S+)$/.exec(text) ?? [];
      return module === undefined || name === undefined || value === undefined ? [] : [{ module, name, value }];
    }),
    before: lines.flatMap((text) => {
      const [, module, before] = /^softdep (\S+) pre: (\S+)$/.exec(text) ?? [];
      return module === undefined || before === undefined ? [] : [{ module, before }];
    }),
  }),
);

/** modules-load.d(5): one module a line, loaded at every start. */
export const modulesFile = lineFile<string[]>(
  { place: 'modules-load', mode: open },
  (modules) => modules,
  (lines) => (lines.length > 0 && lines.every((text) => /^[a-z0-9][a-z0-9_-]{0,47}$/.test(text)) ? [...lines] : null),
);

/** sysctl.d(5); the number of pages of the default size (kernel doc hugetlbpage.rst). */
export const sysctlFile = lineFile<{ hugePages: number }>(
  { place: 'sysctl', mode: open },
  ({ hugePages }) => [`vm.nr_hugepages = ${hugePages}`],
  ([text = '']) => {
    const count = /^vm\.nr_hugepages = ([1-9]\d{0,6})$/.exec(text)?.[1];
    return count === undefined ? null : { hugePages: Number(count) };
  },
);

const kib = (value: number | null, none: string, unit: string): string => (value === null ? none : `${value}${unit}`);
const readKib = (text: string | undefined): number | null => (text === undefined || !/^\d{1,12}$/.test(text) ? null : Number(text));

/** limits.conf(5): memory the members of a group may lock, in KiB. VFIO pins all of a guest's memory (host fact 4.9). */
export const limitsFile = lineFile<{ group: GrantedGroup; memlockKiB: number | null }>(
  { place: 'limits', mode: open },
  (content) => ['soft', 'hard'].map((kind) => `@${content.group} ${kind} memlock ${kib(content.memlockKiB, 'unlimited', '')}`),
  ([text = '']) => {
    const [, name, value] = /^@(\S+) soft memlock (\S+)$/.exec(text) ?? [];
    const of = group(name);
    return of === null ? null : { group: of, memlockKiB: readKib(value) };
  },
);

/** systemd.exec(5), LimitMEMLOCK=: the same for what a person's own service manager starts. */
export const unitFile = lineFile<{ memlockKiB: number | null }>(
  { place: 'unit-drop-in', mode: open },
  ({ memlockKiB }) => ['[Service]', `LimitMEMLOCK=${kib(memlockKiB, 'infinity', 'K')}`],
  ([, text = '']) => ({ memlockKiB: readKib(/^LimitMEMLOCK=(\d+)K$/.exec(text)?.[1]) }),
);

/**
 * udev(7): who may open the group nodes of VFIO (only their owner may unless a rule says so), and the sound functions that
 * PipeWire (ACP_IGNORE, its ALSA monitor) and PulseAudio (PULSE_IGNORE, module-udev-detect) pass over: a control node that
 * one of them keeps open would let an unbind wait for ever (host fact 4.5).
 */
export const udevFile = lineFile<OwnContent<'udev-rule'>>(
  { place: 'udev-rule', mode: open },
  ({ vfio, silent = [] }) => [
    ...(vfio === undefined ? [] : [`SUBSYSTEM=="vfio", GROUP="${vfio}", MODE="0660"`]),
    ...silent.map((address) => `SUBSYSTEM=="sound", KERNELS=="${address}", ENV{ACP_IGNORE}="1", ENV{PULSE_IGNORE}="1"`),
  ],
  (lines) => {
    const vfio = group(/^SUBSYSTEM=="vfio", GROUP="([a-z]+)"/.exec(lines[0] ?? '')?.[1]);
    const silent = lines.map((text) => /^SUBSYSTEM=="sound", KERNELS=="([^"]+)"/.exec(text)?.[1]).filter((one): one is PciAddress => one !== undefined && isPciAddress(one));
    return vfio === null && silent.length === 0 ? null : { ...(vfio === null ? {} : { vfio }), ...(silent.length === 0 ? {} : { silent }) };
  },
);

/** tmpfiles.d(5): the memory Looking Glass shares between guest and host, there before libvirt would make it for itself alone. */
export const tmpfilesFile = lineFile<OwnContent<'tmpfiles'>>(
  { place: 'tmpfiles', mode: open },
  ({ sharedMemory }) => [`f /dev/shm/looking-glass 0660 root ${sharedMemory} -`],
  ([text = '']) => {
    const of = group(/ 0660 root (\S+) -$/.exec(text)?.[1]);
    return of === null ? null : { sharedMemory: of };
  },
);

const id = (vendor: string | null, device: string | null): string => `${vendor ?? '----'}:${device ?? '----'}`;
const part = (text: string | undefined): string | null => (text === undefined || text === '----' ? null : text);

/**
 * The functions our hook moves: address, maker and model, board; and for a slot whose move ends the desktop, lines that say
 * so (core/hand-off/table.ts). The shell reads the address, the helper all of it.
 */
export const hookTableFile = lineFile<ManagedFunction[]>(
  { place: 'hook-table', mode: open },
  (devices) => [...devices.map((device) => `${device.address} ${id(device.vendor, device.device)} ${id(device.subsystemVendor, device.subsystemDevice)}`), ...singleLines(devices)],
  (lines) => {
    const devices = lines.flatMap((text): ManagedFunction[] => {
      const [, address = '', vendor = '', device = '', subVendor, subDevice] = /^(\S+) ([0-9a-f]{4}):([0-9a-f]{4}) ([0-9a-f]{4}|----):([0-9a-f]{4}|----)$/.exec(text) ?? [];
      if (!isPciAddress(address)) return [];
      const single = singleOf(lines, slotOf(address));
      return [{ address, vendor, device, subsystemVendor: part(subVendor), subsystemDevice: part(subDevice), ...(single === null ? {} : { single }) }];
    });
    return devices.length === 0 ? null : devices;
  },
);

/** One line, or two, for each slot, with the first address of it. */
function singleLines(devices: readonly ManagedFunction[]): readonly string[] {
  const first = devices.filter((device, index) => device.single !== undefined && devices.findIndex((other) => slotOf(other.address) === slotOf(device.address)) === index);
  return first.flatMap(({ address, single }) => [`single-card ${address}`, ...(single === 'restart-when-stuck' ? [`restart-when-stuck ${address}`] : [])]);
}

function singleOf(lines: readonly string[], slot: string): NonNullable<ManagedFunction['single']> | null {
  const says = (word: string): boolean => lines.some((text) => text.startsWith(`${word} `) && isIn(slot, text.slice(word.length + 1)));
  return says('single-card') ? (says('restart-when-stuck') ? 'restart-when-stuck' : 'leave-stuck') : null;
}
const isIn = (slot: string, address: string): boolean => isPciAddress(address) && slotOf(address) === slot;
