// SPDX-License-Identifier: GPL-3.0-or-later
import type { Fact, HostFacts } from '../contract/facts';
import { readCpuInfo } from '../core/read/sysfs/cpuinfo';
import { readName } from '../core/read/sysfs/clean';
import { hypervisorOf } from '../core/read/sysfs/hypervisor';
import { firstKnown, fromText, integer, known, line, listed, nameFrom, unknown, type Read } from './fact';
import type { Machine } from './machine';

const dmi = '/sys/class/dmi/id';
type MachineFacts = HostFacts['machine'];

/** Who made this machine, what form it has, and whether it is one at all or runs inside another. */
export function lookAtBoard(machine: Machine, log: Fact<string[]>): MachineFacts {
  const virtualised = lookForHypervisor(machine, log);
  return {
    vendor: nameFrom(machine, `${dmi}/sys_vendor`),
    product: firstKnown(
      () => nameFrom(machine, `${dmi}/product_name`),
      () => fromText(machine, '/sys/firmware/devicetree/base/model', (text) => readName(text) || null),
    ),
    boardVendor: nameFrom(machine, `${dmi}/board_vendor`),
    board: nameFrom(machine, `${dmi}/board_name`),
    firmwareVersion: nameFrom(machine, `${dmi}/bios_version`),
    chassis: lookAtChassis(machine, virtualised),
    virtualised,
    container: lookForContainer(machine),
  };
}

/** SMBIOS chassis types that are carried around. Source: host.md 1.7, SMBIOS 7.4.1. */
const portable = new Set([8, 9, 10, 11, 14, 30, 31, 32]);
const server = new Set([17, 23, 25, 28, 29]);
const desktop = new Set([3, 4, 5, 6, 7, 13, 15, 16, 24, 35, 36]);

function lookAtChassis(machine: Machine, virtualised: Read<string>): MachineFacts['chassis'] {
  if (virtualised.value !== null && virtualised.value !== 'none') return known('vm', virtualised.from ?? dmi);
  const place = `${dmi}/chassis_type`;
  const type = integer(machine, place);
  if (type !== null && portable.has(type)) return known('laptop', place);
  const battery = findBattery(machine);
  if (battery !== null) return known('laptop', battery);
  if (type === null)
    return machine.stat('/sys/firmware/devicetree/base').at === 'is'
      ? known('sbc', '/sys/firmware/devicetree/base')
      : unknown(place);
  // 2 is "unknown" and 1 "other": many boards never fill it in.
  return known(server.has(type) ? 'server' : desktop.has(type) ? 'desktop' : 'other', place);
}

/** A battery of the machine itself; `scope` Device means a mouse's or a headset's. */
function findBattery(machine: Machine): string | null {
  const folder = '/sys/class/power_supply';
  for (const name of listed(machine, folder) ?? []) {
    const supply = `${folder}/${name}`;
    if (line(machine, `${supply}/type`) === 'Battery' && line(machine, `${supply}/scope`) !== 'Device') return supply;
  }
  return null;
}

function lookForXen(machine: Machine): Read<string> | null {
  const place = '/sys/hypervisor/type';
  const kind = line(machine, place);
  if (kind === null || kind === '') return null;
  // Xen's first domain has the type too, but drives the real hardware.
  const first = line(machine, '/proc/xen/capabilities')?.includes('control_d') === true;
  return known(first ? 'none' : readName(kind, 32), place);
}

function lookForHypervisor(machine: Machine, log: Fact<string[]>): Read<string> {
  const xen = lookForXen(machine);
  if (xen !== null) return xen;
  if (/microsoft/i.test(line(machine, '/proc/sys/kernel/osrelease') ?? ''))
    return known('wsl', '/proc/sys/kernel/osrelease');
  const named = hypervisorOf(line(machine, `${dmi}/sys_vendor`) ?? '', line(machine, `${dmi}/product_name`) ?? '');
  if (named !== null) return known(named, `${dmi}/sys_vendor`);
  const cpu = machine.text('/proc/cpuinfo', 8 << 20);
  const flags = cpu.at === 'is' ? (readCpuInfo(cpu.value).flags ?? []) : [];
  if (flags.includes('hypervisor')) return namedByKernel(log) ?? namedByProgram(machine);
  return flags.length > 0 ? known('none', '/proc/cpuinfo') : unknown('/proc/cpuinfo');
}

/** `Hypervisor detected: KVM`: the kernel asked the processor itself. */
function namedByKernel(log: Fact<string[]>): Read<string> | null {
  for (const entry of log.value ?? []) {
    const [, words] = /^Hypervisor detected: (\w+)/.exec(entry) ?? [];
    if (words !== undefined) return known(words.toLowerCase().slice(0, 32), log.from ?? 'dmesg');
  }
  return null;
}

/** The processor says "inside a hypervisor" and no file says which. */
function namedByProgram(machine: Machine): Read<string> {
  const told = machine.run('systemd-detect-virt');
  const word = told.at === 'is' ? readName(told.value, 32) : '';
  return /^[a-z-]+$/.test(word) && word !== 'none'
    ? known(word, 'systemd-detect-virt')
    : known('other', '/proc/cpuinfo');
}

const marks: readonly (readonly [path: string, kind: string])[] = [
  ['/.flatpak-info', 'flatpak'],
  ['/run/.containerenv', 'podman'],
  ['/.dockerenv', 'docker'],
];

function lookForContainer(machine: Machine): Read<string> {
  for (const [path, kind] of marks) if (machine.stat(path).at === 'is') return known(kind, path);
  const told = line(machine, '/run/systemd/container');
  if (told !== null && told !== '') return known(readName(told, 32), '/run/systemd/container');
  const snap = machine.env['SNAP'];
  if (snap !== undefined && snap !== '') return known('snap', 'SNAP');
  // Only root may read process 1's environment; without it the marks above are what there is.
  const environment = machine.text('/proc/1/environ', 1 << 20);
  const [, kind] = environment.at === 'is' ? (/(?:^|\0)container=([^\0]+)/.exec(environment.value) ?? []) : [];
  return kind === undefined ? known('none', '/run/systemd/container') : known(readName(kind, 32), '/proc/1/environ');
}
