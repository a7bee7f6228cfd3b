// SPDX-License-Identifier: GPL-3.0-or-later
import { setTimeout } from 'node:timers/promises';
import type { HandStatus } from '../../contract/hand-off';
import { liveMachine } from '../../host/live';
import { say } from '../../words/say';
import { readStatuses } from '../hand-off';
import { linesOf } from './hand-off-words';
import { exits, type Io } from './io';

/** `switchyard status`, and with `--watch` every card that moves, as it moves, until it is interrupted. */
export async function status(args: readonly string[], io: Io): Promise<number> {
  if (!args.includes('--watch')) return (await import('./trial')).status(args, io);
  const rest = args.filter((word) => word !== '--watch' && word !== '--json');
  if (rest.length > 0) {
    io.err(`${say(io.language, 'hand-off.cli-usage')}\n`);
    return exits.usage;
  }
  return watch(io, args.includes('--json'));
}

async function watch(io: Io, json: boolean): Promise<number> {
  const machine = liveMachine();
  const seen = new Map<string, HandStatus>();
  for (let first = true; ; first = false) {
    const all = readStatuses(machine);
    if (first && all.length === 0 && !json) io.out(`${say(io.language, 'hand-off.cli-none')}\n`);
    for (const now of all.toReversed()) {
      const before = seen.get(now.vm);
      if (JSON.stringify(before) === JSON.stringify(now)) continue;
      seen.set(now.vm, now);
      io.out(json ? `${JSON.stringify(now)}\n` : textOf(now, before, io));
    }
    await setTimeout(200);
  }
}

/** Of a round that is known, what is new; of another one, all of it under the VM's name. */
function textOf(now: HandStatus, before: HandStatus | undefined, io: Io): string {
  const same = before !== undefined && before.since === now.since && before.way === now.way;
  const lines = linesOf(now, same ? before.phases.length : 0, io.language);
  return [...(same ? [] : [say(io.language, 'hand-off.cli-vm', { vm: now.vm })]), ...lines].map((line) => `${line}\n`).join('');
}
