// SPDX-License-Identifier: GPL-3.0-or-later
import type { NewRecord, SavedFile, SavedSetting } from '../contract/journal';
import type { Step } from '../contract/plan';
import { failed, ok, type Problem, type Result } from '../contract/problem';
import type { StepPhase } from '../contract/progress';
import type { TrialProof } from '../contract/trial';
import { ruleOf } from '../core/step/kinds';
import { ledBy, type UndoItem } from '../core/step/undo';
import type { FileState } from './hands';

/** What stands at a place after a step. */
export interface Standing {
  readonly path: string;
  readonly is: FileState | null;
}

/** What was there before a step: files by their copies, everything else by its value. */
export interface Saved {
  readonly saved: readonly SavedFile[];
  readonly settings: readonly SavedSetting[];
}

/** A step that was begun, with what was there before it: enough to undo it after any accident. */
export interface Begun extends Saved {
  readonly step: Step;
}

/** A step whose places are not all back, and why, in one word. */
export interface Left {
  readonly id: string;
  readonly why: string;
}

/** Everything that running and undoing steps can see or touch. Life gives it a machine; a test gives it a list. */
export interface World {
  /** Saves what the step may change, flushed. Changes nothing outside the store. */
  save(step: Step): Promise<Result<Saved>>;
  /** Writes a journal line and returns when it is on the disk. */
  note(record: NewRecord): Result<void>;
  perform(begun: Begun): Promise<Result<void>>;
  /** Looks again, and never believes what performing said. */
  verify(begun: Begun): Promise<Result<readonly Standing[]>>;
  /** What was read back of a verified step, in words a person can be shown; a step without any has none. */
  proof?(begun: Begun, now: readonly Standing[]): readonly TrialProof[];
  /** THE list of core/step/undo: each place once, in the order in which places go back. */
  undoList(begun: readonly Begun[]): readonly UndoItem[];
  /** Puts one place back and looks again; what never took hold is undone by doing nothing. */
  putBack(item: UndoItem): Promise<Result<void>>;
  /** Makes anew what a step had made, from sources that went back, and looks that nothing but ours is gone. Only in a running system. */
  remake?(begun: Begun): Promise<Result<void>>;
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
  const left = (await undoSteps(world, begun)).map(({ id }) => id);
  if (left.length === 0) return { ok: false, problem: cause };
  return failed('undo-incomplete', { ...cause.detail, cause: cause.code, left: left.join(' ') }, cause.stepId);
}

/**
 * Every place gets its turn, in the order of the one list, whatever the one before it said, but for an image that a
 * loader's file which stuck may still start; then every begun step is
 * told, newest first, as undone when all its places are back. A step below one that could not be told keeps what they
 * share open: undone again without it, the newer one would bring back what stood between the two. Returns what is left.
 */
export async function undoSteps(world: World, begun: readonly Begun[]): Promise<readonly Left[]> {
  const stuck = new Map<string, string>();
  for (const item of world.undoList(begun)) {
    const step = begun.find((each) => each.step.id === item.stepId)?.step;
    if (step !== undefined) world.progress(step, 'undoing');
    const led = ledBy(item);
    const back = led !== null && stuck.has(led) ? failed('precondition-failed', { why: 'needed', place: item.path }) : await caught(item.stepId, () => world.putBack(item));
    if (!back.ok) stuck.set(item.path, whyOf(back.problem));
  }
  const left: Left[] = [];
  for (const { step, saved, settings } of [...begun].reverse()) {
    const places = [...saved, ...settings].map(({ path }) => path);
    const why = places.map((path) => stuck.get(path)).find((each) => each !== undefined);
    const noted = await caught(step.id, () => Promise.resolve(world.note(why === undefined ? { kind: 'undone', step: step.id } : { kind: 'left', step: step.id, why })));
    const back = why === undefined && noted.ok;
    if (!back) {
      left.push({ id: step.id, why: why ?? 'journal' });
      for (const path of places) stuck.set(path, why ?? 'journal');
    }
    world.progress(step, back ? 'undone' : 'left');
  }
  return left;
}

/**
 * What was left because somebody generated it since, or because its copy is damaged, is generated once more, now that its
 * sources are as before: a separate step of the running system, journaled like the rest. Returns what is left after it.
 */
export async function remakeLeft(world: World, begun: readonly Begun[], left: readonly Left[]): Promise<readonly string[]> {
  const still: string[] = [];
  const isMade = ({ step }: Begun): boolean => ['image', 'config'].includes(ruleOf(step).generated ?? '');
  const sources = begun.some((each) => !isMade(each) && left.some(({ id }) => id === each.step.id));
  for (const { id, why } of left) {
    const each = begun.find(({ step }) => step.id === id);
    const may = each !== undefined && !sources && isMade(each) && (why === 'changed' || why === 'copy-damaged');
    const made = may ? await caught(id, () => world.remake?.(each) ?? Promise.resolve(failed('refused'))) : failed('refused');
    const noted = made.ok ? await caught(id, () => Promise.resolve(world.note({ kind: 'undone', step: id }))) : made;
    if (!noted.ok) still.push(id);
    else if (each !== undefined) world.progress(each.step, 'undone');
  }
  return still;
}

function attempt(world: World, step: Step, begun: Begun[]): Promise<Result<void>> {
  return caught(step.id, async () => {
    world.progress(step, 'checking');
    const saved = await world.save(step);
    if (!saved.ok) return saved;
    const { saved: files, settings } = saved.value;
    const noted = world.note({ kind: 'begun', step: step.id, saved: [...files], ...(settings.length === 0 ? {} : { settings: [...settings] }) });
    if (!noted.ok) return noted;
    const each = { step, ...saved.value };
    begun.push(each);
    world.progress(step, 'changing');
    const performed = await world.perform(each);
    if (!performed.ok) return performed;
    world.progress(step, 'verifying');
    const verified = await world.verify(each);
    if (!verified.ok) return verified;
    const proof = world.proof?.(each, verified.value) ?? [];
    const told = world.note({ kind: 'verified', step: step.id, now: [...verified.value], ...(proof.length === 0 ? {} : { proof: [...proof] }) });
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
