// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../contract/facts';
import { forkDisk, type Disk } from './disk';
import type { Faults } from './faults';
import { noFaults } from './faults';
import { groupSets, hardwareOf } from './hardware';
import { install, type Installation } from './install';
import type { Hardware, Kernel } from './kernel';
import { chooseParts, partsOf, type Choices, type Part, type Parts } from './parts';
import { makeRandom, type Random } from './random';
import type { View } from './view';

/** How a start with our card bound goes wrong on this machine, when it does. */
export type Quirk = 'none' | 'panics-when-bound' | 'hangs-when-bound';

/** What the machine is, whatever runs on it. Shared by every fork. */
export interface Build {
  readonly facts: HostFacts;
  readonly parts: readonly Part[];
  readonly chosen: Parts;
  readonly hardware: readonly Hardware[];
  readonly groups: readonly (readonly string[])[];
  readonly installation: Installation;
}

/** A machine of memory as it stands now. */
export interface World {
  readonly build: Build;
  disk: Disk;
  /** What the loader will find at the next start when power was cut; null: the same as the disk. */
  loader: Disk | null;
  kernel: Kernel | null;
  /** What the kernel shows in /sys, /proc, /dev and /run, by path; empty while it is off. */
  computed: ReadonlyMap<string, View>;
  starts: number;
  /** Milliseconds since 1970; moves by itself with every operation. */
  clock: number;
  random: Random;
  quirk: Quirk;
  faults: Faults;
  /** Who holds the helper's lock, by the number of the process. */
  lock: { readonly process: number; readonly who: string; readonly what: string; readonly since: number } | null;
  processes: number;
  /** What was seen of a kernel is remembered as long as it is the same: for many walks from one moment. */
  remembers: boolean;
  restartAsked: boolean;
}

/** Builds the machine of a record: silent parts chosen by the person, by a seed, or as usual. It is switched off. */
export function buildWorld(facts: HostFacts, choices: Choices, seed: number | null): World {
  const random = makeRandom(seed ?? 1);
  const parts = chooseParts(facts, choices, seed === null ? null : random.fork());
  const chosen = partsOf(parts);
  const hardware = hardwareOf(facts, chosen);
  const installation = install(facts, chosen, hardware);
  const build: Build = { facts, parts, chosen, hardware, groups: groupSets(facts), installation };
  return worldOf(build, seed ?? 1);
}

/** Another machine of the same build, as installed. */
export function worldOf(build: Build, seed: number): World {
  return {
    build,
    disk: forkDisk(build.installation.disk),
    loader: null,
    kernel: null,
    computed: new Map(),
    starts: 0,
    clock: 1_760_000_000_000,
    random: makeRandom(seed),
    quirk: 'none',
    faults: noFaults(),
    lock: null,
    processes: 0,
    remembers: false,
    restartAsked: false,
  };
}

/** This machine once more, switched off as after a clean shutdown: nothing done to one shows in the other. */
export function forkWorld(world: World, seed: number): World {
  return { ...world, disk: forkDisk(world.disk), random: makeRandom(seed), kernel: null, computed: new Map(), lock: null, faults: noFaults(), restartAsked: false };
}
