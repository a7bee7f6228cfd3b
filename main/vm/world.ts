// SPDX-License-Identifier: GPL-3.0-or-later
import type { MachineId } from '../../contract/target';
import { ok, type Result } from '../../contract/problem';
import { isUnderWay, runState } from '../../contract/run';
import type { Machines } from '../machines';
import type { News } from '../dispatch';
import type { Bench, Runs } from '../runs';
import { openChanges, type Changes, type VmBench } from './changes';
import { openStreams, type Streams } from './streams';
import { openWatch, type Watch } from './watch';

/** What the flows of VMs answer from, besides the world. */
export interface VmWorld {
  readonly bench: (machine: MachineId) => Result<VmBench>;
  readonly changes: Changes;
  readonly streams: Streams;
  readonly watch: Watch;
  /** At the start of the program: what a crash left of this computer's VMs is put back, and what waited goes on. */
  readonly recover: (machine: MachineId) => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface VmWorldParts {
  readonly news: News;
  readonly runs: Runs;
  readonly machines: Machines;
  readonly clock: () => number;
  readonly bench: (machine: MachineId) => Result<Bench>;
}

/** Nothing is looked at before it is asked for; only a half that a crash left is looked for once. */
export function openVmWorld(parts: VmWorldParts): VmWorld {
  const { news, runs, clock } = parts;
  const changes = openChanges(news, runs, clock);
  const streams = openStreams();
  const bench = (machine: MachineId): Result<VmBench> => {
    const found = parts.bench(machine);
    return found.ok ? ok({ ...found.value, side: found.value.hands.vmSide() }) : found;
  };
  const watch = openWatch(clock, async (machine) => {
    const here = parts.machines.list().find((one) => one.machine === machine);
    const found = here === undefined ? null : bench(here.machine);
    if (found?.ok !== true) return;
    const vms = await found.value.side.libvirt.list();
    if (vms.ok && here !== undefined) news.tell('vms.changed', { machine: here.machine, vms: [...vms.value] });
  });
  // Root's half came to rest: what waited for it goes on, or is dropped with it.
  const leave = news.subscribe((name, body) => {
    if (name !== 'run.news') return;
    const run = runState.safeParse(body);
    if (!run.success || isUnderWay(run.data)) return;
    const found = bench(run.data.machine);
    if (found.ok) void changes.settle(found.value);
  });
  return {
    bench,
    changes,
    streams,
    watch,
    async recover(machine) {
      const found = bench(machine);
      if (found.ok) await changes.settle(found.value);
    },
    async close() {
      leave();
      watch.close();
      streams.closeAll();
      await changes.idle();
    },
  };
}
