// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import { assess } from '../../../core/judge/assess';
import { compare } from './compare';
import { corpus, factsOf } from './corpus';

describe('x', () => {
  test('y', () => {
    const rows = corpus.flatMap((machine) => compare(assess(factsOf(machine.text)).verdict, machine.expected).map((row) => ({ ...row, machine: machine.id })));
    for (const row of rows.filter((r) => !r.agrees)) console.log(row.machine, row.field, row.hurts ? 'HURTS' : '', '\n   got', row.got, '\n  want', row.wanted);
    console.log(rows.length, rows.filter((r) => r.agrees).length / rows.length);
    expect(rows.length).toBeGreaterThan(0);
  });
});
