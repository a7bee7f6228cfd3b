// SPDX-License-Identifier: GPL-3.0-or-later
import { setTimeout as pause } from 'node:timers/promises';
import { protocol } from '../contract/helper';
import { failed, ok, type Result } from '../contract/problem';
import type { Progress } from '../contract/progress';
import { packageVersion } from '../contract/version';
import type { Rehearsal } from '../rehearsal/machine';
import { askRoot, scriptOf, summariesOf } from '../rehearsal/root';
import { aboutOn, drawOn } from './draw';
import type { Ended, HelperAsk, HelperCall, HelperEar } from './helper-client';
import { reveal } from './reveal';
import type { Hands } from './target';
import { vmsRehearsed } from './vm/rehearsed';
import type { VmSide } from './vm/side';

/** Between two steps of a rehearsal, in milliseconds: long enough to be followed and to be cancelled, and no other delay is added. */
const pace = 180;

/** A machine of memory: the same walk, with root's own code in this process. */
export function handsOfRehearsal(rehearsal: Rehearsal): Hands {
  let side: VmSide | undefined;
  return {
    about: (intent) => aboutOn(rehearsal.eyes(), intent),
    draw: (intent) => drawOn(rehearsal.eyes(), intent),
    eyes: () => rehearsal.eyes(),
    reveal: (intent, approved) => reveal(rehearsal.eyes(), (ask, ear) => callInProcess(rehearsal, ask, ear), { intent, approved }),
    call: (ask, ear) => callInProcess(rehearsal, ask, ear),
    async restart(firmware) {
      if (firmware) return failed('unsupported-host', { what: 'firmware' });
      const { started, recovered } = await rehearsal.restart();
      if (started.at !== 'up') return failed('step-failed', { why: 'did-not-start' });
      return recovered === null || recovered.ok ? ok(undefined) : recovered;
    },
    vmSide: () => (side ??= vmsRehearsed(rehearsal)),
    vms: () => (side ??= vmsRehearsed(rehearsal)).libvirt.list(),
    summaries: () => summariesOf(rehearsal),
    boot: () => rehearsal.world.kernel?.bootId ?? null,
    undoScript: (transaction) => scriptOf(rehearsal, transaction),
  };
}

function callInProcess(rehearsal: Rehearsal, ask: HelperAsk, ear: HelperEar): HelperCall {
  let stopped = false;
  const session = {
    progress: (line: Progress) => {
      ear.progress(line);
    },
    stopAsked: () => pause(pace).then(() => stopped),
  };
  const line = ask.request === null ? '' : JSON.stringify({ protocol, version: packageVersion, ...ask.request });
  const work = async (): Promise<Result<Ended>> => {
    await pause(pace);
    ear.hello();
    const done = await askRoot(rehearsal, { verb: ask.verb, line }, session);
    return done.ok ? ok({ kind: 'end', ok: true, ...done.value }) : done;
  };
  return { done: work(), stop: () => void (stopped = true) };
}
