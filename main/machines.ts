// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok, type Result } from '../contract/problem';
import { machineId, type MachineEntry, type MachineId } from '../contract/target';
import type { Looked, Target } from './target';

/** How many machines may be open at once; a dump takes a few megabytes. */
export const openLimit = 16;

/** The machines of the window. `this` is always there; the others until they are forgotten or the process ends. */
export interface Machines {
  list(): readonly MachineEntry[];
  current(): MachineId;
  find(machine: MachineId): Result<Target>;
  use(machine: MachineId): Result<MachineEntry>;
  /** The name a new machine of this kind will have, and its opening; `instead` is closed in its favour. */
  open(kind: 'dump' | 'rehearsal', make: (machine: MachineId) => Result<Target>, instead?: MachineId): Result<Target>;
  forget(machine: MachineId): Result<void>;
  /** The last look at a machine, or a new one. */
  look(target: Target, again: boolean): Looked;
}

export function openMachines(here: Target, onChange: () => void): Machines {
  const targets = new Map<MachineId, Target>([[here.entry.machine, here]]);
  const looks = new Map<MachineId, Looked>();
  let current = here.entry.machine;
  const counted = { dump: 0, rehearsal: 0 };

  const find = (machine: MachineId): Result<Target> => {
    const target = targets.get(machine);
    return target === undefined ? failed('not-found', { what: 'machine' }) : ok(target);
  };
  const drop = (machine: MachineId): void => {
    targets.delete(machine);
    looks.delete(machine);
    if (current === machine) current = here.entry.machine;
  };

  return {
    list: () => [...targets.values()].map((target) => target.entry),
    current: () => current,
    find,
    use(machine) {
      const target = find(machine);
      if (!target.ok) return target;
      if (current !== machine) {
        current = machine;
        onChange();
      }
      return ok(target.value.entry);
    },
    open(kind, make, instead) {
      if (targets.size >= openLimit && instead === undefined) return failed('too-large', { what: 'machines' });
      const made = make(machineId.parse(`${kind}-${String(++counted[kind])}`));
      if (!made.ok) return made;
      if (instead !== undefined) drop(instead);
      current = made.value.entry.machine;
      targets.set(current, made.value);
      onChange();
      return made;
    },
    forget(machine) {
      if (machine === here.entry.machine) return failed('refused', { what: 'this-computer' });
      const target = find(machine);
      if (!target.ok) return target;
      drop(machine);
      onChange();
      return ok(undefined);
    },
    look(target, again) {
      const known = again ? undefined : looks.get(target.entry.machine);
      const look = known ?? target.look();
      looks.set(target.entry.machine, look);
      return look;
    },
  };
}
