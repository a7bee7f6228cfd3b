// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import type { Intent } from '../../contract/plan';
import { apply } from '../../helper/apply';
import { hashOf } from '../../helper/draw';
import { keep } from '../../helper/keep';
import { recover } from '../../helper/recover';
import { readStates } from '../../helper/store';
import { undo } from '../../helper/undo';
import { probe } from '../../host/probe';
import type { FaultKind } from '../../rehearsal/faults';
import { differences } from '../../rehearsal/files';
import { openRehearsal, type Rehearsal } from '../../rehearsal/machine';
import { wishes } from '../../rehearsal/wish';
import { corpusFacts } from '../rehearsal/corpus';

const machine = corpusFacts('010-z370-i5-9400-gt1030');
const verbs = ['apply', 'keep', 'undo', 'recover'] as const;
type Verb = (typeof verbs)[number];
const kinds: readonly FaultKind[] = ['fails', 'half', 'lies', 'throws', 'killed', 'power'];

/** SWEEP=1 tries every operation, SWEEP=first until the first that goes wrong; else a stride that is different for each fault. */
const sweep = process.env['SWEEP'] ?? '';
const every = sweep !== '';

interface Scene {
  readonly rehearsal: Rehearsal;
  readonly before: ReadonlyMap<string, string>;
  readonly run: () => Promise<unknown>;
}

/** The machine in front of a verb: nothing done, in its trial, kept and started again, or a trial that died. */
async function sceneOf(verb: Verb): Promise<Scene> {
  const rehearsal = openRehearsal(machine, {}, null);
  const intent = firstWish(rehearsal);
  const before = rehearsal.image();
  const plan = rehearsal.plan(intent);
  if (!plan.ok) throw new Error(plan.problem.code);
  const approved = hashOf(plan.value);
  if (verb === 'apply') return { rehearsal, before, run: () => apply(rehearsal.desk(), { intent, approved }) };
  const applied = await apply(rehearsal.desk(), { intent, approved });
  if (!applied.ok || applied.value.transaction === null) throw new Error('apply');
  const { transaction } = applied.value;
  await rehearsal.restart();
  if (verb === 'keep') return { rehearsal, before, run: () => keep(rehearsal.desk(), { transaction, approved }) };
  if (verb === 'recover') return { rehearsal, before, run: () => rehearsal.restart() };
  await keep(rehearsal.desk(), { transaction, approved });
  await rehearsal.restart();
  return { rehearsal, before, run: () => undo(rehearsal.desk(), { transaction }) };
}

function firstWish(rehearsal: Rehearsal): Intent {
  const wish = wishes(probe(rehearsal.eyes())).find((each) => rehearsal.plan(each).ok);
  if (wish === undefined) throw new Error('no wish');
  return wish;
}

async function lengthOf(verb: Verb): Promise<number> {
  const { rehearsal, run } = await sceneOf(verb);
  const from = rehearsal.world.faults.operations;
  await run();
  return rehearsal.world.faults.operations - from;
}

/** Runs a verb with one fault at its nth operation, and then does what a person would do next. Says what still differs, and the state. */
async function meet(verb: Verb, kind: FaultKind, nth: number): Promise<string> {
  const { rehearsal, before, run } = await sceneOf(verb);
  const { faults } = rehearsal.world;
  let met = '';
  const onOperation = (operation: { name: string; path: string }, fault: FaultKind | null): void => { if (fault !== null) met = `${operation.name} ${operation.path}`; };
  Object.assign(faults, { at: new Map([[faults.operations + nth, kind]]), onOperation });
  await run().catch(() => undefined);
  Object.assign(faults, { at: new Map(), due: [] });
  if (rehearsal.world.kernel === null) await rehearsal.start();
  else if (kind === 'killed') await recover(rehearsal.desk({ }));
  const differs = await settled(rehearsal, before);
  return differs === '' ? '' : `${met}: ${differs}`;
}

/** Whatever is not finished by now is finished by a restart nobody answers; what was kept is undone. */
async function settled(rehearsal: Rehearsal, before: ReadonlyMap<string, string>): Promise<string> {
  for (let round = 0; round < 4; round += 1) {
    const states = readStates({ hands: rehearsal.hands() });
    if (!states.ok) return `states: ${states.problem.code}`;
    const open = states.value.find(({ state }) => state !== 'undone');
    if (open === undefined) break;
    if (open.state === 'kept') await undo(rehearsal.desk(), { transaction: open.transaction });
    else await rehearsal.restart();
  }
  await rehearsal.restart();
  const states = readStates({ hands: rehearsal.hands() });
  const left = states.ok ? states.value.filter(({ state }) => state !== 'undone').map(({ state }) => state) : ['unreadable'];
  return [...left, ...differences(before, rehearsal.image())].join(' ');
}

describe.each(verbs)('one accident while %s works', (verb) => {
  test.each(kinds)('%s: the machine is as it was, or can be brought back to it', { timeout: 900_000 }, async (kind) => {
    const length = await lengthOf(verb);
    const wrong: string[] = [];
    const stride = every ? 1 : Math.max(7, Math.floor(length / 23));
    for (let nth = 1 + (kinds.indexOf(kind) % stride); nth <= length; nth += stride) {
      const differs = await meet(verb, kind, nth);
      if (differs !== '') wrong.push(`${nth}: ${differs}`);
      if (sweep === 'first' && wrong.length > 0) break;
    }
    expect(wrong).toEqual([]);
  });
});
