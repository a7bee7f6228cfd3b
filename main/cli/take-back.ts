// SPDX-License-Identifier: GPL-3.0-or-later
import { parseArgs } from 'node:util';
import { setTimeout } from 'node:timers/promises';
import { liveMachine } from '../../host/live';
import { say } from '../../words/say';
import { follow, idOf, isOff, readStatus, virsh } from '../hand-off';
import { oneName, tellMissing } from './hand-off';
import { linesOf } from './hand-off-words';
import { exits, type Io } from './io';

interface Options {
  readonly name: string;
  /** Seconds the guest may take to shut down in order. */
  readonly wait: number;
  readonly force: boolean;
}

/** How long, in milliseconds, the card may take to come home once the VM is off. */
const homeLimit = 60_000;

/** `switchyard take-back VM`: asks the guest to shut down in order, and only on request pulls its plug; the hook brings the card home. */
export async function takeBack(args: readonly string[], io: Io): Promise<number> {
  const options = readOptions(args, io);
  if (options === null) return exits.usage;
  const id = await idOf(options.name);
  if (!id.ok) return tellMissing(io, id.problem.code, options.name);
  const since = Date.now() - 1000;
  if ((await isOff(id.value)) !== true && !(await endVm(id.value, options, io))) return exits.refused;
  io.out(`${say(io.language, 'hand-off.cli-off', { name: options.name })}\n`);
  let told = 0;
  const home = await follow(liveMachine(), id.value, {
    since,
    until: comesHome(id.value),
    tell(status) {
      for (const line of linesOf(status, told, io.language)) io.out(`${line}\n`);
      told = status.phases.length;
    },
  });
  if (home) return exits.ok;
  io.err(`${say(io.language, 'hand-off.cli-by-hand')}\n`);
  return exits.refused;
}

async function endVm(vm: string, { name, wait, force }: Options, io: Io): Promise<boolean> {
  io.out(`${say(io.language, 'hand-off.cli-shutting', { name })}\n`);
  const asked = await virsh('shutdown', vm);
  for (let waited = 0; asked.ok && waited < wait; waited++) {
    if ((await isOff(vm)) === true) return true;
    await setTimeout(1000);
  }
  if (!force) {
    io.err(`${say(io.language, 'hand-off.cli-still-runs', { name, seconds: wait })}\n`);
    return false;
  }
  io.out(`${say(io.language, 'hand-off.cli-forcing', { name })}\n`);
  const ended = await virsh('destroy', vm);
  return ended.ok && (ended.value.status === 0 || (await isOff(vm)) === true);
}

/** True once nothing of this VM's is out any more; a VM that never had a card has nothing out. */
async function comesHome(vm: string): Promise<boolean> {
  const machine = liveMachine();
  for (let waited = 0; waited < homeLimit; waited += 200) {
    const status = readStatus(machine, vm);
    if (status === null || status.end === 'home' || status.end === 'refused') return true;
    if (status.way === 'take' && (status.end === 'stuck' || status.end === 'adrift')) return false;
    await setTimeout(200);
  }
  return false;
}

function readOptions(args: readonly string[], io: Io): Options | null {
  try {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: { wait: { type: 'string' }, force: { type: 'boolean' } } });
    const name = oneName(positionals, io);
    const wait = values.wait ?? '60';
    if (name !== null && /^\d{1,4}$/.test(wait)) return { name, wait: Number(wait), force: values.force ?? false };
    if (name === null) return null;
  } catch {
    // Said below.
  }
  io.err(`${say(io.language, 'hand-off.cli-usage')}\n`);
  return null;
}
