// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok } from '../../contract/problem';
import { isUnderWay } from '../../contract/run';
import type { Answers } from '../dispatch';
import type { World } from '../world';

type Part = Pick<Answers, 'run.state' | 'run.apply' | 'run.cancel' | 'run.restart' | 'run.keep' | 'run.go-back' | 'run.undo'>;

/** Set up, the question after the trial, and the ways back. */
export const runAnswers = (world: World): Part => ({
  'run.state': ({ machine }) => {
    const bench = world.bench(machine);
    return ok({ run: bench.ok ? world.runs.state(bench.value) : null });
  },
  'run.apply': ({ machine, intent, approved }) => {
    const bench = world.bench(machine);
    return bench.ok ? world.runs.apply(bench.value, intent, approved) : bench;
  },
  'run.cancel': ({ machine }) => {
    const bench = world.bench(machine);
    return bench.ok ? world.runs.cancel(bench.value) : bench;
  },
  'run.keep': ({ machine }) => {
    const bench = world.bench(machine);
    return bench.ok ? world.runs.keep(bench.value) : bench;
  },
  'run.go-back': ({ machine }) => {
    const bench = world.bench(machine);
    return bench.ok ? world.runs.goBack(bench.value) : bench;
  },
  'run.undo': ({ machine, transaction }) => {
    const bench = world.vms.bench(machine);
    if (!bench.ok) return bench;
    // A host half is not taken away from under a VM that counts on it: vm.undo takes both, the VM's first.
    const half = bench.value.side.store.read(transaction);
    if (half.ok && half.value.state === 'done') return failed('precondition-failed', { why: 'vm-half' });
    return world.runs.undo(bench.value, transaction);
  },
  'run.restart': async ({ machine, firmware }) => {
    const bench = world.bench(machine);
    if (!bench.ok) return bench;
    const before = world.runs.state(bench.value);
    if (before !== null && isUnderWay(before)) return failed('busy');
    const restarted = await bench.value.hands.restart(firmware);
    if (!restarted.ok) return restarted;
    world.runs.forgetState(machine);
    const run = world.runs.state(bench.value);
    if (run !== null) world.news.tell('run.news', run);
    return ok({ run });
  },
});
