// SPDX-License-Identifier: GPL-3.0-or-later
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { transactionId } from '../../contract/history';
import type { Intent } from '../../contract/plan';
import { failed, ok, type Result } from '../../contract/problem';
import { vmName, type VmRecipe } from '../../contract/vm';
import { vmAsked, vmNeedCodes, type VmAsked, type VmDrawn, type VmRun } from '../../contract/vm-change';
import { vmDraftWish } from '../../contract/vm-asks';
import { assess } from '../../core/judge/assess';
import { readDomain } from '../../core/read/virsh-domain';
import { say } from '../../words/say';
import { draftFor } from '../vm/draft';
import { drawHalves, drawnOf } from '../vm/drawing';
import { listPools } from '../vm/pools';
import { exits, type Io } from './io';
import { factsFor, readText } from './source';
import { drawnText, runText } from './vm-change-text';
import { benchFor, vmNamed, type CliBench } from './vm-bench';
import { vmProblem } from './vm-text';

const text = { type: 'string' } as const;
const options = { name: text, system: text, use: text, mode: text, way: text, card: text, part: text, firmware: text, disk: text, format: text, size: text, folder: text, install: text, drivers: text, cores: text, memory: text, with: text, machine: text, apart: { type: 'boolean' }, yes: { type: 'boolean' }, json: { type: 'boolean' } } as const;
type Switch = 'apart' | 'yes' | 'json';
type Values = Partial<Record<Exclude<keyof typeof options, Switch>, string>> & { readonly [S in Switch]?: boolean };

/** Whether to go on; without a terminal nobody can be asked, and nothing is done without --yes. */
export type Question = (words: string) => Promise<boolean>;

export const changeVerbs = ['create', 'define', 'finish', 'adopt', 'network', 'undefine', 'undo'] as const;
type Verb = (typeof changeVerbs)[number];

/** `switchyard vm create` and its kind: shows every line, asks, and does it as one restore point. */
export async function changeCommand(verb: Verb, args: readonly string[], io: Io, question: Question = onTerminal): Promise<number> {
  const read = readWords(args);
  if (read === null || (read.words.length !== 1 && verb !== 'create') || (verb === 'create' && read.words.length > 0)) return usage(io);
  const recorded = read.values.machine === undefined ? null : await factsFor({ machine: read.values.machine, text: undefined, json: false, why: false }, io);
  if (typeof recorded === 'number') return recorded;
  const bench = await benchFor(recorded);
  await bench.changes.settle(bench.bench);
  const [word = ''] = read.words;
  if (verb === 'undo') return undo(bench, word, { io, question, values: read.values });
  const asked = await askedFor(verb, { bench, word, values: read.values }, io);
  if (typeof asked === 'number') return asked;
  if (!asked.ok) return vmProblem(io, asked.problem);
  return perform(bench, asked.value, { io, question, values: read.values });
}

const usage = (io: Io): number => {
  io.err(`${say(io.language, 'vm.usage')}\n`);
  return exits.usage;
};

function readWords(args: readonly string[]): { readonly values: Values; readonly words: readonly string[] } | null {
  try {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
    return { values: { ...values }, words: positionals };
  } catch {
    return null;
  }
}

interface Given {
  readonly bench: CliBench;
  readonly word: string;
  readonly values: Values;
}

async function askedFor(verb: Exclude<Verb, 'undo'>, given: Given, io: Io): Promise<Result<VmAsked> | number> {
  if (verb === 'create') return create(given);
  if (verb === 'define') return define(given, io);
  const vm = await vmNamed(given.bench, given.word);
  if (!vm.ok) return vm;
  const { uuid } = vm.value;
  const asked = vmAsked.safeParse(verb === 'adopt' ? { kind: 'edit', uuid, edits: [{ kind: 'adopt' }] } : { kind: verb, uuid });
  return asked.success ? ok(asked.data) : failed('bad-input', { what: 'vm' });
}

/** A recipe drafted for this machine; what cannot be is told by its name. */
async function create({ bench, values }: Given): Promise<Result<VmAsked>> {
  const wish = wishOf(values);
  if (!wish.success) return failed('bad-input', { what: wish.error.issues[0]?.path.join('.') ?? '' });
  const { libvirt } = bench.bench.side;
  const host = await libvirt.host();
  if (!host.ok) return host;
  const pools = await listPools(libvirt.peek);
  const folders = pools.ok ? pools.value.flatMap((pool) => pool.path ?? []) : [];
  const drafted = draftFor(wish.data, { facts: bench.facts, assessment: assess(bench.facts), host: host.value, folders });
  if (!drafted.ok) return drafted;
  const { recipe: plain } = drafted.value;
  const recipe = withFirmware(values.apart === true ? { ...plain, cpu: { ...plain.cpu, apart: true } } : plain, values.firmware);
  return recipe.ok ? ok({ kind: 'create', recipe: recipe.value, disks: drafted.value.disks, install: drafted.value.install, xml: null }) : recipe;
}

const number = (word: string | undefined): number | null => (word === undefined ? null : Number(word));

/** Words into a wish. */
function wishOf(values: Values) {
  const { name, system = 'windows-11', use = 'play', install, drivers = null, cores, memory } = values;
  return vmDraftWish.safeParse({ uuid: null, name, system, use, mode: modeOf(values), disk: diskOf(values), cores: number(cores), memoryMiB: number(memory), install: install === undefined ? null : { system: install, drivers, answers: null } });
}

