// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import type { HostFacts } from '../../../contract/facts';
import { assess } from '../../../core/judge/assess';
import { readDump } from '../../../core/read/dump';
import { corpusMachines } from '../../corpus-text/machine-json';
import { renderMachine, styles } from '../../corpus-text/render';
import { compare, type Compared } from './compare';
import { corpus, factsOf, type CorpusMachine } from './corpus';
import { exceptions } from './exceptions';

interface Row extends Compared {
  readonly machine: string;
}

const rowsOf = (machine: CorpusMachine, facts: HostFacts): Row[] => compare(assess(facts).verdict, machine.expected).map((row) => ({ ...row, machine: machine.id }));
const isExcused = (row: Row): boolean => exceptions.some((one) => one.machine === row.machine && one.fields.includes(row.field));
const told = (rows: readonly Row[]): string[] => rows.map((row) => `${row.machine} ${row.field}: got ${row.got}, wanted ${row.wanted}`);

function measure(name: string, rows: readonly Row[]): void {
  const share = rows.filter((row) => row.agrees).length / rows.length;
  console.log(`${name}: ${(share * 100).toFixed(2)} % of ${String(rows.length)} fields agree with the experts`);
  expect(share, told(rows.filter((row) => !row.agrees)).join('\n')).toBeGreaterThanOrEqual(0.97);
  expect(told(rows.filter((row) => !row.agrees && row.hurts && !isExcused(row)))).toEqual([]);
  expect(told(rows.filter((row) => !row.agrees && !isExcused(row)))).toEqual([]);
}

describe('the recorded machines', () => {
  test('47 machines are there, and each names at least one display device or none at all', () => {
    expect(corpus).toHaveLength(47);
  });

  test('a machine file gets the experts’ verdict', () => {
    measure(
      'machine files',
      corpus.flatMap((machine) => rowsOf(machine, factsOf(machine.text))),
    );
  });

  test.each(styles)('text pasted as %s gets the experts’ verdict', (style) => {
    const machines = corpusMachines();
    const rows = corpus.flatMap((machine) => {
      const source = machines.find((one) => machine.file.startsWith(one.name.replace(/\.json$/, '')));
      if (source === undefined) throw new Error(`no text for ${machine.file}`);
      const read = readDump(renderMachine(source.machine, style, 5));
      if (!read.ok) throw new Error(JSON.stringify(read.problem));
      return rowsOf(machine, read.value.facts);
    });
    measure(`text as ${style}`, rows);
  });

  test('an exception is still needed, and its evidence is in the machine’s own file', () => {
    for (const one of exceptions) {
      const machine = corpus.find((candidate) => candidate.id === one.machine);
      if (machine === undefined) throw new Error(`no machine ${one.machine}`);
      const rows = rowsOf(machine, factsOf(machine.text));
      for (const field of one.fields) expect(rows.find((row) => row.field === field)?.agrees, `${one.machine} ${field}`).toBe(false);
      for (const line of one.evidence) expect(machine.text, `${one.machine}: ${line}`).toContain(line);
    }
  });
});
