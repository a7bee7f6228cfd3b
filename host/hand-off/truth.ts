// SPDX-License-Identifier: GPL-3.0-or-later
import type { HandAct, HostSlice } from '../../contract/hand-off';
import type { PciAddress } from '../../contract/pci';
import { line, listed } from '../fact';
import { isQuiet } from '../holders/quiet';
import type { Machine } from '../machine';
import { pciFolder } from '../pci';

/** Where systemd notes a transient timer while it is there. */
export const timerPlace = '/run/systemd/transient/switchyard-take-back.timer';

/** Whether a change is true of the machine now. Told by looking, never by what doing it said. */
export function isTrue(machine: Machine, act: HandAct): boolean {
  switch (act.act) {
    case 'timer':
      return (machine.stat(timerPlace).at === 'is') === act.on;
    case 'service':
      return unitRuns(machine, act.unit) === act.runs;
    case 'console':
      return act.bound ? draws(machine, act.console) : line(machine, `${consoles}/${act.console}/bind`) !== '1';
    case 'threads':
      return threadsOf(machine, act.slice) === act.threads;
    case 'override':
      return overrideOf(machine, act.device) === (act.driver ?? '(null)');
    case 'module':
      return (machine.stat(`/sys/module/${act.module}`).at === 'is') === act.loaded;
    case 'power':
      return line(machine, `${pciFolder}/${act.device}/power/control`) === act.control;
    case 'quiet':
      return isQuiet(machine, act.devices, act.of);
    case 'unbind':
      return driverOf(machine, act.device) !== act.driver;
    case 'bind':
      return hasDriver(machine, act);
    default:
      return act satisfies never;
  }
}

/** Null: any of the host's own. */
function hasDriver(machine: Machine, wanted: Extract<HandAct, { readonly act: 'bind' }>): boolean {
  const driver = driverOf(machine, wanted.device);
  return wanted.driver === null ? driver !== null && driver !== 'vfio-pci' : driver === wanted.driver;
}

/** Threads a slice is kept to, `0-3`; empty for all: the file is there from the first time on that somebody keeps any slice to some (cgroup-v2.rst). */
export const threadsOf = (machine: Machine, slice: HostSlice): string => line(machine, `/sys/fs/cgroup/${slice}/cpuset.cpus`) ?? '';

const consoles = '/sys/class/vtconsole';

/**
 * Whether this console draws, or one that came in its place, or there is nothing to draw on: the kernel takes the console on
 * frame buffers away with the last of these and registers it anew with the next (fbcon.c; seen in the lab), under any number;
 * a driver that draws no text, as NVIDIA's without fbdev, brings none back.
 */
function draws(machine: Machine, console: string): boolean {
  const bound = line(machine, `${consoles}/${console}/bind`);
  if (bound !== null && (line(machine, `${consoles}/${console}/name`) ?? '').includes('frame buffer device')) return bound === '1';
  const others = (listed(machine, consoles) ?? []).filter((one) => (line(machine, `${consoles}/${one}/name`) ?? '').includes('frame buffer device'));
  return others.length > 0 ? others.some((one) => line(machine, `${consoles}/${one}/bind`) === '1') : (line(machine, '/proc/fb') ?? '').trim() === '';
}

const overrideOf = (machine: Machine, device: PciAddress): string | null => line(machine, `${pciFolder}/${device}/driver_override`);

/** The driver a function has right now; null: none. */
export function driverOf(machine: Machine, device: PciAddress): string | null {
  const link = machine.target(`${pciFolder}/${device}/driver`);
  return link.at === 'is' ? link.value.slice(link.value.lastIndexOf('/') + 1) : null;
}

/**
 * Whether a unit has a process, by its control group: no program has to be asked, and a service that only says it stopped
 * is not believed. Instances of a template lie in a slice of their own (systemd.slice(5)).
 */
export function unitRuns(machine: Machine, unit: string): boolean {
  const [, template] = /^([^@]+)@/.exec(unit) ?? [];
  const inside = template === undefined ? unit : `system-${template}.slice/${unit}`;
  return ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'].some((root) => /^populated 1$/m.test(line(machine, `${root}/system.slice/${inside}/cgroup.events`) ?? ''));
}
