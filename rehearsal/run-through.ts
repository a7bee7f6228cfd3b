// SPDX-License-Identifier: GPL-3.0-or-later
import type { TransactionId } from '../contract/history';
import type { Intent, Plan } from '../contract/plan';
import type { Problem, Result } from '../contract/problem';
import type { Outcome, Progress } from '../contract/progress';
import { apply } from '../helper/apply';
import { hashOf } from '../helper/draw';
import { keep } from '../helper/keep';
import { undo } from '../helper/undo';
import { differences } from './files';
import type { Boot, Rehearsal } from './machine';

/** What a walk tells while it goes: the plan, root's progress, starts, and at the end what differs from before. */
export type Told =
  | { readonly told: 'planned'; readonly plan: Plan }
  | { readonly told: 'progress'; readonly line: Progress }
  | { readonly told: 'did'; readonly verb: 'apply' | 'keep' | 'undo'; readonly result: Result<Outcome> }
  | { readonly told: 'started'; readonly why: StartReason; readonly boot: Boot; readonly bound: readonly string[] }
  | { readonly told: 'compared'; readonly differs: readonly string[] };

/** *tidied*: one more start after going back; what was kept aside for the loader may only then go. */
export type StartReason = 'trial' | 'kept' | 'undone' | 'unanswered' | 'tidied';

/** How a walk ended. *refused*: nothing was begun; *stopped*: something went wrong on the way. */
export type Ended =
  | { readonly end: 'nothing-to-do' }
  | { readonly end: 'refused'; readonly problem: Problem }
  | { readonly end: 'stopped'; readonly at: string; readonly problem: Problem | null }
  | { readonly end: 'back'; readonly differs: readonly string[] };

export interface Walk {
  readonly intent: Intent;
  /** Whether the person keeps the trial, or says nothing and restarts. */
  readonly answer: 'keep' | 'none';
  readonly tell: (told: Told) => void;
}

/** Plan, prepare, trial start, and then: keep, start, undo, start - or no answer and a start. Ends where it began. */
export async function runThrough(rehearsal: Rehearsal, walk: Walk): Promise<Ended> {
  const before = rehearsal.image();
  const plan = rehearsal.plan(walk.intent);
  if (!plan.ok) return { end: 'refused', problem: plan.problem };
  if (plan.value.steps.length === 0) return { end: 'nothing-to-do' };
  walk.tell({ told: 'planned', plan: plan.value });
  const approved = hashOf(plan.value);
  const desk = () => rehearsal.desk({ progress: (line) => { walk.tell({ told: 'progress', line }); } });

  const applied = await apply(desk(), { intent: walk.intent, approved });
  walk.tell({ told: 'did', verb: 'apply', result: applied });
  if (!applied.ok) return { end: 'stopped', at: 'apply', problem: applied.problem };
  const { transaction } = applied.value;
  if (transaction === null) return { end: 'nothing-to-do' };
  if (!plan.value.needsRestart) return undoNow(rehearsal, walk, { plan: plan.value, approved, transaction, desk }, before);
  const trial = await startAs(rehearsal, walk, { why: 'trial', plan: plan.value });
  if (!trial) return { end: 'stopped', at: 'trial', problem: null };
  const after = walk.answer === 'keep' ? await keepAndUndo(rehearsal, walk, { plan: plan.value, approved, transaction, desk }) : await leaveIt(rehearsal, walk, plan.value);
  if (after !== null) return after;
  if (rehearsal.waits() && !(await startAs(rehearsal, walk, { why: 'tidied', plan: plan.value }))) return { end: 'stopped', at: 'tidied', problem: null };
  const differs = differences(before, rehearsal.image());
  walk.tell({ told: 'compared', differs });
  return { end: 'back', differs };
}

/** Without a trial there is nothing to start and nothing to answer: it is done, and undone. */
async function undoNow(rehearsal: Rehearsal, walk: Walk, { plan, transaction, desk }: Approved, before: ReadonlyMap<string, string>): Promise<Ended> {
  if (walk.answer === 'keep' && !(await startAs(rehearsal, walk, { why: 'kept', plan }))) return { end: 'stopped', at: 'kept', problem: null };
  const undone = await undo(desk(), { transaction });
  walk.tell({ told: 'did', verb: 'undo', result: undone });
  if (!undone.ok) return { end: 'stopped', at: 'undo', problem: undone.problem };
  const differs = differences(before, rehearsal.image());
  walk.tell({ told: 'compared', differs });
  return { end: 'back', differs };
}

interface Approved {
  readonly plan: Plan;
  readonly approved: ReturnType<typeof hashOf>;
  readonly transaction: TransactionId;
  readonly desk: () => ReturnType<Rehearsal['desk']>;
}

async function keepAndUndo(rehearsal: Rehearsal, walk: Walk, { plan, approved, transaction, desk }: Approved): Promise<Ended | null> {
  const kept = await keep(desk(), { transaction, approved });
  walk.tell({ told: 'did', verb: 'keep', result: kept });
  if (!kept.ok) return { end: 'stopped', at: 'keep', problem: kept.problem };
  if (!(await startAs(rehearsal, walk, { why: 'kept', plan }))) return { end: 'stopped', at: 'kept', problem: null };
  const undone = await undo(desk(), { transaction });
  walk.tell({ told: 'did', verb: 'undo', result: undone });
  if (!undone.ok) return { end: 'stopped', at: 'undo', problem: undone.problem };
  return (await startAs(rehearsal, walk, { why: 'undone', plan })) ? null : { end: 'stopped', at: 'undone', problem: null };
}

async function leaveIt(rehearsal: Rehearsal, walk: Walk, plan: Plan): Promise<Ended | null> {
  return (await startAs(rehearsal, walk, { why: 'unanswered', plan })) ? null : { end: 'stopped', at: 'unanswered', problem: null };
}

/** One clean restart, and whether it is what it should be: up, and the devices bound or not. */
async function startAs(rehearsal: Rehearsal, walk: Walk, { why, plan }: { why: StartReason; plan: Plan }): Promise<boolean> {
  const boot = await rehearsal.restart();
  const bound = boundToVfio(rehearsal);
  walk.tell({ told: 'started', why, boot, bound });
  if (boot.started.at !== 'up' || boot.recovered?.ok === false) return false;
  if (plan.intent.kind !== 'dedicate') return true;
  const wanted = plan.intent.devices.map((device) => device.address);
  return why === 'trial' || why === 'kept' ? wanted.every((address) => bound.includes(address)) : true;
}

export const boundToVfio = (rehearsal: Rehearsal): readonly string[] =>
  [...(rehearsal.world.kernel?.functions.values() ?? [])].filter((one) => one.driver === 'vfio-pci').map((one) => one.hardware.address);
