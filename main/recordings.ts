// SPDX-License-Identifier: GPL-3.0-or-later
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { HostFacts } from '../contract/facts';
import { failed, type Result } from '../contract/problem';
import type { Recording } from '../contract/target';
import { assess } from '../core/judge/assess';
import { readMachineFile } from '../core/read/machine-file';
import { machineName } from './machine-name';

export interface Recordings {
  list(): readonly Recording[];
  /** The recorded machine's file, as text and as facts. */
  open(recording: string): Result<{ readonly text: string; readonly facts: HostFacts }>;
}

/** The recorded machines that come with Switchyard: real ones, read with the same reader as a person's own file. */
export function openRecordings(folder: string): Recordings {
  const names = (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .sort();
  let listed: readonly Recording[] | undefined;
  const open: Recordings['open'] = (recording) => {
    if (!names.includes(recording)) return failed('not-found', { what: 'recording' });
    const text = readFileSync(path.join(folder, `${recording}.json`), 'utf8');
    const facts = readMachineFile(text);
    return facts.ok ? { ok: true, value: { text, facts: facts.value } } : facts;
  };
  const list = (): readonly Recording[] =>
    names.flatMap((recording) => {
      const opened = open(recording);
      return opened.ok ? [describe(recording, opened.value.facts)] : [];
    });
  return { open, list: () => (listed ??= list()) };
}

function describe(recording: string, facts: HostFacts): Recording {
  const gpus = assess(facts).cards.map((card) => card.name);
  return {
    recording,
    name: machineName(facts) ?? gpus.join(' + '),
    chassis: facts.machine.chassis.value,
    functions: facts.pci.functions.length,
    gpus,
  };
}
