// SPDX-License-Identifier: GPL-3.0-or-later
import type { Intent } from '../../contract/plan';
import { faultKinds, faultsOf, type DueFault, type FaultKind } from '../../rehearsal/faults';
import { makeRandom, type Random } from '../../rehearsal/random';
import type { Quirk } from '../../rehearsal/world';
import { completionsOf, machineOf, type Machine } from './pool';
import { Astray, beatsOf, needsTrial, offerOf, stageOf, type Beat, type Offer, type Stage, type StageAt } from './stage';
import type { Verb } from './verb';
import { isPoint, weights } from './wants';

/** What one run is made of; the seed alone decides, unless a test says where the fault is. */
export interface Walk {
  readonly seed: number;
  readonly candidate: Machine;
  /** What was kept before, oldest first, and last what this walk is about. */
  readonly intents: readonly Intent[];
  /** Where in the life of the machine the walk begins. */
  readonly from: StageAt;
  readonly first: Verb;
  /** Number of the operation, counted from where the walk begins -> what happens there. */
  readonly at: ReadonlyMap<number, FaultKind>;
  /** Faults that follow the first, wherever they fall. */
  readonly due: readonly DueFault[];
  readonly looks: ReadonlySet<number>;
  /** Number of the operation during which somebody starts a second helper; null: nobody does. */
  readonly second: number | null;
  readonly answer: 'keep' | 'none' | 'go-back';
  readonly undoes: boolean;
  readonly quirk: Quirk;
  /** Somebody changes a file between the person's reading and root's looking. */
  readonly editsFirst: boolean;
}

const kinds: readonly [FaultKind, ...FaultKind[]] = faultKinds;

/** Where a verb can begin: the weight says how often. */
const beginnings: readonly { readonly from: StageAt; readonly verb: Verb; readonly weight: number }[] = [
  { from: 'ready', verb: 'apply', weight: 54 },
  { from: 'prepared', verb: 'go-back', weight: 6 },
  { from: 'prepared', verb: 'undo-last', weight: 2 },
  { from: 'prepared', verb: 'restart', weight: 2 },
  { from: 'trial', verb: 'keep', weight: 84 },
  { from: 'trial', verb: 'go-back', weight: 5 },
  { from: 'trial', verb: 'restart', weight: 3 },
  { from: 'kept', verb: 'undo', weight: 22 },
  { from: 'kept', verb: 'undo-last', weight: 3 },
  { from: 'kept', verb: 'restart', weight: 2 },
];

/** Draws a run from its seed. */
export async function walkOf(seed: number, machines: readonly string[]): Promise<Walk> {
  const random = makeRandom(seed);
  const { machine, intents } = await drawWants(seed, random, machines);
  const tried = await needsTrial(machine, intents);
  // A point changes nothing: there is nothing of it to undo.
  const last = intents.at(-1);
  const empty = last !== undefined && isPoint(last);
  const able = beginnings.filter((one) => (tried || one.from === 'ready' || one.from === 'kept') && !(empty && one.verb.startsWith('undo')));
  const { from, verb } = able[heavy(random, able.map(({ weight }) => weight))] ?? { from: 'ready', verb: 'apply' };
  const stage = await stageOf(machine, from === 'ready' ? intents.slice(0, -1) : intents, from);
  const offer = from !== 'ready' ? null : offerOf(stage, intents);
  const at = new Map<number, FaultKind>();
  const faulted = !random.chance(0.03);
  if (faulted) {
    const [number, kind] = drawFault(random, await beatsOf(stage, verb, offer), verb);
    at.set(number, kind);
  }
  const due = faulted ? drawMore(random, Math.max(0, ...at.keys()), verb) : [];
  return {
    seed,
    candidate: machine,
    intents,
    from,
    first: verb,
    at,
    due,
    looks: new Set(random.chance(0.03) ? [random.below(4000)] : []),
    second: random.chance(0.05) ? 1 + random.below(400) : null,
    answer: random.pick(['keep', 'keep', 'none', 'go-back']),
    undoes: random.chance(0.5) && !empty,
    quirk: intents.length === 1 && (from === 'ready' || from === 'prepared') && random.chance(0.12) ? random.pick(['panics-when-bound', 'hangs-when-bound']) : 'none',
    editsFirst: random.chance(0.03),
  };
}

/** Neighbouring seeds meet one machine with one of a few histories: to get it there costs as much as ten walks. */
const neighbours = 128;
const histories = 3;

/** A machine completed by the seed with what is wanted of it, drawn again until something can be planned. */
async function drawWants(seed: number, random: Random, machines: readonly string[]): Promise<{ readonly machine: Machine; readonly intents: readonly Intent[] }> {
  const neighbourhood = Math.floor(seed / neighbours);
  const place = makeRandom(neighbourhood ^ 0x51ce);
  for (let drawn = 0; drawn < 500; drawn++) {
    const machine = machineOf(machines[place.below(machines.length)] ?? '', place.below(completionsOf));
    const intents = machine === null ? [] : await drawIntents(random, machine, neighbourhood);
    if (machine !== null && intents.length > 0) return { machine, intents };
  }
  throw new Error('no machine that anything can be planned for');
}

/** Mostly one change; now and then one on top of others that were kept. */
async function drawIntents(random: Random, from: Machine, neighbourhood: number): Promise<readonly Intent[]> {
  const below = random.chance(0.5) ? 0 : random.chance(0.8) ? 1 : 2;
  const history = makeRandom((neighbourhood * histories + random.below(histories)) ^ 0x41d5);
  // A walk about a point alone changes nothing: seldom the last thing wanted, but what a later restore goes back to.
  const changes = !random.chance(0.03);
  const intents: Intent[] = [];
  while (intents.length <= below) {
    const isLast = intents.length === below;
    const next = await drawOffer(isLast ? random : history, await stageOf(from, intents, 'ready'), (intent) => !(isLast && changes && isPoint(intent)));
    if (next === null) break;
    intents.push(next.intent);
  }
  return intents;
}

