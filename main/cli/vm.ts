// SPDX-License-Identifier: GPL-3.0-or-later
import { parseArgs } from 'node:util';
import type { HostFacts } from '../../contract/facts';
import { pciAddress } from '../../contract/pci';
import { guestSystems, vmRecipe, type GuestSystem } from '../../contract/vm';
import { vmHost, type VmHost } from '../../contract/vm-host';
import { failed, ok, type Result } from '../../contract/problem';
import { assess } from '../../core/judge/assess';
import { drawDomain } from '../../core/vm/domain';
import { modesOf, recommendMode, type VmUse } from '../../core/vm/modes';
import { isolatedThreads } from '../../core/vm/tuning/isolated';
import { tune } from '../../core/vm/tuning/tune';
import { say } from '../../words/say';
import { lookAtDisc } from '../vm/disc-file';
import { libvirtHere } from '../vm/here';
import { exits, type Io } from './io';
import { factsFor, readText } from './source';
import { recipeFrom, recipeModes, recipeWays, type RecipeWords } from './vm-recipe';
import { discText, layoutText, modesText, notesText, vmProblem, vmsText } from './vm-text';

const uses = ['play', 'work', 'compute', 'stream'] as const;

interface Options {
  readonly what: string | undefined;
  readonly file: string | undefined;
  readonly system: GuestSystem;
  readonly use: VmUse;
  readonly cores: number | null;
  readonly memoryMiB: number;
  readonly card: string | undefined;
  readonly host: string | undefined;
  readonly machine: string | undefined;
  readonly json: boolean;
  /** Words of `recipe` only. */
  readonly recipe: Readonly<Record<'name' | 'disk' | 'mode' | 'way' | 'install' | 'drivers', string | undefined>>;
}

/** `switchyard vm`: what VMs this machine can have, how one would be laid out, its XML, what a disc is, and the VMs there are; and, shown and asked before, changes of them. */
export async function vmCommand(args: readonly string[], io: Io): Promise<number> {
  const [verb = '', ...rest] = args;
  const change = (['create', 'define', 'finish', 'adopt', 'network', 'undefine', 'undo'] as const).find((one) => one === verb);
  // Loaded only when asked for, because a change brings the whole engine.
  if (change !== undefined) return (await import('./vm-change')).changeCommand(change, rest, io);
  const life = (['start', 'stop', 'force-off', 'pause', 'resume', 'restart'] as const).find((one) => one === verb);
  if (life !== undefined) return (await import('./vm-life')).lifeCommand(life, rest, io);
  const options = readOptions(args);
  const run = options === null || options.what === undefined || !Object.hasOwn(verbs, options.what) ? undefined : verbs[options.what];
  if (options === null || run === undefined) {
    io.err(`${say(io.language, 'vm.usage')}\n`);
    return exits.usage;
  }
  return run(options, io);
}

const verbs: Readonly<Record<string, (options: Options, io: Io) => Promise<number> | number>> = { modes, layout, recipe, xml, disc, list };

function readOptions(args: readonly string[]): Options | null {
  const text = { type: 'string' } as const;
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { system: text, use: text, cores: text, memory: text, card: text, host: text, machine: text, name: text, disk: text, mode: text, way: text, install: text, drivers: text, json: { type: 'boolean' } },
    });
    const [what, file, more] = positionals;
    const system = guestSystems.find((one) => one === (values.system ?? 'windows-11'));
    const use = uses.find((one) => one === (values.use ?? 'play'));
    const [cores, memoryMiB] = [numberOf(values.cores, 512), numberOf(values.memory ?? '16384', 67_108_864)];
    const right = more === undefined && cores !== undefined && memoryMiB !== undefined && memoryMiB !== null && memoryMiB >= 128;
    if (!right || system === undefined || use === undefined) return null;
    const { card, host, machine, json = false, name, disk, mode, way, install, drivers } = values;
    return { what, file, system, use, cores, memoryMiB, card, host, machine, json, recipe: { name, disk, mode, way, install, drivers } };
  } catch {
    return null;
  }
}

/** A whole number from 1 on; null when nothing was said, undefined when it is none. */
const numberOf = (text: string | undefined, most: number): number | null | undefined => {
  if (text === undefined) return null;
  return /^[1-9]\d{0,8}$/.test(text) && Number(text) <= most ? Number(text) : undefined;
};

const facts = ({ machine }: Options, io: Io): Promise<HostFacts | number> => factsFor({ machine, text: undefined, json: false, why: false }, io);

/** libvirt's answer for this machine; a recorded one has none, and a machine without libvirt is judged without it. */
async function hostOf(given: HostFacts): Promise<VmHost | null> {
  if (given.source !== 'live') return null;
  const told = await libvirtHere(given).host();
  return told.ok ? told.value : null;
}

