// SPDX-License-Identifier: GPL-3.0-or-later
import { parseArgs } from 'node:util';
import { mostRounds } from '../../contract/hand-run';
import { liveMachine } from '../../host/live';
import { say } from '../../words/say';
import { follow, idOf, managedHere, takeBackLine, virsh } from '../hand-off';
import { personHere } from './confirm';
import { mayEnd, type Starting } from './ending';
import { linesOf, printable } from './hand-off-words';
import type { RoundsAsked } from './hand-rounds';
import { exits, type Io } from './io';

/** `switchyard hand-off VM`: starts it through libvirt with the person's own rights; the hook moves the card, and this tells how it goes. */
export async function handOff(args: readonly string[], io: Io): Promise<number> {
  const rounds = readRounds(args);
  // The history it is kept in is not opened for anything else.
  if (rounds !== null) return (await import('./hand-rounds')).handRounds(rounds, io);
  const { rest, yes } = saidYes(args);
  const name = oneName(rest, io);
  if (name === null) return exits.usage;
  const id = await idOf(name);
  if (!id.ok) return tellMissing(io, id.problem.code, name);
  if (!(await mayEnd(await startingOf(id.value, name), { io, person: personHere(), yes }))) return exits.refused;
  io.out(`${say(io.language, 'hand-off.cli-starting', { name })}\n`);
  let told = 0;
  const started = await follow(liveMachine(), id.value, {
    since: Date.now() - 1000,
    until: virsh('start', id.value),
    tell(status) {
      for (const line of linesOf(status, told, io.language)) io.out(`${line}\n`);
      told = status.phases.length;
    },
  });
  if (started.ok && started.value.status === 0) {
    io.out(`${say(io.language, 'hand-off.cli-started', { name })}\n`);
    return exits.ok;
  }
  io.err(`${say(io.language, 'hand-off.cli-failed', { name })}\n`);
  if (started.ok) io.err(`${say(io.language, 'hand-off.cli-said', { said: printable(started.value.err) })}\n`);
  return exits.refused;
}

const saidYes = (args: readonly string[]): { readonly rest: readonly string[]; readonly yes: boolean } => ({ rest: args.filter((word) => word !== '--yes'), yes: args.includes('--yes') });

/** What is asked about before this VM is started on this computer. */
export async function startingOf(vm: string, name: string): Promise<Starting> {
  const machine = liveMachine();
  const cards = managedHere(machine);
  const told = cards.some((card) => card.way === 'single-card') ? await virsh('dumpxml', vm) : null;
  const xml = told?.ok === true && told.value.status === 0 ? told.value.out : null;
  return { name, cards, xml, reach: takeBackLine(machine, { name, uuid: vm }) };
}

/** Null where no test by rounds is asked for, or not as it must be: that is said as any wrong word is. */
function readRounds(args: readonly string[]): RoundsAsked | null {
  try {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: { rounds: { type: 'string' }, force: { type: 'boolean' }, json: { type: 'boolean' }, yes: { type: 'boolean' } } });
    const [name] = positionals;
    if (values.rounds === undefined || !/^\d{1,3}$/.test(values.rounds) || positionals.length !== 1 || name === undefined || name === '') return null;
    const count = Number(values.rounds);
    return count >= 1 && count <= mostRounds ? { name, count, force: values.force ?? false, json: values.json ?? false, yes: values.yes ?? false } : null;
  } catch {
    return null;
  }
}

/** The one VM that is meant; null after saying how the command is used. */
export function oneName(args: readonly string[], io: Io): string | null {
  try {
    const { positionals } = parseArgs({ args: [...args], allowPositionals: true, options: {} });
    const [name] = positionals;
    if (positionals.length === 1 && name !== undefined && name !== '') return name;
  } catch {
    // An option nobody knows: said below, with the ones there are.
  }
  io.err(`${say(io.language, 'hand-off.cli-usage')}\n`);
  return null;
}

export function tellMissing(io: Io, code: string, name: string): number {
  io.err(`${code === 'not-found' ? say(io.language, 'hand-off.cli-no-vm', { name: printable(name) }) : say(io.language, 'hand-off.cli-no-virsh')}\n`);
  return code === 'not-found' ? exits.noInput : exits.unavailable;
}