/** A kind first, then one of that kind; a kind that is always refused here makes way for another. */
async function drawOffer(random: Random, stage: Stage, isWanted: (intent: Intent) => boolean): Promise<Offer | null> {
  const wants = stage.wants().filter(isWanted);
  const names = [...new Set(wants.map(({ kind }) => kind))];
  while (names.length > 0) {
    const name = names[heavy(random, names.map((one) => weights[one]))] ?? 'dedicate';
    const same = wants.filter(({ kind }) => kind === name);
    while (same.length > 0) {
      const [wanted] = same.splice(random.below(same.length), 1);
      const offer = wanted === undefined ? null : stage.draw(wanted);
      if (offer !== null && ((wanted?.kind !== 'move-now' && wanted?.kind !== 'save-vm') || (await canBeHad(stage, offer)))) return offer;
    }
    names.splice(names.indexOf(name), 1);
  }
  return null;
}

/** A driver may refuse a card that every look says it could have: that is found out by doing, said and undone, and no walk begins there. */
async function canBeHad(stage: Stage, { intent }: Offer): Promise<boolean> {
  try {
    await stageOf(stage.candidate, [...stage.below.map((one) => one.intent), intent], 'kept');
    return true;
  } catch (error) {
    if (error instanceof Astray) return false;
    throw error;
  }
}

/** An index, as often as its weight says. */
function heavy(random: Random, of: readonly number[]): number {
  let left = random.below(of.reduce((sum, one) => sum + one, 0));
  return Math.max(0, of.findIndex((one) => (left -= one) < 0));
}

/** What only some operations can meet waits for one of them, and is wanted oftener. */
const following: readonly [FaultKind, ...FaultKind[]] = [...kinds, 'half', 'lies'];

/** One accident seldom comes alone: most follow soon, in the undo that the first began. What a keep took away only such an undo puts back. */
function drawMore(random: Random, after: number, verb: Verb): readonly DueFault[] {
  const due: DueFault[] = [];
  for (let from = after; due.length < 3 && random.chance(verb === 'keep' ? 0.75 : 0.45); ) {
    from += 1 + random.below(random.chance(0.7) ? 40 : 250);
    due.push({ from, kind: random.pick(following) });
  }
  return due;
}

/** One of these operations: which one first by its name, so that the one program of a step is met as often as the many files of the store around it. */
function oneOf(random: Random, places: readonly number[], nameOf: (number: number) => string): number {
  const byName = new Map<string, number[]>();
  for (const number of places) byName.set(nameOf(number), [...(byName.get(nameOf(number)) ?? []), number]);
  const names = [...byName.keys()];
  const same = byName.get(names[heavy(random, names.map((name) => (name.startsWith('start ') || name === 'writeNode' ? 4 : 1)))] ?? '') ?? [];
  return same[random.below(same.length)] ?? 0;
}

/** Kinds of step that few plans have, and how much oftener a walk that has one looks for its fault there. */
const rare: Readonly<Record<string, number>> = { 'put-one-shot': 140, 'drop-early-bind': 14, 'put-back': 13, tmpfiles: 6, 'unit-drop-in': 6, 'apparmor-rule': 6, limits: 6, 'modprobe-config': 5, 'modules-load': 5, 'early-bind': 4, 'drop-trial-image': 4, sysctl: 4, 'default-image': 3, autostart: 3, 'move-device': 3, 'boot-config': 3, 'kernel-args': 3, 'drop-trial-entry': 3, 'udev-rule': 2, 'trial-image': 2, 'huge-pages': 2, 'trial-config': 2, 'libvirt-hook': 2, 'hook-table': 2 };
/** What is undone is met a second time by accidents that follow the first. */
const phases: Readonly<Record<string, number>> = { checking: 2, changing: 2, verifying: 2, undoing: 1, undone: 1 };

/** How often a fault falls between the steps of a verb: oftener where the verb itself is seldom. */
const betweenSteps: Readonly<Record<Verb, number>> = { apply: 0.02, restart: 0.02, keep: 0.03, undo: 0.03, 'undo-last': 0.05, 'go-back': 0.3 };

function weightOf(name: string): number {
  const [step = '', phase = ''] = name.split(' ');
  return (rare[step] ?? 1) * (phases[phase] ?? 2);
}

/** A step's phase first, then what happens there, then an operation it can happen to: so that rare cells are met as often as common ones. */
function drawFault(random: Random, beats: readonly Beat[], verb: Verb): readonly [number, FaultKind] {
  const cells = new Map<string, number[]>();
  beats.forEach((beat, index) => {
    const key = `${beat.step} ${beat.phase}`;
    const numbers = cells.get(key);
    if (numbers === undefined) cells.set(key, [index]);
    else numbers.push(index);
  });
  const names = [...cells.keys()];
  const inSteps = names.filter((name) => !name.startsWith('- '));
  const outside = names.filter((name) => name.startsWith('- '));
  const from = inSteps.length === 0 || (outside.length > 0 && random.chance(betweenSteps[verb])) ? outside : inSteps;
  const name = from[heavy(random, from.map(weightOf))] ?? '';
  const numbers = cells.get(name) ?? [];
  const able = faultKinds.filter((kind) => numbers.some((number) => faultsOf(beats[number]?.name ?? '').includes(kind)));
  const kind = able[random.below(able.length)] ?? 'fails';
  const places = numbers.filter((number) => faultsOf(beats[number]?.name ?? '').includes(kind));
  return [oneOf(random, places, (number) => beats[number]?.name ?? '') + 1, kind];
}