async function modes(options: Options, io: Io): Promise<number> {
  const given = await facts(options, io);
  if (typeof given === 'number') return given;
  const assessment = assess(given);
  const all = modesOf({ facts: given, cards: assessment.cards, host: await hostOf(given), system: options.system });
  const best = recommendMode(all, options.use, assessment.recommendation.way);
  io.out(options.json ? `${JSON.stringify({ schema: 1, kind: 'vm-modes', system: options.system, use: options.use, modes: all, recommended: best }, null, 2)}\n` : modesText(io, all, { best, system: options.system, use: options.use }));
  return exits.ok;
}

async function layout(options: Options, io: Io): Promise<number> {
  const given = await facts(options, io);
  if (typeof given === 'number') return given;
  const card = options.card === undefined ? null : pciAddress.safeParse(options.card);
  const fn = card?.success === true ? given.pci.functions.find((one) => one.address === card.data) : undefined;
  if (card !== null && fn === undefined) return vmProblem(io, { code: 'not-found', detail: { what: 'device' } });
  const plan = tune(given, {
    cores: options.cores,
    profile: options.use === 'compute' ? 'compute' : 'play',
    cardNode: fn?.numaNode ?? null,
    memoryMiB: options.memoryMiB,
    pinsMemory: fn !== undefined,
    isolated: isolatedThreads(given),
  });
  io.out(options.json ? `${JSON.stringify({ kind: 'vm-layout', ...plan }, null, 2)}\n` : layoutText(io, plan));
  return exits.ok;
}

/** Says a whole recipe on standard output, ready for `vm xml`. */
async function recipe(options: Options, io: Io): Promise<number> {
  const { name, disk, install, drivers } = options.recipe;
  const mode = recipeModes.find((one) => one === (options.recipe.mode ?? 'vga'));
  const way = recipeWays.find((one) => one === (options.recipe.way ?? 'dedicated'));
  if (name === undefined || disk === undefined || mode === undefined || way === undefined) {
    io.err(`${say(io.language, 'vm.usage')}\n`);
    return exits.usage;
  }
  const given = await facts(options, io);
  if (typeof given === 'number') return given;
  const host = await hostFrom(options, io);
  if (typeof host === 'number') return host;
  const { system, card, cores, memoryMiB, use } = options;
  const tuning = { cores, profile: use === 'compute' ? ('compute' as const) : ('play' as const), memoryMiB, isolated: isolatedThreads(given) };
  const words: RecipeWords = { name, disk, system, mode, way, card, install, drivers, tuning };
  const made = recipeFrom(words, { facts: given, assessment: assess(given), host });
  if (!made.ok) return vmProblem(io, made.problem);
  io.out(`${JSON.stringify(made.value, null, 2)}\n`);
  return exits.ok;
}

async function xml(options: Options, io: Io): Promise<number> {
  const wanted = readJson(options.file, io, (value) => vmRecipe.safeParse(value));
  if (typeof wanted === 'number') return wanted;
  const host = await hostFrom(options, io);
  if (typeof host === 'number') return host;
  const drawn = drawDomain(wanted, host);
  if (!drawn.ok) return vmProblem(io, drawn.problem);
  io.err(notesText(io, drawn.value.notes));
  io.out(drawn.value.xml);
  return exits.ok;
}

/** libvirt of this computer, or what a file says another one can do. */
async function hostFrom(options: Options, io: Io): Promise<VmHost | number> {
  if (options.host !== undefined) return readJson(options.host, io, (value) => vmHost.safeParse(value));
  const given = await facts(options, io);
  if (typeof given === 'number') return given;
  const told = await libvirtHere(given).host();
  return told.ok ? told.value : vmProblem(io, told.problem);
}

function readJson<T>(file: string | undefined, io: Io, check: (value: unknown) => { success: true; data: T } | { success: false }): T | number {
  if (file === undefined) {
    io.err(`${say(io.language, 'vm.usage')}\n`);
    return exits.usage;
  }
  const text = readText(file, io);
  if (typeof text === 'number') return text;
  const parsed = parsedJson(text.value);
  const checked = parsed.ok ? check(parsed.value) : { success: false as const };
  return checked.success ? checked.data : vmProblem(io, { code: 'bad-input', detail: {} });
}

function parsedJson(text: string): Result<unknown> {
  try {
    return ok(JSON.parse(text));
  } catch {
    return failed('bad-input');
  }
}

function disc(options: Options, io: Io): number {
  if (options.file === undefined) {
    io.err(`${say(io.language, 'vm.usage')}\n`);
    return exits.usage;
  }
  const told = lookAtDisc(options.file);
  if (!told.ok) return vmProblem(io, told.problem);
  io.out(options.json ? `${JSON.stringify({ schema: 1, disc: told.value }, null, 2)}\n` : discText(io, told.value));
  return told.value.kind === 'unusable' ? exits.badInput : exits.ok;
}

async function list(options: Options, io: Io): Promise<number> {
  const given = await facts(options, io);
  if (typeof given === 'number') return given;
  const all = await libvirtHere(given).list();
  if (!all.ok) return vmProblem(io, all.problem);
  io.out(options.json ? `${JSON.stringify({ schema: 1, kind: 'vms', vms: all.value }, null, 2)}\n` : vmsText(io, all.value));
  return exits.ok;
}

