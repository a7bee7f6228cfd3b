// SPDX-License-Identifier: GPL-3.0-or-later
import { nvidiaModules } from '../../core/hand-off/drivers';
import { drmCards } from '../sysfs-pci';
import { draws, loadModule, releaseGroup, type Kernel } from '../kernel';
import { moduleName } from '../drivers';

/** A program that runs on the machine and what it has open. */
export interface Process {
  readonly pid: number;
  readonly command: string;
  readonly group: string;
  readonly arguments: readonly string[];
  /** Paths below /dev. */
  readonly open: readonly string[];
}

/** A person's machine while it runs: services, the log-in screen, text consoles, programs, our timer. None of it outlives a start. */
export interface Desktop {
  /** Its unit; null: nobody draws a log-in screen here. */
  readonly manager: string | null;
  readonly running: Set<string>;
  readonly processes: Map<number, Process>;
  /** Who is logged in, by logind's name for the session: `drawn` at this machine's seat, else over ssh. */
  readonly sessions: Map<string, { readonly uid: number; readonly drawn: boolean }>;
  /** The text console draws on the frame buffers. */
  consoleBound: boolean;
  /** Slices that are kept to some threads of the processors, and which. */
  readonly kept: Map<string, string>;
  timer: boolean;
  nextPid: number;
}

const desktops = new WeakMap<Kernel, Desktop>();
export const desktopOf = (kernel: Kernel): Desktop | undefined => desktops.get(kernel);

export interface Seating {
  readonly manager: string | null;
  readonly services: readonly string[];
}

/** Somebody logs in on a machine that is up. */
export function seat(kernel: Kernel, { manager, services }: Seating): Desktop {
  const desktop: Desktop = { manager, running: new Set(), processes: new Map(), sessions: new Map(), consoleBound: true, kept: new Map(), timer: false, nextPid: 900 };
  desktops.set(kernel, desktop);
  if (hasNvidia(kernel)) for (const module of nvidiaModules) if (module !== 'nvidia_peermem') kernel.modules.add(module);
  for (const unit of [...services, ...(manager === null ? [] : [manager])]) startUnit(kernel, unit);
  return desktop;
}

const hasNvidia = (kernel: Kernel): boolean => kernel.modules.has('nvidia');

/** A process is there from now on; its number. */
export function run(desktop: Desktop, process: Omit<Process, 'pid'>): number {
  desktop.nextPid += 1;
  desktop.processes.set(desktop.nextPid, { ...process, pid: desktop.nextPid });
  return desktop.nextPid;
}

/** The log-in screen opens every card that a driver draws on; without one it ends at once. Other services open what they watch. */
export function startUnit(kernel: Kernel, unit: string): boolean {
  const desktop = desktops.get(kernel);
  if (desktop === undefined) return false;
  if (desktop.running.has(unit)) return true;
  const group = `/system.slice/${unit}`;
  if (unit === desktop.manager) {
    const cards = drmCards(kernel).map((_, card) => `/dev/dri/card${card}`);
    if (cards.length === 0) return false;
    run(desktop, { command: 'Xorg', group, arguments: ['Xorg', ':0'], open: cards });
  } else if (unit.startsWith('nvidia-')) {
    const card = drmCards(kernel).findIndex((one) => one.driver === 'nvidia');
    if (card < 0) return false;
    run(desktop, { command: unit.slice(0, -8).slice(0, 15), group, arguments: [unit], open: [`/dev/dri/renderD${128 + card}`] });
  } else {
    run(desktop, { command: unit.slice(0, -8).slice(0, 15), group, arguments: [unit], open: [] });
  }
  desktop.running.add(unit);
  return true;
}

export function stopUnit(kernel: Kernel, unit: string): void {
  const desktop = desktops.get(kernel);
  if (desktop === undefined) return;
  desktop.running.delete(unit);
  const ended = unit === desktop.manager ? closeSessions(desktop) : [];
  for (const { pid, group } of [...desktop.processes.values()]) if (group.endsWith(`/${unit}`) || ended.some((part) => group.includes(part))) desktop.processes.delete(pid);
}

