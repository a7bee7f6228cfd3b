// SPDX-License-Identifier: GPL-3.0-or-later
import type { VmSide } from './side';

/** How long somebody who asked is told of changes without asking again, in milliseconds. */
const lease = 15 * 60_000;

/** Looks again and again while somebody looks on, and tells when something has changed. */
export interface Watch {
  /** Somebody looks on: told from now on. */
  readonly look: (machine: string, side: VmSide) => void;
  readonly forget: (machine: string) => void;
  readonly close: () => void;
}

interface Watched {
  readonly side: VmSide;
  until: number;
  last: string | null;
  timer: NodeJS.Timeout | null;
}

export function openWatch(clock: () => number, changed: (machine: string) => Promise<void>): Watch {
  const all = new Map<string, Watched>();
  const forget = (machine: string): void => {
    const watched = all.get(machine);
    if (watched?.timer != null) clearTimeout(watched.timer);
    all.delete(machine);
  };
  const again = (machine: string, watched: Watched): void => {
    watched.timer = setTimeout(() => void round(machine, watched), watched.side.pace).unref();
  };
  const round = async (machine: string, watched: Watched): Promise<void> => {
    const pulse = await watched.side.libvirt.pulse();
    if (all.get(machine) !== watched) return;
    // A libvirt that does not answer now is the same as before: the next round tells.
    const now = pulse.ok ? pulse.value : watched.last;
    if (now !== watched.last && watched.last !== null) await changed(machine);
    watched.last = now;
    if (all.get(machine) !== watched) return;
    if (clock() > watched.until) all.delete(machine);
    else again(machine, watched);
  };
  return {
    look(machine, side) {
      const known = all.get(machine);
      if (known?.side === side) {
        known.until = clock() + lease;
        return;
      }
      forget(machine);
      const watched: Watched = { side, until: clock() + lease, last: null, timer: null };
      all.set(machine, watched);
      void round(machine, watched);
    },
    forget,
    close() {
      for (const machine of [...all.keys()]) forget(machine);
    },
  };
}
