// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../contract/facts';
import { failed, ok, type Result } from '../contract/problem';
import type { Understood } from '../contract/target';
import { readDump } from '../core/read/dump';
import { readMachineFile } from '../core/read/machine-file';

/** What a pasted or dropped text was understood as. */
export interface Paste {
  readonly text: string;
  readonly facts: HostFacts;
  readonly understood: readonly Understood[];
}

/** A machine file when the text is one JSON object, else the outputs people paste. */
export function readPaste(text: string): Result<Paste> {
  if (text.trim() === '') return failed('bad-input', { why: 'nothing-recognised' });
  if (text.trimStart().startsWith('{')) {
    const facts = readMachineFile(text);
    return facts.ok ? ok({ text, facts: facts.value, understood: [{ what: 'machine-file', count: facts.value.pci.functions.length }] }) : facts;
  }
  const dump = readDump(text);
  if (!dump.ok) return dump;
  const { kinds, notUnderstood } = dump.value.understood;
  const lost = notUnderstood > 0 ? [{ what: 'not-understood', count: notUnderstood }] : [];
  return ok({ text, facts: dump.value.facts, understood: [...kinds, ...lost] });
}
