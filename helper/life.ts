// SPDX-License-Identifier: GPL-3.0-or-later
import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { liveMachine } from '../host/live';
import { fileHands } from './files';
import type { Hands } from './hands';
import { lockHands } from './lock';
import { nodeHands } from './nodes';
import { programPath, startProgram, stayAwake } from './run';
import { lockPath } from './store';
import { mayWrite } from './territory';

/** The hands of the real machine. Another root is for tests alone: no switch, variable or request leads to it (security rule 3). */
export function liveHands(root = '/'): Hands {
  const eyes = liveMachine(root);
  const boot = eyes.text('/proc/sys/kernel/random/boot_id');
  return {
    ...eyes,
    ...fileHands({ root, mayWrite }),
    ...nodeHands(),
    ...lockHands(root, lockPath),
    start: startProgram,
    awake: () => stayAwake(),
    has: (program) => programPath(program) !== null,
    pause: (milliseconds) => setTimeout(milliseconds),
    now: () => Date.now(),
    random: (bytes) => randomBytes(bytes).toString('hex'),
    boot: () => (boot.at === 'is' ? boot.value.trim() : '0'),
  };
}
