// SPDX-License-Identifier: GPL-3.0-or-later
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostFacts } from '../../../contract/facts';
import type { AskOut } from '../../../contract/ui';
import { assess } from '../../../core/judge/assess';
import { readMachineFile } from '../../../core/read/machine-file';

export type Looked = AskOut<'machine.look'>;

const folder = join(import.meta.dirname, '../../corpus/machines');

/** A recorded machine as facts, by the number its file starts with. */
export function factsOf(number: string): HostFacts {
  const file = readdirSync(folder).find((name) => name.startsWith(`${number}-`));
  if (file === undefined) throw new Error(`no machine ${number}`);
  const facts = readMachineFile(readFileSync(join(folder, file), 'utf8'));
  if (!facts.ok) throw new Error(`${file}: ${facts.problem.code}`);
  return facts.value;
}

export const noon = '2026-11-22T12:00:00.000Z';

/** What `machine.look` answers for a recorded machine, judged by the real judge. */
export function lookOf(number: string, change: Partial<Looked> = {}): Looked {
  const facts = factsOf(number);
  const name = facts.machine.product.value ?? facts.machine.board.value;
  const entry = { machine: 'this', kind: 'this', name, opened: noon, of: null } as unknown as Looked['entry'];
  return { entry, looked: noon, facts, assessment: assess(facts), understood: [], parts: [], helper: { at: 'ready', version: '0.1.0' }, ...change };
}
