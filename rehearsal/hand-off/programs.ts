// SPDX-License-Identifier: GPL-3.0-or-later
import { nvidiaModules } from '../../core/hand-off/drivers';
import type { ProgramCall } from '../../helper/programs';
import type { Kernel } from '../kernel';
import { desktopOf, insertModule, removeModule, startUnit, stopUnit } from './desktop';

const names = ['modprobe-remove', 'systemctl-start', 'systemctl-stop', 'systemctl-allowed-threads', 'take-back-timer-start', 'take-back-timer-stop'] as const;
export type DeskProgram = (typeof names)[number];
type NvidiaLoad = { readonly program: 'modprobe'; readonly module: (typeof nvidiaModules)[number] };
type DeskCall = Extract<ProgramCall, { readonly program: DeskProgram }> | NvidiaLoad;

/** The programs a hand-off needs besides kernel nodes. */
export const isDeskCall = (call: ProgramCall): call is DeskCall => names.some((name) => name === call.program) || (call.program === 'modprobe' && nvidiaModules.some((module) => module === call.module));

/** False: exit code 1. */
export function runOnDesk(kernel: Kernel | null, call: DeskCall): boolean {
  const desktop = kernel === null ? undefined : desktopOf(kernel);
  if (kernel === null || desktop === undefined) return false;
  kernel.seen = null;
  switch (call.program) {
    case 'modprobe':
      return insertModule(kernel, call.module);
    case 'modprobe-remove':
      return removeModule(kernel, call.module);
    case 'systemctl-start':
      return startUnit(kernel, call.unit);
    case 'systemctl-stop':
      stopUnit(kernel, call.unit);
      return true;
    case 'systemctl-allowed-threads':
      // systemd answers yes to an empty list as well, and the kernel takes none from a group in which something runs.
      if (call.threads !== '') desktop.kept.set(call.slice, call.threads);
      return true;
    case 'take-back-timer-start':
    case 'take-back-timer-stop':
      desktop.timer = call.program === 'take-back-timer-start';
      return true;
    default:
      return call satisfies never;
  }
}
