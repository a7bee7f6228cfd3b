// SPDX-License-Identifier: GPL-3.0-or-later
import { setTimeout as pause } from 'node:timers/promises';
import type { HandStatus } from '../contract/hand-off';
import type { HandRun } from '../contract/hand-run';
import type { Result } from '../contract/problem';
import type { MachineId } from '../contract/target';
import type { Machine } from '../host/machine';
import { readStatus } from './hand-off';
import type { Libvirt } from './vm/libvirt';

/** A machine with libvirt, as far as a hand-over needs it. */
export interface HandBench {
  readonly machine: MachineId;
  readonly libvirt: Pick<Libvirt, 'act' | 'state'>;
  /** The person's own eyes: root lets everybody read how a round stands. */
  eyes(): Machine;
  /** Milliseconds between two looks at it. */
  readonly pace: number;
}

/** Milliseconds a guest may take to shut down in order, a card to come home after that, and how often either is asked. */
const patience = { guest: 120_000, home: 60_000, every: 250 } as const;

/** One run while it goes on. */
export interface Walk {
  readonly bench: HandBench;
  readonly vm: string;
  readonly name: string;
  clock(): number;
  set(more: Partial<HandRun>): void;
  stopped(): boolean;
}

type End = Required<Pick<HandRun, 'end'>> & Pick<HandRun, 'said' | 'status'>;

/** Starts the VM through libvirt; what its hook does is read from what root lets everybody read. */
export async function handOver(walk: Walk): Promise<End> {
  const before = stampOf(walk);
  walk.set({ at: 'moving' });
  const started = await following(walk, before, walk.bench.libvirt.act(walk.vm, 'start'));
  const status = newer(walk, before);
  if (status === null) return { end: started.ok ? 'no-card' : 'failed', said: saidOf(started), status };
  // Given, and then libvirt could not start it after all: by now its hook has taken the card back again.
  if (!started.ok && status.end === 'given') return { end: 'failed', said: saidOf(started), status };
  return { end: status.end ?? 'failed', said: saidOf(started), status };
}

/** Asks the guest to shut down, or pulls its plug where that was asked for, and waits until the card is home. */
export async function takeBack(walk: Walk, force: boolean): Promise<End> {
  const { libvirt } = walk.bench;
  const before = stampOf(walk);
  const ended = await following(walk, before, endGuest(walk, force));
  if (ended === 'still-runs') return { end: 'still-runs', said: null, status: newer(walk, before) };
  if (ended !== 'off') return { end: 'failed', said: ended, status: newer(walk, before) };
  walk.set({ at: 'moving' });
  const home = await following(walk, before, comesHome(walk, before));
  const off = await libvirt.state(walk.vm);
  return { end: home?.end ?? (off.ok && off.value === 'off' ? 'no-card' : 'still-runs'), said: null, status: home };
}

/** `off`, `still-runs`, or libvirt's words. */
async function endGuest({ bench: { libvirt }, vm }: Walk, force: boolean): Promise<string> {
  const state = await libvirt.state(vm);
  if (state.ok && state.value === 'off') return 'off';
  const asked = await libvirt.act(vm, force ? 'force-off' : 'shut-down');
  if (!asked.ok) return saidOf(asked) ?? asked.problem.code;
  for (let waited = 0; waited < patience.guest; waited += patience.every) {
    const now = await libvirt.state(vm);
    if (now.ok && now.value === 'off') return 'off';
    await pause(patience.every);
  }
  return 'still-runs';
}

/** The round that came after `before` and is over; null when none came in time. */
async function comesHome(walk: Walk, before: Stamp): Promise<HandStatus | null> {
  for (let waited = 0; waited < patience.home; waited += patience.every) {
    const now = newer(walk, before);
    if (now !== null && now.way === 'take' && now.end !== null) return now;
    await pause(patience.every);
  }
  return newer(walk, before);
}

/** What tells one round from another. */
type Stamp = string;
const stampOf = (walk: Walk): Stamp => stamp(readStatus(walk.bench.eyes(), walk.vm));
const stamp = (status: HandStatus | null): Stamp => (status === null ? '' : `${status.since} ${status.way}`);

function newer(walk: Walk, before: Stamp): HandStatus | null {
  const now = readStatus(walk.bench.eyes(), walk.vm);
  return now === null || stamp(now) === before ? null : now;
}

/** Tells each new state of a round that began after `before`, until what is waited for has come. */
async function following<T>(walk: Walk, before: Stamp, until: Promise<T>): Promise<T> {
  let last = '';
  const look = (): void => {
    const status = newer(walk, before);
    const text = JSON.stringify(status);
    if (status === null || text === last) return;
    last = text;
    walk.set({ status, at: 'moving' });
  };
  const again = setInterval(look, walk.bench.pace);
  try {
    return await until;
  } finally {
    clearInterval(again);
    look();
  }
}

const saidOf = (result: Result<unknown>): string | null => (result.ok ? null : (result.problem.detail['said'] ?? null)?.slice(0, 1000) ?? null);
