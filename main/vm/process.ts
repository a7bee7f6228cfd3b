// SPDX-License-Identifier: GPL-3.0-or-later
import { readFileSync } from 'node:fs';

/** A process as nobody else can be named: its number, and the tick of its start since boot (proc(5): the twentieth field behind the name in brackets). */
const named = (pid: string): string | null => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const tick = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim().slice(0, 8);
    return tick === undefined ? null : `${boot} ${pid} ${tick}`;
  } catch {
    return null;
  }
};

/** This process. */
export const thisProcess = (): string | null => named(String(process.pid));

/** Whether that process still runs. */
export function isAtWork(by: string): boolean {
  const pid = /^\S+ (\d{1,10}) \d+$/.exec(by)?.[1];
  return pid !== undefined && named(pid) === by;
}
