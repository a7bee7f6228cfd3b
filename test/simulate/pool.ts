// SPDX-License-Identifier: GPL-3.0-or-later
import type { Intent } from '../../contract/plan';
import { probe } from '../../host/probe';
import { eyesOf } from '../../rehearsal/eyes';
import { rehearsalOf } from '../../rehearsal/machine';
import { powerOn } from '../../rehearsal/start';
import { wishes } from '../../rehearsal/wish';
import { buildWorld, type Build } from '../../rehearsal/world';
import { corpusFacts, corpusNames } from '../rehearsal/corpus';

/** A recorded machine, complete. */
export interface Machine {
  readonly name: string;
  /** Which of its completions this is. */
  readonly completion: number;
  readonly build: Build;
}

/** A machine that can be changed: its build, and what of it may be asked for. */
export interface Candidate extends Machine {
  readonly intents: readonly Intent[];
}

/** Completions of each recorded machine: the usual one, and others by seed. */
const completions: readonly (number | null)[] = [null, 11, 12, 13, 14, 15];
const made = new Map<string, Candidate | null>();

/** A recorded machine in one of its completions; null where no plan can be drawn for it. Built once. */
export function candidate(name: string, completion: number): Candidate | null {
  const key = `${name} ${completion}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  const world = buildWorld(corpusFacts(name), {}, completions[completion] ?? null);
  const started = powerOn(world);
  const rehearsal = rehearsalOf(world);
  const intents = started.at === 'up' ? wishes(probe(eyesOf(world, 0))).filter((intent) => {
    const plan = rehearsal.plan(intent);
    return plan.ok && plan.value.steps.length > 0;
  }) : [];
  const found = intents.length === 0 ? null : { name, completion, build: world.build, intents };
  made.set(key, found);
  return found;
}

export const completionsOf = completions.length;

/** A recorded machine in one of its completions, whether or not anything can be planned for it; null where it does not start. Built once. */
export function machineOf(name: string, completion: number): Machine | null {
  const key = `${name} ${completion}`;
  const known = machines.get(key);
  if (known !== undefined) return known;
  const world = buildWorld(corpusFacts(name), {}, completions[completion] ?? null);
  const found = powerOn(world).at === 'up' ? { name, completion, build: world.build } : null;
  machines.set(key, found);
  return found;
}
const machines = new Map<string, Machine | null>();

/** Recorded machines a walk may draw from. `most` limits how many functions a machine may have. */
export const machinesUpTo = (most: number): readonly string[] => corpusNames.filter((name) => corpusFacts(name).pci.functions.length <= most);
