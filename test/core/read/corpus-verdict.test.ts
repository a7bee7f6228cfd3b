// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import type { HostFacts } from '../../../contract/facts';
import { judge } from '../../../core/judge/verdict';
import { readDump } from '../../../core/read/dump';
import { readMachineFile } from '../../../core/read/machine-file';
import { corpusMachines } from '../../corpus-text/machine-json';
import { renderMachine, styles } from '../../corpus-text/render';

const machines = corpusMachines();

/** The answers of a verdict without its reasons and names: evidence names other places, and a log prints no names. */
function answers(facts: HostFacts): unknown {
  return JSON.parse(
    JSON.stringify(judge(facts).verdict, (key, value: unknown) =>
      key === 'reason' || key === 'name' ? undefined : value,
    ),
  );
}

describe.each(styles)('a machine pasted as %s', (style) => {
  test.each(machines.map((machine) => machine.name))('%s gets the verdict of its file', (name) => {
    const found = machines.find((machine) => machine.name === name)!;
    const file = readMachineFile(found.json);
    const text = readDump(renderMachine(found.machine, style, 11));
    if (!file.ok || !text.ok) throw new Error('not read');
    expect(answers(text.value.facts)).toEqual(answers(file.value));
  });
});
