// SPDX-License-Identifier: GPL-3.0-or-later
import { setTimeout as pause } from 'node:timers/promises';
import { failed, ok } from '../../contract/problem';
import type { Rehearsal } from '../../rehearsal/machine';
import { discAt, plantDiscs } from '../../rehearsal/vm/discs';
import { virshIn } from '../../rehearsal/vm/virsh';
import { memoryHalfStore } from './half-store';
import { openLibvirt } from './libvirt';
import type { VmSide } from './side';

/** Verbs that take a moment in life, in milliseconds, so that they can be followed. */
const slow: Readonly<Record<string, number>> = { start: 700, shutdown: 500, define: 150, 'vol-create-as': 250 };

/** VMs of a machine of memory. Nothing of it is shown: there is no guest. */
export function vmsRehearsed({ world }: Rehearsal): VmSide {
  plantDiscs(world);
  return {
    libvirt: openLibvirt(
      async (words, text) => {
        await pause(slow[words[3] ?? ''] ?? 0);
        return ok(virshIn(world, words, text));
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
