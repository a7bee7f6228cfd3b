// SPDX-License-Identifier: GPL-3.0-or-later
import { forkDisk } from './disk';
import { noFaults } from './faults';
import { forkKernel } from './kernel';
import { makeRandom } from './random';
import { showKernel } from './start';
import type { World } from './world';

/** This machine once more, running or not as it stands now; its processes are not taken along. */
export function forkRunning(world: World, seed: number): World {
  const forked: World = {
    ...world,
    disk: forkDisk(world.disk),
    loader: world.loader === null ? null : forkDisk(world.loader),
    kernel: null,
    computed: new Map(),
    random: makeRandom(seed),
    faults: noFaults(),
    lock: null,
  };
  if (world.kernel !== null) showKernel(forked, forkKernel(world.kernel));
  return forked;
}
