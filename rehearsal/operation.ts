// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, type Result } from '../contract/problem';
import { faultsOf, Killed, PowerLost, Thrown, type FaultKind, type Faults } from './faults';
import { losePower } from './start';
import type { World } from './world';

/** One process on the machine: what it asks for stops to happen when it is killed or the power goes. */
export interface Process {
  readonly number: number;
  /** The start of the machine it belongs to. */
  readonly start: number;
  alive: boolean;
}

/** What an operation does: `whole` does it, `half` does a part of it and breaks, `lie` says it was done. */
export interface Doing<T> {
  readonly name: string;
  readonly path: string;
  readonly changes: boolean;
  whole(): Result<T>;
  half(): void;
  lie(): Result<T> | null;
  /** What a missed deadline is called: only programs and kernel nodes have one. */
  readonly deadline: 'time-limit' | 'wedged' | null;
}

/** Counts an operation and does it, or what the faults of this walk have in store for it. */
export function operate<T>(world: World, process: Process, doing: Doing<T>): Result<T> {
  if (!process.alive) throw new Killed();
  if (world.kernel === null || process.start !== world.starts) throw new PowerLost();
  const { faults } = world;
  faults.operations += 1;
  world.clock += 1;
  const kind = faultNow(faults, doing.name);
  faults.onOperation({ number: faults.operations, name: doing.name, path: doing.path, changes: doing.changes }, kind);
  return kind === null ? doing.whole() : broken(world, process, { doing, kind });
}

/** What was meant for this operation, or waits; what cannot happen to it, because others came in between, waits for the next it can happen to. */
function faultNow(faults: Faults, name: string): FaultKind | null {
  const meant = faults.at.get(faults.operations);
  if (meant !== undefined && faultsOf(name).includes(meant)) return meant;
  if (meant !== undefined) faults.due.unshift({ from: faults.operations, kind: meant });
  return dueFault(faults, name);
}

/** The next of the faults that wait, when its time has come and this operation can meet it. */
function dueFault({ due, operations }: Faults, name: string): FaultKind | null {
  const [next] = due;
  if (next === undefined || next.from > operations || !faultsOf(name).includes(next.kind)) return null;
  due.shift();
  return next.kind;
}

function broken<T>(world: World, process: Process, { doing, kind }: { doing: Doing<T>; kind: FaultKind }): Result<T> {
  const refused = (why: string): Result<never> => failed('step-failed', { why, place: doing.path });
  switch (kind) {
    case 'fails':
      return refused('EIO');
    case 'half':
      doing.half();
      return refused('ENOSPC');
    case 'lies':
      return doing.lie() ?? refused('EIO');
    case 'hangs':
      doing.half();
      if (doing.deadline === null) throw died(world, process);
      return refused(doing.deadline);
    case 'throws':
      throw new Thrown();
    case 'killed':
      throw died(world, process);
    case 'power':
      doing.half();
      losePower(world);
      throw new PowerLost();
    case 'edited':
      world.faults.onEdit(doing.path);
      return doing.whole();
    case 'stop':
      world.faults.onStop();
      return doing.whole();
    default:
      return kind satisfies never;
  }
}

/** The process is gone, and with it its lock. */
function died(world: World, process: Process): Killed {
  process.alive = false;
  if (world.lock?.process === process.number) world.lock = null;
  return new Killed();
}
