// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import { runSteps } from '../../helper/engine';
import { listMachine, steps, type Fault, type Spot } from './list-machine';

const forward: readonly Spot[] = ['save', 'note-begun', 'perform', 'verify', 'note-verified'];
const faults: readonly Fault[] = ['refuse', 'throw'];
const table = steps.flatMap((step) => forward.flatMap((spot) => faults.map((fault) => ({ step: step.id, spot, fault }))));

describe('running steps', () => {
  test('saves, journals, performs, looks again and journals, step by step and in that order', async () => {
    const machine = listMachine([]);
    expect(await runSteps(machine.world, steps)).toEqual({ ok: true, value: undefined });
    expect(machine.diary).toEqual(steps.flatMap(({ id }) => [`save ${id}`, `begun ${id}`, `perform ${id}`, `verify ${id}`, `verified ${id}`]));
    expect(machine.stands).toEqual(['one', 'two', 'three']);
  });

  test.each(table)('leaves nothing standing when $spot of $step meets a $fault', async (trouble) => {
    const machine = listMachine([trouble]);
    const result = await runSteps(machine.world, steps);
    expect(result.ok).toBe(false);
    expect(!result.ok && result.problem.code).toBe('step-failed');
    expect(!result.ok && result.problem.stepId).toBe(trouble.step);
    expect(machine.stands).toEqual([]);
  });

  test.each(table.filter(({ spot }) => spot === 'perform'))('takes back what a performing of $step had done before its $fault', async (trouble) => {
    const machine = listMachine([{ ...trouble, after: true }]);
    await runSteps(machine.world, steps);
    expect(machine.stands).toEqual([]);
  });

  test('performs nothing of a step whose snapshot or journal line failed', async () => {
    for (const spot of ['save', 'note-begun'] as const) {
      const machine = listMachine([{ spot, step: 'two', fault: 'refuse' }]);
      await runSteps(machine.world, steps);
      expect(machine.diary).not.toContain('perform two');
    }
  });

  test('undoes newest first and tells every begun step', async () => {
    const machine = listMachine([{ spot: 'verify', step: 'three', fault: 'refuse' }]);
    await runSteps(machine.world, steps);
    expect(machine.diary.filter((line) => line.startsWith('put back'))).toEqual(['put back three', 'put back two', 'put back one']);
    expect(machine.undone).toEqual(['three', 'two', 'one']);
  });

  test.each([0, 1, 2, 3])('a stop before step %i of 3, or after the last, puts everything back and says cancelled', async (at) => {
    const machine = listMachine([], at);
    const result = await runSteps(machine.world, steps);
    expect(!result.ok && result.problem.code).toBe('cancelled');
    expect(machine.stands).toEqual([]);
    expect(machine.diary.filter((line) => line.startsWith('perform'))).toHaveLength(at);
  });

  test.each(steps.flatMap(({ id }) => faults.map((fault) => ({ id, fault }))))('gives every other step its turn when putting $id back meets a $fault, and names it', async ({ id, fault }) => {
    const machine = listMachine([
      { spot: 'verify', step: 'three', fault: 'refuse' },
      { spot: 'putBack', step: id, fault },
    ]);
    const result = await runSteps(machine.world, steps);
    expect(result).toMatchObject({ ok: false, problem: { code: 'undo-incomplete', detail: { left: id, cause: 'step-failed' } } });
    expect(machine.stands).toEqual([id]);
    expect(machine.left).toEqual([id]);
  });

  test('two steps that cannot be put back are both named', async () => {
    const machine = listMachine([
      { spot: 'perform', step: 'three', fault: 'throw', after: true },
      { spot: 'putBack', step: 'one', fault: 'throw' },
      { spot: 'putBack', step: 'three', fault: 'refuse' },
    ]);
    expect(await runSteps(machine.world, steps)).toMatchObject({ ok: false, problem: { code: 'undo-incomplete', detail: { left: 'three one' } } });
    expect(machine.stands).toEqual(['one', 'three']);
  });

  test.each(faults)('a journal that meets a %s while undoing keeps no step from being put back, and is not hidden', async (fault) => {
    const machine = listMachine([
      { spot: 'verify', step: 'three', fault: 'refuse' },
      { spot: 'note-undone', step: 'two', fault },
    ]);
    expect(await runSteps(machine.world, steps)).toMatchObject({ ok: false, problem: { code: 'undo-incomplete', detail: { left: 'two' } } });
    expect(machine.stands).toEqual([]);
  });
});
