// SPDX-License-Identifier: GPL-3.0-or-later
import type { TransactionId } from '../../contract/history';
import type { Intent, Plan, PlanHash } from '../../contract/plan';
import type { Result } from '../../contract/problem';
import type { Outcome, Progress } from '../../contract/progress';
import { hashOf } from '../../helper/draw';
import { keep } from '../../helper/keep';
import { probe } from '../../host/probe';
import { forkDisk } from '../../rehearsal/disk';
import { forkRunning } from '../../rehearsal/fork';
import { rehearsalOf } from '../../rehearsal/machine';
import { find } from '../../rehearsal/files';
import { flushAll } from '../../rehearsal/flush';
import { plantVm } from '../../rehearsal/libvirt-state';
import { worldOf, type World } from '../../rehearsal/world';
import type { Machine } from './pool';
import { doVerb, type Verb } from './verb';
import { guest, isPoint, wantsOf } from './wants';

/** A change of a machine, as the person asked for it. */
export interface Change {
  readonly intent: Intent;
  readonly plan: Plan;
  readonly approved: PlanHash;
  readonly transaction: TransactionId;
}

/** *ready*: nothing waits; *prepared*: applied; *trial*: started once with it; *kept*: answered, and not yet restarted. */
export const stages = ['ready', 'prepared', 'trial', 'kept'] as const;
export type StageAt = (typeof stages)[number];

/** A machine at a point of a life without faults. Many walks begin at it, each on a fork of its own. */
export interface Stage {
  readonly at: StageAt;
  readonly candidate: Machine;
  /** Kept changes, oldest first. */
  readonly below: readonly Change[];
  /** The change under way; null at *ready*. */
  readonly change: Change | null;
  readonly world: World;
  /** What could be asked for here. */
  readonly wants: () => readonly Intent[];
  /** The plan a person would read; null: refused, or nothing to do. */
  readonly draw: (intent: Intent) => Offer | null;
}

export interface Offer {
  readonly intent: Intent;
  readonly plan: Plan;
  readonly approved: PlanHash;
}

/** One operation of a verb that meets no fault: in which step and phase, and what it is. */
export interface Beat {
  readonly step: string;
  readonly phase: string;
  readonly name: string;
}

/** Something a machine without any fault did not do as it must. */
export class Astray extends Error {}

/** A store without bounds would outgrow memory in a long run; what was dropped is made again, the same. */
const mostStages = 1500;
const made = new Map<string, Promise<Stage>>();

/** The stage of a machine after these changes were kept, and one more has come as far as `at`. Made once. */
export function stageOf(candidate: Machine, intents: readonly Intent[], at: StageAt): Promise<Stage> {
  const key = `${candidate.name} ${candidate.completion} ${at} ${JSON.stringify(intents)}`;
  let stage = made.get(key);
  if (stage === undefined) {
    if (made.size >= mostStages) made.clear();
    stage = makeStage(candidate, intents, at);
    made.set(key, stage);
  }
  return stage;
}

async function makeStage(candidate: Machine, intents: readonly Intent[], at: StageAt): Promise<Stage> {
  switch (at) {
    case 'ready':
      return intents.length === 0 ? fresh(candidate) : settled(await stageOf(candidate, intents, 'kept'));
    case 'prepared':
      return applied(candidate, intents, 'waiting-for-restart');
    case 'trial':
      return tried(await stageOf(candidate, intents, 'prepared'));
    case 'kept':
      return (await needsTrial(candidate, intents)) ? kept(await stageOf(candidate, intents, 'trial')) : applied(candidate, intents, 'kept');
    default:
      return at satisfies never;
  }
}

/** Whether the last of these changes is tried once before it is kept. */
export async function needsTrial(candidate: Machine, intents: readonly Intent[]): Promise<boolean> {
  return offerOf(await stageOf(candidate, intents.slice(0, -1), 'ready'), intents).plan.needsRestart;
}

/** What is asked for last, as it can be had here. */
export function offerOf(ready: Stage, intents: readonly Intent[]): Offer {
  const wanted = intents.at(-1);
  const offer = wanted === undefined ? null : ready.draw(wanted);
  if (offer === null) throw new Error('not on offer');
  return offer;
}

async function fresh(candidate: Machine): Promise<Stage> {
  const world = worldOf(candidate.build, 1);
  world.remembers = true;
  if (find(world.disk, '/usr/bin/virsh') !== null) plantVm(world.disk, guest);
  const boot = await rehearsalOf(world).start();
  if (boot.started.at !== 'up') throw new Astray(`it does not start: ${boot.started.why}`);
  return stageAt(candidate, { at: 'ready', below: [], change: null, world });
}

async function applied(candidate: Machine, intents: readonly Intent[], state: 'waiting-for-restart' | 'kept'): Promise<Stage> {
  const ready = await stageOf(candidate, intents.slice(0, -1), 'ready');
  const offer = offerOf(ready, intents);
  const world = forkRunning(ready.world, intents.length);
  const answer = await doVerb({ rehearsal: rehearsalOf(world), listener: {} }, 'apply', { offer, change: null });
  return stageAt(candidate, { at: state === 'kept' ? 'kept' : 'prepared', below: ready.below, change: { ...offer, transaction: nameOf(answer, state) }, world });
}

