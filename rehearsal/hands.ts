// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok, type Result } from '../contract/problem';
import type { Hands } from '../helper/hands';
import { nodePlace } from '../helper/nodes';
import { eyesOf } from './eyes';
import { does, handlingHands, namingHands, readingHands, type Bench } from './hand-files';
import { hasProgram, runProgram } from './programs';
import { writeKernel } from './kernel-nodes';
import { done, place } from './trust';
import type { World } from './world';

/** The helper's hands on a machine of memory: one process that lives until it is killed or the power goes. */
export function handsOf(world: World): Hands {
  world.processes += 1;
  const bench: Bench = { world, process: { number: world.processes, start: world.starts, alive: true }, opened: new Map() };
  return {
    ...eyesOf(world, 0),
    ...readingHands(bench),
    ...handlingHands(bench),
    ...namingHands(bench),
    ...runningHands(bench),
    ...lockingHands(bench),
    // Nobody sends a machine of memory to sleep.
    awake: () => () => undefined,
    pause: (milliseconds) => settled(() => {
      world.clock += milliseconds;
      return done;
    }).then(() => undefined),
    now: () => world.clock,
    random: (bytes) => Array.from({ length: bytes }, () => world.random.below(256).toString(16).padStart(2, '0')).join(''),
    boot: () => world.kernel?.bootId ?? '',
  };
}

function runningHands(bench: Bench): Pick<Hands, 'writeNode' | 'start' | 'has'> {
  const { world } = bench;
  return {
    writeNode(node, value) {
      const { path, value: grammar } = nodePlace(node);
      if (!grammar.test(value)) return Promise.resolve(place('value', path));
      return settled(() =>
        does(bench, { name: 'writeNode', path }, {
          whole() {
            const answer = writeKernel(world, path, value);
            return answer === 'done' ? done : failed('step-failed', { why: answer === 'blocks' ? 'wedged' : 'kernel-refused', place: path });
          },
          lie: () => done,
          deadline: 'wedged',
        }),
      );
    },
    start: (call) =>
      settled(() =>
        does(bench, { name: `start ${call.program}`, path: call.program }, {
          whole: () => runProgram(world, call, 'whole'),
          half: () => void runProgram(world, call, 'half'),
          lie: () => ok({ exit: 0, output: '' }),
          deadline: 'time-limit',
        }),
      ),
    has: (program) => hasProgram(world, program),
  };
}

function lockingHands(bench: Bench): Pick<Hands, 'lock' | 'unlock'> {
  const { world, process } = bench;
  return {
    lock: (holder) =>
      settled(() =>
        does(bench, { name: 'lock', path: '/var/lib/switchyard/lock' }, {
          whole() {
            const { lock } = world;
            if (lock !== null && lock.process !== process.number) return failed('busy', { who: lock.who, what: lock.what, since: String(lock.since) });
            world.lock = { process: process.number, ...holder };
            return done;
          },
        }),
      ),
    unlock() {
      if (world.lock?.process === process.number) world.lock = null;
    },
  };
}

/** A throw of the faults must come as a rejected promise where the real hands give one. */
const settled = <T>(work: () => Result<T>): Promise<Result<T>> =>
  new Promise((settle, reject) => {
    try {
      settle(work());
    } catch (error) {
      reject(error instanceof Error ? error : new Error('thrown'));
    }
  });