function modeOf({ mode = 'vga', way = 'dedicated', card = '', part = '' }: Values) {
  if (mode === 'passthrough') return { mode, way, card };
  if (mode === 'sriov') return { mode, address: card };
  return mode === 'mdev' ? { mode, uuid: part } : { mode };
}

/** An image that was installed for BIOS starts from nothing else. */
function withFirmware(recipe: VmRecipe, firmware: string | undefined): Result<VmRecipe> {
  if (firmware === undefined || firmware === recipe.firmware.kind) return ok(recipe);
  if (firmware === 'bios') return ok({ ...recipe, firmware: { kind: 'bios' }, tpm: false });
  return firmware === 'uefi' ? failed('unsupported-host', { why: 'no-efi' }) : failed('bad-input', { what: 'firmware' });
}

function diskOf({ disk, format = 'qcow2', size = '64', folder }: Values) {
  if (disk === undefined) return { kind: 'new', sizeGiB: Number(size), folder: folder ?? null };
  return disk.startsWith('/dev/') ? { kind: 'block', path: disk } : { kind: 'image', path: disk, format };
}

/** A definition from a file; one without a uuid gets one, as libvirt would give it. */
function define({ word }: Given, io: Io): Result<VmAsked> | number {
  const read = readText(word, io);
  if (typeof read === 'number') return read;
  const known = readDomain(read.value);
  if (!known.ok) return known;
  if (!vmName.safeParse(known.value.name).success && known.value.uuid === null) return failed('bad-input', { what: 'name' });
  const uuid = known.value.uuid ?? randomUUID();
  const xml = known.value.uuid === null ? read.value.replace('</name>', `</name>\n  <uuid>${uuid}</uuid>`) : read.value;
  const asked = vmAsked.safeParse({ kind: 'xml', uuid, xml });
  return asked.success ? ok(asked.data) : failed('too-large', { what: 'xml' });
}

interface Talk {
  readonly io: Io;
  readonly question: Question;
  readonly values: Values;
}

async function perform(bench: CliBench, asked: VmAsked, { io, question, values }: Talk): Promise<number> {
  const alone = await drawHalves(bench.bench, asked, null);
  if (!alone.ok) return vmProblem(io, alone.problem);
  const first = drawnOf(alone.value, bench.bench.hands, bench.facts);
  const host = hostHalf(first, values.with);
  if (!host.ok) return vmProblem(io, host.problem);
  const drawing = host.value === null ? alone : await drawHalves(bench.bench, asked, host.value);
  if (!drawing.ok) return vmProblem(io, drawing.problem);
  const drawn: VmDrawn = { ...first, review: drawing.value.review };
  if (values.json !== true) io.out(drawnText(io, drawn));
  const go = !drawn.review.nothingToDo && (values.yes === true || (values.json !== true && (await question(say(io.language, 'vm.ask')))));
  if (!go) {
    if (values.json === true) io.out(json({ done: false, drawn, run: null }));
    else if (!drawn.review.nothingToDo) io.out(`\n${say(io.language, 'vm.ask-yes')}\n`);
    return exits.ok;
  }
  const run = await runOf(bench, () => bench.changes.apply(bench.bench, { asked, host: host.value, approved: drawn.review.hash }));
  return told(run, { io, drawn, values });
}

/** The need that is to be done with it, by its code. */
function hostHalf({ needs }: VmDrawn, code: string | undefined): Result<Intent | null> {
  if (code === undefined) return ok(null);
  const known = vmNeedCodes.find((one) => one === code);
  const need = needs.find((one) => one.code === known);
  return need === undefined ? failed('not-found', { what: 'need' }) : ok(need.intent);
}

/** Starts it, and waits for its end. */
async function runOf({ bench, changes }: CliBench, start: () => Promise<Result<VmRun>>): Promise<Result<VmRun>> {
  const started = await start();
  if (!started.ok) return started;
  await changes.idle();
  return ok(changes.run(bench) ?? started.value);
}

function told(run: Result<VmRun>, { io, drawn, values }: { readonly io: Io; readonly drawn: VmDrawn | null; readonly values: Values }): number {
  if (!run.ok) return vmProblem(io, run.problem);
  if (values.json === true) io.out(json({ done: run.value.at === 'done' || run.value.at === 'undone', drawn, run: run.value }));
  else io.out(runText(io, run.value));
  if (run.value.problem !== null) return vmProblem(io, run.value.problem);
  return run.value.at === 'undo-incomplete' ? exits.internal : exits.ok;
}

const json = (body: { readonly done: boolean; readonly drawn: VmDrawn | null; readonly run: VmRun | null }): string => `${JSON.stringify({ schema: 1, kind: 'vm-change', ...body }, null, 2)}\n`;

async function undo(bench: CliBench, word: string, { io, question, values }: Talk): Promise<number> {
  const change = transactionId.safeParse(word);
  if (!change.success) return usage(io);
  const half = bench.bench.side.store.read(change.data);
  if (!half.ok) return vmProblem(io, half.problem);
  if (values.yes !== true && (values.json === true || !(await question(say(io.language, 'vm.ask-undo', { name: half.value.name }))))) {
    io.err(`${say(io.language, 'vm.ask-yes')}\n`);
    return exits.ok;
  }
  return told(await runOf(bench, () => bench.changes.undo(bench.bench, change.data)), { io, drawn: null, values });
}

/** Asks where a person sits; anything but yes is no. */
async function onTerminal(words: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^(?:y|yes|j|是|好)$/i.test((await terminal.question(`\n${words} `)).trim());
  } catch {
    return false;
  } finally {
    terminal.close();
  }
}
