// SPDX-License-Identifier: GPL-3.0-or-later
import type { NewRecord, SavedFile } from '../contract/journal';
import type { Step } from '../contract/plan';
import { failed, ok, type Problem, type Result } from '../contract/problem';
import type { StepPhase } from '../contract/progress';
import type { UndoItem } from '../core/step/undo';
import type { FileState } from './hands';

/** What stands at a place after a step. */
export interface Standing {
  readonly path: string;
  readonly is: FileState | null;
}

/** A step that was begun, with what was there before it: enough to undo it after any accident. */
export interface Begun {
  readonly step: Step;
  readonly saved: readonly SavedFile[];
}

/** Everything that running and undoing steps can see or touch. Life gives it a machine; a test gives it a list. */
export interface World {
  /** Saves what the step may change, flushed. Changes nothing outside the store. */
  save(step: Step): Promise<Result<readonly SavedFile[]>>;
  /** Writes a journal line and returns when it is on the disk. */
  note(record: NewRecord): Result<void>;
  perform(begun: Begun): Promise<Result<void>>;
  /** Looks again, and never believes what performing said. */
  verify(begun: Begun): Promise<Result<readonly Standing[]>>;
  /** THE list of core/step/undo: each place once, in the order in which places go back. */
  undoList(begun: readonly Begun[]): readonly UndoItem[];
  /** Puts one place back and looks again; what never took hold is undone by doing nothing. */
  putBack(item: UndoItem): Promise<Result<void>>;
  stopAsked(): Promise<boolean>;
  progress(step: Step, phase: StepPhase): void;
}

/** Runs steps in order: snapshot, journal, change, look again, journal. Any failure, throw or stop undoes them, newest first. */
export async function runSteps(world: World, steps: readonly Step[]): Promise<Result<void>> {
  const begun: Begun[] = [];
  for (const step of steps) {
    const outcome = (await stopped(world)) ? failed('cancelled') : await attempt(world, step, begun);
    if (!outcome.ok) return undoAfter(world, begun, outcome.problem);
  }
  return (await stopped(world)) ? undoAfter(world, begun, { code: 'cancelled', detail: {} }) : ok(undefined);
}

/** Undoes what was begun and says why: the problem itself when all is as before, `undo-incomplete` when something is left. */
export async function undoAfter(world: World, begun: readonly Begun[], cause: Problem): Promise<Result<never>> {
  const left = await undoSteps(world, begun);
  if (left.length === 0) return { ok: false, problem: cause };
  return failed('undo-incomplete', { ...cause.detail, cause: cause.code, left: left.join(' ') }, cause.stepId);
}

/**
 * Every place gets its turn, in the order of the one list, whatever the one before it said; then every begun step is
 * told, newest first, as undone when all its places are back. A step below one that could not be told keeps what they
 * share open: undone again without it, the newer one would bring back what stood between the two. Returns the ids left.
 */
export async function undoSteps(world: World, begun: readonly Begun[]): Promise<readonly string[]> {
  const stuck = new Map<string, string>();
  for (const item of world.undoList(begun)) {
    const step = begun.find((each) => each.step.id === item.stepId)?.step;
    if (step !== undefined) world.progress(step, 'undoing');
    const back = await caught(item.stepId, () => world.putBack(item));
    if (!back.ok) stuck.set(item.path, whyOf(back.problem));
  }
  const left: string[] = [];
  for (const { step, saved } of [...begun].reverse()) {
    const why = saved.map((file) => stuck.get(file.path)).find((each) => each !== undefined);
    const noted = await caught(step.id, () => Promise.resolve(world.note(why === undefined ? { kind: 'undone', step: step.id } : { kind: 'left', step: step.id, why })));
    const back = why === undefined && noted.ok;
    if (!back) {
      left.push(step.id);
      for (const file of saved) stuck.set(file.path, why ?? 'journal');
    }
    world.progress(step, back ? 'undone' : 'left');
  }
  return left;
}

function attempt(world: World, step: Step, begun: Begun[]): Promise<Result<void>> {
  return caught(step.id, async () => {
    world.progress(step, 'checking');
    const saved = await world.save(step);
    if (!saved.ok) return saved;
    const noted = world.note({ kind: 'begun', step: step.id, saved: [...saved.value] });
    if (!noted.ok) return noted;
    const each = { step, saved: saved.value };
    begun.push(each);
    world.progress(step, 'changing');
    const performed = await world.perform(each);
    if (!performed.ok) return performed;
    world.progress(step, 'verifying');
    const verified = await world.verify(each);
    if (!verified.ok) return verified;
    const told = world.note({ kind: 'verified', step: step.id, now: [...verified.value] });
    if (told.ok) world.progress(step, 'verified');
    return told;
  });
}

/** A throw is one more way for a step to fail; it must not jump over the undo. */
async function caught<T>(stepId: string, work: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    const result = await work();
    return result.ok ? result : { ok: false, problem: { ...result.problem, stepId } };
  } catch (error) {
    return failed('step-failed', { why: error instanceof Error ? error.name : 'thrown' }, stepId);
  }
}

async function stopped(world: World): Promise<boolean> {
  try {
    return await world.stopAsked();
  } catch {
    return true;
  }
}

/** One short word of a problem for the journal. */
export function whyOf(problem: Problem): string {
  const why = problem.detail['why'] ?? problem.code;
  return /^[A-Za-z0-9-]{1,48}$/.test(why) ? why : problem.code;
}
