// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../contract/facts';
import { ok, type Result } from '../contract/problem';
import { machineId, type MachineEntry, type MachineId } from '../contract/target';
import { packageVersion } from '../contract/version';
import { assess } from '../core/judge/assess';
import { liveMachine } from '../host/live';
import { probe } from '../host/probe';
import { openRehearsal, type Rehearsal } from '../rehearsal/machine';
import { isPartName, type Choices } from '../rehearsal/parts';
import { handsHere } from './hands-here';
import { handsOfRehearsal } from './hands-rehearsal';
import { helperPlace } from './helper-client';
import { helperStateHere } from './helper-state';
import { machineName } from './machine-name';
import type { Paste } from './paste';
import type { Looked, Target } from './target';

type Clock = () => number;
const lookedAt = (facts: HostFacts, at: number): Looked => ({ at, facts, assessment: assess(facts) });
const opened = (clock: Clock): string => new Date(clock()).toISOString();

/** The computer Switchyard runs on. */
export function hereTarget(clock: Clock): Target {
  const machine = liveMachine();
  let entry: MachineEntry = { machine: machineId.parse('this'), kind: 'this', name: null, opened: opened(clock), of: null };
  return {
    get entry() {
      return entry;
    },
    understood: [],
    parts: [],
    look() {
      const facts = probe(machine);
      entry = { ...entry, name: machineName(facts) };
      return lookedAt(facts, clock());
    },
    helper: () => helperStateHere(),
    hands: handsHere(machine, helperPlace(packageVersion)),
  };
}

/** A pasted or dropped text: it can be looked at and rehearsed, never changed. */
export function dumpTarget(clock: Clock, machine: MachineId, paste: Paste & { readonly name: string | null }): Target {
  const entry: MachineEntry = { machine, kind: 'dump', name: paste.name ?? machineName(paste.facts), opened: opened(clock), of: null };
  return { entry, understood: paste.understood, parts: [], look: () => lookedAt(paste.facts, clock()), helper: () => helperStateHere(), hands: null };
}

/** What a rehearsal is built from. */
export interface RehearsalSource {
  readonly facts: HostFacts;
  /** How the window names where it comes from: a recording or a machine. */
  readonly of: string;
  readonly name: string | null;
  readonly choices: Readonly<Record<string, string>>;
}

/** A machine of memory: looked at with the real probe, changed with the helper's own code in this process. */
export function rehearsalTarget(clock: Clock, machine: MachineId, { facts, of, name, choices }: RehearsalSource): Result<Target> {
  const rehearsal: Rehearsal = openRehearsal(facts, partChoices(choices), null);
  const target: Target = {
    entry: { machine, kind: 'rehearsal', name, opened: opened(clock), of },
    understood: [],
    parts: rehearsal.parts.map((part) => ({ ...part, options: [...part.options] })),
    look: () => lookedAt(asFarAsRecorded(probe(rehearsal.eyes()), facts), clock()),
    helper: () => ({ at: 'ready', version: packageVersion }),
    hands: handsOfRehearsal(rehearsal),
  };
  return ok(target);
}

/**
 * A machine of memory has to hang its devices somewhere. Where the record does not say how they hang together, what was
 * made up for it is not shown or judged as if it had been seen.
 */
function asFarAsRecorded(facts: HostFacts, record: HostFacts): HostFacts {
  const open = new Set(record.pci.functions.filter((one) => one.unknown.includes('topology')).map((one) => one.address));
  if (open.size === 0) return facts;
  const functions = facts.pci.functions.map((one): typeof one => (open.has(one.address) ? { ...one, upstream: [], unknown: [...one.unknown, 'topology'] } : one));
  return { ...facts, pci: { ...facts.pci, functions } };
}

const partChoices = (wished: Readonly<Record<string, string>>): Choices => Object.fromEntries(Object.entries(wished).filter(([part]) => isPartName(part)));
