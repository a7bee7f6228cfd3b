// SPDX-License-Identifier: GPL-3.0-or-later
import { setTimeout as pause } from 'node:timers/promises';
import { failed, ok } from '../../contract/problem';
import type { Rehearsal } from '../../rehearsal/machine';
import { discAt, plantDiscs } from '../../rehearsal/vm/discs';
import { virshWithHook } from '../../rehearsal/hand-off/play';
import { memoryHalfStore } from './half-store';
import { openLibvirt } from './libvirt';
import type { VmSide } from './side';

/** Verbs that take a moment in life, in milliseconds, so that they can be followed. */
const slow: Readonly<Record<string, number>> = { start: 700, shutdown: 500, define: 150, 'vol-create-as': 250 };

/** Before each change of a hand-over, in milliseconds, for the same reason. */
const breath = 120;

/** VMs of a machine of memory. Nothing of it is shown: there is no guest. */
export function vmsRehearsed(rehearsal: Rehearsal): VmSide {
  const { world } = rehearsal;
  plantDiscs(world);
  return {
    libvirt: openLibvirt(
      async (words, text) => {
        await pause(slow[words[3] === '-r' ? '' : (words[3] ?? '')] ?? 0);
        return ok(await virshWithHook(rehearsal, { words, text }, () => pause(breath)));
      },
      'system',
      { steadyClock: world.build.facts.cpu.flags.value?.includes('nonstop_tsc') ?? null, apicv: null },
    ),
    store: memoryHalfStore(),
    disc(path) {
      const disc = discAt(world, path);
      return disc === undefined ? failed('not-found', { what: 'file' }) : ok(disc);
    },
    schema: () => Promise.resolve(null),
    viewers: null,
    clock: () => world.clock,
    pace: 500,
  };
}
