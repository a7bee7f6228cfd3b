// SPDX-License-Identifier: GPL-3.0-or-later
import { parseArgs } from 'node:util';
import type { VmAct } from '../../contract/vm-life';
import { say } from '../../words/say';
import { exits, type Io } from './io';
import { factsFor } from './source';
import { benchFor, vmNamed } from './vm-bench';
import { vmProblem, vmsText } from './vm-text';

/** What a person types, and what is asked of libvirt. */
export const lifeVerbs = { start: 'start', stop: 'shut-down', 'force-off': 'force-off', pause: 'pause', resume: 'resume', restart: 'restart' } as const satisfies Record<string, VmAct>;
export type LifeVerb = keyof typeof lifeVerbs;

/** `switchyard vm start NAME` and its kind. `stop` asks the guest and answers when it was asked. */
export async function lifeCommand(verb: LifeVerb, args: readonly string[], io: Io): Promise<number> {
  const read = readWords(args);
  const [word, more] = read?.words ?? [];
  if (read === null || word === undefined || more !== undefined) {
    io.err(`${say(io.language, 'vm.usage')}\n`);
    return exits.usage;
  }
  const recorded = read.machine === undefined ? null : await factsFor({ machine: read.machine, text: undefined, json: false, why: false }, io);
  if (typeof recorded === 'number') return recorded;
  const bench = await benchFor(recorded);
  const vm = await vmNamed(bench, word);
  if (!vm.ok) return vmProblem(io, vm.problem);
  const { libvirt } = bench.bench.side;
  const done = await libvirt.act(vm.value.uuid, lifeVerbs[verb]);
  if (!done.ok) return vmProblem(io, done.problem);
  const now = await libvirt.look(vm.value.uuid);
  if (!now.ok) return vmProblem(io, now.problem);
  io.out(read.json ? `${JSON.stringify({ schema: 1, kind: 'vm-act', act: lifeVerbs[verb], vm: now.value }, null, 2)}\n` : vmsText(io, [now.value]));
  return exits.ok;
}

function readWords(args: readonly string[]): { readonly words: readonly string[]; readonly machine: string | undefined; readonly json: boolean } | null {
  try {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: { machine: { type: 'string' }, json: { type: 'boolean' } } });
    return { words: positionals, machine: values.machine, json: values.json ?? false };
  } catch {
    return null;
  }
}
