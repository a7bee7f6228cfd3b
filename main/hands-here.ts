// SPDX-License-Identifier: GPL-3.0-or-later
import type { Machine } from '../host/machine';
import { probe } from '../host/probe';
import { aboutOn, drawOn } from './draw';
import { callHelper, type HelperPlace } from './helper-client';
import { readSummaries } from './history/summaries';
import { restartComputer } from './programs';
import { reveal } from './reveal';
import { readUndoScript } from './store';
import type { Hands } from './target';
import { libvirtHere, vmsHere } from './vm/here';
import type { VmSide } from './vm/side';

/** This computer: drawn with the person's own eyes, changed by root's helper alone. */
export function handsHere(machine: Machine, place: HelperPlace): Hands {
  let side: VmSide | undefined;
  return {
    eyes: () => machine,
    vmSide: () => (side ??= vmsHere(probe(machine))),
    about: (intent) => aboutOn(machine, intent),
    draw: (intent) => drawOn(machine, intent),
    reveal: (intent, approved) => reveal(machine, (ask, ear) => callHelper(place, ask, ear), { intent, approved }),
    call: (ask, ear) => callHelper(place, ask, ear),
    restart: restartComputer,
    vms: () => libvirtHere(probe(machine)).list(),
    summaries: () => readSummaries(),
    boot() {
      const id = machine.text('/proc/sys/kernel/random/boot_id');
      return id.at === 'is' ? id.value.trim() : null;
    },
    undoScript: readUndoScript,
  };
}
