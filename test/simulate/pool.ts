// SPDX-License-Identifier: GPL-3.0-or-later
import type { Intent } from '../../contract/plan';
import { probe } from '../../host/probe';
import { eyesOf } from '../../rehearsal/eyes';
import { rehearsalOf } from '../../rehearsal/machine';
import { powerOn } from '../../rehearsal/start';
import { wishes } from '../../rehearsal/wish';
import { buildWorld, worldOf, type Build } from '../../rehearsal/world';
import { corpusFacts, corpusNames } from '../rehearsal/corpus';

/** A machine that can be changed: its build, and what of it may be asked for. */
export interface Candidate {
  readonly name: string;
  readonly build: Build;
  readonly intents: readonly Intent[];
}

/** Completions of each recorded machine: the usual one, and two by seed. */
const completions: readonly (number | null)[] = [null, 11, 12];
const made = new Map<string, Candidate | null>();

/** A recorded machine in one of its completions; null where no plan can be drawn for it. Built once. */
export function candidate(name: string, completion: number): Candidate | null {
  const key = `${name} ${completion}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  const seed = completions[completion] ?? null;
  const world = buildWorld(corpusFacts(name), {}, seed);
  const started = powerOn(world);
  const rehearsal = rehearsalOf(world);
  const intents = started.at === 'up' ? wishes(probe(eyesOf(world, 0))).filter((intent) => {
    const plan = rehearsal.plan(intent);
    return plan.ok && plan.value.steps.length > 0;
  }) : [];
  const found = intents.length === 0 ? null : { name, build: world.build, intents };
  made.set(key, found);
  return found;
}

export const completionsOf = completions.length;

/** Every candidate there is, in a fixed order. `most` limits how many functions a machine may have. */
export function candidates(most = Infinity): readonly Candidate[] {
  return corpusNames.flatMap((name) => (corpusFacts(name).pci.functions.length > most ? [] : completions.flatMap((_, index) => candidate(name, index) ?? [])));
}

export const freshWorld = (build: Build, seed: number) => worldOf(build, seed);