async function tried(from: Stage): Promise<Stage> {
  const world = forkRunning(from.world, 2);
  const boot = await rehearsalOf(world).restart();
  if (boot.started.at !== 'up' || boot.started.entry !== 'switchyard-trial') throw new Astray('the trial does not start');
  return stageAt(from.candidate, { ...from, at: 'trial', world });
}

async function kept(from: Stage): Promise<Stage> {
  const world = forkRunning(from.world, 3);
  if (from.change === null) throw new Error('nothing to keep');
  nameOf(await keep(rehearsalOf(world).desk(), from.change), 'kept');
  return stageAt(from.candidate, { ...from, at: 'kept', world });
}

/** Kept, and started until nothing waits any more. */
async function settled(from: Stage): Promise<Stage> {
  const world = forkRunning(from.world, 4);
  if (from.change?.intent.kind === 'save-vm') guestRan(world);
  const rehearsal = rehearsalOf(world);
  for (let starts = 0; rehearsal.waits(); starts++) {
    if (starts === 3) throw new Astray('a kept change still waits after three starts');
    await rehearsal.restart();
  }
  return stageAt(from.candidate, { at: 'ready', below: from.change === null ? from.below : [...from.below, from.change], change: null, world });
}

/** Between a point that holds its state and whatever comes next the VM was used. */
function guestRan({ disk }: World): void {
  plantVm(disk, { ...guest, nvram: 'variables of now', tpm: 'keys of now' });
  flushAll(disk);
}

function nameOf(result: Result<Outcome> | null, state: string): TransactionId {
  if (result?.ok !== true || result.value.state !== state || result.value.transaction === null) throw new Astray(`without a fault: ${JSON.stringify(result)}`);
  return result.value.transaction;
}

function stageAt(candidate: Machine, of: Pick<Stage, 'at' | 'below' | 'change' | 'world'>): Stage {
  // Forks of it share everything at once, and pay only for what they change.
  of.world.disk = forkDisk(of.world.disk);
  let wants: readonly Intent[] | null = null;
  const drawn = new Map<string, Offer | null>();
  return {
    at: of.at,
    below: of.below,
    change: of.change,
    world: of.world,
    candidate,
    wants: () => (wants ??= wantsOf(probe(rehearsalOf(of.world).eyes(0)), of.below.map((one) => one.transaction))),
    draw(intent) {
      const key = JSON.stringify(intent);
      const known = drawn.get(key);
      if (known !== undefined) return known;
      const plan = rehearsalOf(of.world).plan(intent);
      const offer = plan.ok && (plan.value.steps.length > 0 || isPoint(intent)) ? { intent, plan: plan.value, approved: hashOf(plan.value) } : null;
      drawn.set(key, offer);
      return offer;
    },
  };
}

const scripts = new WeakMap<Stage, Map<string, readonly Beat[]>>();

/** What a verb does from here, operation by operation, while it meets no fault. Run once. */
export async function beatsOf(stage: Stage, verb: Verb, offer: Offer | null): Promise<readonly Beat[]> {
  const known = scripts.get(stage) ?? new Map<string, readonly Beat[]>();
  scripts.set(stage, known);
  const key = `${verb} ${JSON.stringify(offer?.intent ?? null)}`;
  const again = known.get(key);
  if (again !== undefined) return again;
  const beats: Beat[] = [];
  const world = forkRunning(stage.world, 5);
  const change = subjectOf(stage);
  const where = whereOf(verb, offer?.plan ?? change?.plan ?? null);
  world.faults.onOperation = ({ name }) => beats.push({ ...where.now(), name });
  const answer = await doVerb({ rehearsal: rehearsalOf(world), listener: { progress: (line) => { where.listen(line); } } }, verb, { offer, change });
  if (answer !== null && !answer.ok) throw new Astray(`${stage.candidate.name} (${stage.candidate.completion}) ${JSON.stringify(offer?.intent ?? change?.intent)}: ${verb} without a fault: ${JSON.stringify(answer.problem)}`);
  known.set(key, beats);
  return beats;
}

/** The change a verb other than apply is about: the one under way, else the one kept last. */
export const subjectOf = (stage: Stage): Change | null => stage.change ?? stage.below.at(-1) ?? null;

/** Follows root's progress: in which step of the plan and phase an operation falls; outside every step the verb is the phase. */
export function whereOf(verb: string, plan: Plan | null): { listen(line: Progress): void; now(): { step: string; phase: string; id: string }; heard(): number } {
  let heard = 0;
  let now = { step: '-', phase: verb, id: '-' };
  return {
    now: () => now,
    heard: () => heard,
    listen({ stepId, phase }) {
      heard += 1;
      const step = plan?.steps.find((one) => one.id === stepId)?.kind;
      now = step === undefined || phase === 'verified' ? { step: '-', phase: verb, id: '-' } : { step, phase: phase === 'left' ? 'undone' : phase, id: stepId ?? '-' };
    },
  };
}
