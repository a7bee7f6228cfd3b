// SPDX-License-Identifier: GPL-3.0-or-later
import { expect, test } from 'vitest';
import { apply } from '../../helper/apply';
import { hashOf } from '../../helper/draw';
import { goBack } from '../../helper/undo';
import { probe } from '../../host/probe';
import { openNews } from '../../main/dispatch';
import { handsOfRehearsal } from '../../main/hands-rehearsal';
import { openRuns, type Bench } from '../../main/runs';
import { runState } from '../../contract/run';
import { machineId } from '../../contract/target';
import { openRehearsal, type Rehearsal } from '../../rehearsal/machine';
import { wishes } from '../../rehearsal/wish';
import { corpusFacts } from '../rehearsal/corpus';

async function prepared(): Promise<{ readonly rehearsal: Rehearsal; readonly bench: Bench }> {
  const rehearsal = openRehearsal(corpusFacts('010-z370-i5-9400-gt1030'), {}, null);
  const intent = wishes(probe(rehearsal.eyes())).find((each) => each.kind === 'dedicate' && rehearsal.plan(each).ok);
  const plan = intent === undefined ? undefined : rehearsal.plan(intent);
  if (intent === undefined || plan?.ok !== true) throw new Error('no wish');
  expect((await apply(rehearsal.desk(), { intent, approved: hashOf(plan.value) })).ok).toBe(true);
  return { rehearsal, bench: { machine: machineId.parse('rehearsal-1'), hands: handsOfRehearsal(rehearsal) } };
}

/** A process that did none of it and has only root's word. */
const told = (bench: Bench): unknown => {
  const state = openRuns(openNews(), () => 0).state(bench);
  return state === null ? null : runState.parse(state);
};

test('a process that begins later shows what was read back, the verdict, and an undo that waits for its restart', async () => {
  const { rehearsal, bench } = await prepared();
  const waiting = runState.parse(told(bench));
  expect(waiting.at).toBe('restart-needed');
  expect(waiting.steps.flatMap((step) => step.proof ?? []).map(({ code }) => code)).toEqual(['image', 'entry', 'one-shot']);

  await rehearsal.restart();
  expect(told(bench)).toMatchObject({ at: 'asking', check: { verdict: 'passed', until: null } });

  expect((await goBack(rehearsal.desk())).ok).toBe(true);
  expect(told(bench)).toMatchObject({ at: 'undone', restart: true });
  await rehearsal.restart();
  expect(told(bench)).toBeNull();
});

test('a trial that was given up before its start waits for no restart', async () => {
  const { rehearsal, bench } = await prepared();
  expect((await goBack(rehearsal.desk())).ok).toBe(true);
  expect(told(bench)).toBeNull();
});

test('the review of a plan says what leads back', async () => {
  const { rehearsal } = await prepared();
  expect((await goBack(rehearsal.desk())).ok).toBe(true);
  await rehearsal.restart();
  const intent = wishes(probe(rehearsal.eyes())).find((each) => each.kind === 'dedicate' && rehearsal.plan(each).ok);
  if (intent === undefined) throw new Error('no wish');
  const drawn = handsOfRehearsal(rehearsal).draw(intent);
  expect(drawn.ok && drawn.value.review.wayBack?.ways.map(({ way }) => way)).toEqual(['by-itself', 'other-screen', 'ssh', 'rescue-entry', 'undo-card']);
});
