// SPDX-License-Identifier: GPL-3.0-or-later
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostFacts } from '../../contract/facts';
import { readMachineFile } from '../../core/read/machine-file';

const folder = join(import.meta.dirname, '../corpus/machines');

/** Recorded machines by name, in the order of their names. */
export const corpusNames: readonly string[] = readdirSync(folder).filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -5)).sort();

const read = new Map<string, HostFacts>();
export function corpusFacts(name: string): HostFacts {
  const known = read.get(name);
  if (known !== undefined) return known;
  const facts = readMachineFile(readFileSync(join(folder, `${name}.json`), 'utf8'));
  if (!facts.ok) throw new Error(`${name}: ${JSON.stringify(facts.problem)}`);
  read.set(name, facts.value);
  return facts.value;
}
