// SPDX-License-Identifier: GPL-3.0-or-later
import { line } from './fact';
import type { Machine } from './machine';

/** What to name to ssh on another computer to get here, `user@computer`, by the kernel's name for this one; null: it has no usable name. */
export function lookAtReach(machine: Machine): string | null {
  const computer = line(machine, '/proc/sys/kernel/hostname') ?? '';
  if (!/^[A-Za-z0-9][A-Za-z0-9.-]{0,127}$/.test(computer) || computer === 'localhost') return null;
  const user = machine.env['USER'] ?? machine.env['LOGNAME'] ?? '';
  return /^[a-z_][a-z0-9_-]{0,31}$/.test(user) && user !== 'root' ? `${user}@${computer}` : computer;
}