/** A log-in screen's sessions end with it, and a person's service manager with that person's last session (claim desktop-ends). */
function closeSessions(desktop: Desktop): readonly string[] {
  const gone = [...desktop.sessions].filter(([, one]) => one.drawn);
  for (const [id] of gone) desktop.sessions.delete(id);
  const users = gone.map(([, one]) => one.uid).filter((uid) => ![...desktop.sessions.values()].some((left) => left.uid === uid));
  return [...gone.map(([id]) => `/session-${id}.scope`), ...users.map((uid) => `/user@${uid}.service/`)];
}

/** References of an NVIDIA module: what stands on it, programs that have a card open, and the console for the one that draws. */
export function references(kernel: Kernel, module: string): number {
  const desktop = desktops.get(kernel);
  const loaded = (name: string): number => (kernel.modules.has(name) ? 1 : 0);
  const cards = drmCards(kernel).flatMap((one, card) => (one.driver === 'nvidia' ? [`/dev/dri/card${card}`, `/dev/dri/renderD${128 + card}`] : []));
  const opens = [...(desktop?.processes.values() ?? [])].flatMap((one) => one.open).filter((path) => cards.includes(path)).length;
  if (module === 'nvidia_drm') return opens + (desktop?.consoleBound === true && cards.length > 0 ? 1 : 0);
  if (module === 'nvidia_modeset') return loaded('nvidia_drm');
  return module === 'nvidia' ? loaded('nvidia_modeset') + loaded('nvidia_uvm') : 0;
}

/** modprobe -r: refuses a module in use (claim module-in-use). */
export function removeModule(kernel: Kernel, name: string): boolean {
  const module = moduleName(name);
  if (!kernel.modules.has(module)) return true;
  if (references(kernel, module) > 0) return false;
  kernel.modules.delete(module);
  kernel.seen = null;
  for (const state of kernel.functions.values()) {
    if (state.driver === null || !state.hardware.drivers.some((one) => one.driver === state.driver && one.module === module)) continue;
    state.driver = null;
    state.powerKnown = false;
  }
  return true;
}

/** modprobe of what stands on another module; everything else is the kernel's own way. */
export function insertModule(kernel: Kernel, name: string): boolean {
  const module = moduleName(name);
  if (module === 'nvidia' || !nvidiaModules.some((one) => one === module)) return loadModule(kernel, module);
  if (!kernel.modules.has('nvidia')) return false;
  kernel.modules.add(module);
  return true;
}

/** QEMU of a VM opens its groups; false: the kernel says no. */
export function startVm(kernel: Kernel, uuid: string, groups: readonly number[]): boolean {
  const desktop = desktops.get(kernel);
  const members = groups.flatMap((group) => kernel.byGroup.get(group) ?? []).filter((one) => one.hardware.header !== 'bridge');
  if (desktop === undefined || members.some((one) => one.driver !== 'vfio-pci' || one.held)) return false;
  for (const one of members) one.held = true;
  run(desktop, { command: 'qemu-system-x86', group: '/machine.slice/machine-qemu-1-vm.scope', arguments: ['qemu-system-x86_64', '-uuid', uuid], open: groups.map((group) => `/dev/vfio/${group}`) });
  return true;
}

export function endVm(kernel: Kernel, uuid: string): void {
  const desktop = desktops.get(kernel);
  for (const { pid, arguments: words, open } of [...(desktop?.processes.values() ?? [])]) {
    if (!words.includes(uuid)) continue;
    desktop?.processes.delete(pid);
    for (const path of open) releaseGroup(kernel, Number(path.slice('/dev/vfio/'.length)));
  }
}

/** Whether a person who sits at the machine sees where to log in: the service runs and has a card with a screen. */
export function showsDesktop(kernel: Kernel): boolean {
  const desktop = desktops.get(kernel);
  if (desktop === undefined) return false;
  if (desktop.manager === null) return true;
  return desktop.running.has(desktop.manager) && drmCards(kernel).some((one) => draws(one) && one.hardware.screen);
}
