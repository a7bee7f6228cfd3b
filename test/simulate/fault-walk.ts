// SPDX-License-Identifier: GPL-3.0-or-later
import { transactionId, type TransactionId } from '../../contract/history';
import type { Intent, Plan } from '../../contract/plan';
import type { Problem, Result } from '../../contract/problem';
import type { Outcome, Progress } from '../../contract/progress';
import { apply } from '../../helper/apply';
import { hashOf } from '../../helper/draw';
import { keep } from '../../helper/keep';
import { goBack, undo } from '../../helper/undo';
import { contentOf } from '../../rehearsal/content';
import { change, inodeOf } from '../../rehearsal/disk';
import { faultKinds, Killed, PowerLost, Thrown, type FaultKind } from '../../rehearsal/faults';
import { differences, find, folderAt, writeAt } from '../../rehearsal/files';
import { flushFile, flushFolder } from '../../rehearsal/flush';
import { rehearsalOf, type Boot, type Rehearsal } from '../../rehearsal/machine';
import { makeRandom, type Random } from '../../rehearsal/random';
import { boundToVfio } from '../../rehearsal/run-through';
import { freshWorld, type Candidate } from './pool';

/** What one run is made of; the seed alone decides, unless a test says where the fault is. */
export interface Walk {
  readonly seed: number;
  readonly candidate: Candidate;
  readonly intent: Intent;
  readonly answer: 'keep' | 'none' | 'go-back';
  readonly faults: ReadonlyMap<number, FaultKind>;
  readonly looks: ReadonlySet<number>;
  readonly quirk: 'none' | 'panics-when-bound' | 'hangs-when-bound';
}

export interface Report {
  /** Null: everything that must hold held. */
  readonly violation: string | null;
  readonly reachedChange: boolean;
  readonly faultAtChange: boolean;
  /** `step kind | phase | fault kind` -> how often. */
  readonly cells: ReadonlyMap<string, number>;
  readonly cuts: number;
  readonly recoveries: number;
  readonly kept: boolean;
  readonly operations: number;
  /** Transactions whose summary does not tell what their journal does. */
  readonly stale: number;
  /** What happened, in order, for a person who looks for the reason. */
  readonly story: readonly string[];
}

/** Operations of a whole walk without faults, so that faults fall inside it; large enough for every machine of the corpus. */
const usualOperations = 900;
const kinds: readonly [FaultKind, ...FaultKind[]] = faultKinds;

/** Draws a run from its seed. */
export function walkOf(seed: number, from: readonly Candidate[]): Walk {
  const random = makeRandom(seed);
  const candidate = from[random.below(from.length)];
  const intent = candidate?.intents[random.below(candidate.intents.length)];
  if (candidate === undefined || intent === undefined) throw new Error('no machine to walk on');
  const faults = new Map<number, FaultKind>();
  const many = random.chance(0.05) ? 0 : 1 + (random.chance(0.3) ? 1 : 0) + (random.chance(0.1) ? 1 : 0);
  for (let n = 0; n < many; n++) faults.set(1 + random.below(random.chance(0.5) ? 220 : usualOperations), random.pick(kinds));
  const looks = new Set(random.chance(0.1) ? [random.below(4000)] : []);
  return { seed, candidate, intent, answer: random.pick(['keep', 'keep', 'none', 'go-back']), faults, looks, quirk: random.chance(0.08) ? random.pick(['panics-when-bound', 'hangs-when-bound']) : 'none' };
}

interface Run {
  readonly walk: Walk;
  readonly random: Random;
  readonly rehearsal: Rehearsal;
  readonly before: ReadonlyMap<string, string>;
  readonly edits: Map<string, string>;
  readonly cells: Map<string, number>;
  readonly story: string[];
  plan: Plan | null;
  where: { step: string; phase: string };
  stop: boolean;
  cuts: number;
  recoveries: number;
  reachedChange: boolean;
  faultAtChange: boolean;
}

/** Walks a run to its end and judges what is left. */
export async function walkFaults(walk: Walk): Promise<Report> {
  const run = openRun(walk);
  let violation: string | null;
  let kept = false;
  try {
    kept = await walkAll(run);
    violation = judge(run);
    if (violation === null && kept) violation = await judgeKept(run);
  } catch (error) {
    violation = error instanceof Violation ? error.message : `thrown: ${error instanceof Error ? (error.stack ?? error.message) : 'unknown'}`;
  }
  const { cells, cuts, recoveries, reachedChange, faultAtChange, story } = run;
  return { violation, reachedChange, faultAtChange, cells, cuts, recoveries, kept, operations: run.rehearsal.world.faults.operations, stale: staleSummaries(run), story };
}

class Violation extends Error {}

function openRun(walk: Walk): Run {
  const world = freshWorld(walk.candidate.build, walk.seed);
  world.quirk = walk.quirk;
  const rehearsal = rehearsalOf(world);
  const run: Run = { walk, random: makeRandom(walk.seed ^ 0x5eed), rehearsal, before: rehearsal.image(), edits: new Map(), cells: new Map(), story: [], plan: null, where: { step: '-', phase: '-' }, stop: false, cuts: 0, recoveries: 0, reachedChange: false, faultAtChange: false };
  world.faults = {
    at: walk.faults,
    looks: walk.looks,
    operations: 0,
    looked: 0,
    random: null,
    onOperation(operation, fault) {
      if (fault === null) return;
      const cell = `${run.where.step}|${run.where.phase}|${fault}`;
      run.cells.set(cell, (run.cells.get(cell) ?? 0) + 1);
      run.story.push(`${fault} at ${operation.number}: ${operation.name} ${operation.path} in ${run.where.step} ${run.where.phase}`);
      if (run.where.phase === 'changing') run.faultAtChange = true;
      if (fault === 'power') run.cuts += 1;
    },
    onEdit: (path) => { edit(run, path); },
    onStop: () => { run.stop = true; },
  };
  return run;
}

/** Whether the transaction was kept in the end. */
async function walkAll(run: Run): Promise<boolean> {
  const { rehearsal, walk } = run;
  await started(run, rehearsal.start(), 'first');
  const plan = rehearsal.plan(walk.intent);
  // A look that finds nothing may well refuse; that touches nothing.
  if (!plan.ok) return false;
  run.plan = plan.value;
  const approved = hashOf(plan.value);
  const applied = await ask(run, 'apply', (desk) => apply(desk, { intent: walk.intent, approved }));
  const transaction = applied?.ok === true ? applied.value.transaction : null;
  await restart(run, 'trial');
  if (transaction !== null && walk.answer === 'keep') await ask(run, 'keep', (desk) => keep(desk, { transaction, approved }));
  else if (walk.answer === 'go-back') await ask(run, 'go-back', goBack);
  await restart(run, 'after');
  await settle(run);
  return transaction !== null && stateOf(run, transaction) === 'kept';
}

/** One request; null when its process died or the machine lost power under it. */
async function ask(run: Run, verb: string, work: (desk: ReturnType<Rehearsal['desk']>) => Promise<Result<Outcome>>): Promise<Result<Outcome> | null> {
  const { rehearsal } = run;
  if (rehearsal.world.kernel === null) return null;
  run.where = { step: '-', phase: verb };
  const desk = rehearsal.desk({ progress: (line) => { listen(run, line); }, stopAsked: () => run.stop });
  try {
    const result = await work(desk);
    run.story.push(`${verb}: ${result.ok ? `ok ${result.value.state ?? ''}` : told(result.problem)}`);
    return result;
  } catch (error) {
    if (!isMeant(error)) throw error;
    run.story.push(`${verb}: ${error.constructor.name}`);
    return null;
  } finally {
    run.where = { step: '-', phase: '-' };
  }
}

/** What the faults throw; anything else is a bug. A throw outside every step is what the program's last line says `internal` to. */
const isMeant = (error: unknown): error is Killed | PowerLost | Thrown => error instanceof Killed || error instanceof PowerLost || error instanceof Thrown;

const told = (problem: Problem): string => `${problem.code} ${problem.stepId ?? ''} ${JSON.stringify(problem.detail)}`;

function listen(run: Run, line: Progress): void {
  const step = run.plan?.steps.find((one) => one.id === line.stepId)?.kind ?? '-';
  run.where = { step, phase: line.phase };
  if (line.phase === 'changing') run.reachedChange = true;
}

/** A clean restart, or a start after the power went; a start that hangs is ended by the person's hand on the button. */
async function restart(run: Run, why: string): Promise<void> {
  const { rehearsal } = run;
  const off = rehearsal.world.kernel === null;
  const cut = !off && run.random.chance(0.15);
  if (cut) run.cuts += 1;
  await started(run, off ? rehearsal.start() : cut ? rehearsal.cutAndStart() : rehearsal.restart(), `${why}${off ? ' (was off)' : cut ? ' (cut)' : ''}`);
}

async function started(run: Run, starting: Promise<Boot>, why: string): Promise<void> {
  const { rehearsal } = run;
  let boot: Boot | null = null;
  run.where = { step: '-', phase: 'recover' };
  try {
    boot = await starting;
  } catch (error) {
    if (!isMeant(error)) throw error;
    run.story.push(`start ${why}: ${error.constructor.name} in recover`);
  }
  run.where = { step: '-', phase: '-' };
  if (boot === null) {
    // A killed recover unit is not started again before the next start.
    if (rehearsal.world.kernel === null) await started(run, rehearsal.start(), `${why}, again`);
    return;
  }
  const { started: up, recovered } = boot;
  run.story.push(`start ${why}: ${bootLine(run, boot)}`);
  if (up.at === 'up' && rehearsal.world.kernel === null) return started(run, rehearsal.start(), `${why}, power was lost in recover`);
  if (recovered !== null) run.recoveries += 1;
  if (up.at === 'up') return;
  if (up.why !== 'hangs' && up.why !== 'panics') throw new Violation(`it does not start: ${up.why}`);
  const again = await rehearsal.cutAndStart();
  run.cuts += 1;
  run.story.push(`start after the button: ${again.started.at === 'up' ? again.started.entry : again.started.why}`);
  if (again.started.at !== 'up') throw new Violation(`it does not start after a failed trial: ${again.started.why}`);
}

function bootLine(run: Run, { started: up, recovered }: Boot): string {
  const start = up.at === 'up' ? `${up.entry} bound ${boundToVfio(run.rehearsal).join(',')}` : `stuck ${up.why}`;
  if (recovered === null) return start;
  return `${start} recover ${recovered.ok ? (recovered.value.state ?? 'nothing') : told(recovered.problem)}`;
}

/** Starts until nothing waits any more; with no fault left two starts must do. */
async function settle(run: Run): Promise<void> {
  const { world } = run.rehearsal;
  world.faults = { ...world.faults, at: new Map(), looks: new Set() };
  for (let more = 0; more < 3 && find(world.disk, '/var/lib/switchyard/waiting') !== null; more++) await started(run, run.rehearsal.restart(), 'to settle');
}

/** The last state the journal tells; the journal is the truth, the summary only its echo. */
function stateOf(run: Run, transaction: TransactionId): string | null {
  const journal = find(run.rehearsal.world.disk, `/var/lib/switchyard/${transaction}/private/journal.jsonl`)?.content.text ?? '';
  const lines = journal.split('\n').filter((line) => line.includes('"kind":"state"') || line.includes('"kind":"work"'));
  return /"state":"([a-z-]+)"/.exec(lines.at(-1) ?? '')?.[1] ?? null;
}

/** Summaries that tell another state than their journal: what the app shows would be wrong until the next verb. */
function staleSummaries(run: Run): number {
  return transactionsOf(run).filter((transaction) => {
    const summary = find(run.rehearsal.world.disk, `/var/lib/switchyard/${transaction}/summary.json`)?.content.text ?? '';
    const told = /"state":"([a-z-]+)"/.exec(summary)?.[1] ?? null;
    return stateOf(run, transaction) !== null && told !== stateOf(run, transaction);
  }).length;
}

const transactionsOf = (run: Run): readonly TransactionId[] =>
  [...(find(run.rehearsal.world.disk, '/var/lib/switchyard')?.entries.keys() ?? [])].flatMap((name) => transactionId.safeParse(name).data ?? []);

/**
 * Somebody else changes a file while we work: adds a line of theirs, as an editor or a package does, and flushes it.
 * Not the very file whose rename comes next: POSIX has no rename that looks first, so that one instant nobody can close.
 */
function edit(run: Run, busy: string): void {
  const { disk } = run.rehearsal.world;
  const places = ['/etc/default/grub', '/etc/default/grub.d/70-mine.cfg', '/boot/grub/custom.cfg', '/boot/grub/grub.cfg', '/etc/initramfs-tools/modules', '/etc/default/grub.d/60-switchyard.cfg', '/etc/initramfs-tools/scripts/init-top/00-switchyard'];
  const path = places[run.random.below(places.length)] ?? '';
  const there = find(disk, path);
  const ours = path.includes('switchyard');
  if ((there === null && ours) || path === busy) return;
  const mark = `# mine ${run.walk.seed}`;
  const file = there === null ? writeAt(disk, path, `${mark}\n`) : change(disk, there, { content: contentOf(`${there.content.text}${mark}\n`) });
  flushFile(disk, file);
  const folder = path.slice(0, path.lastIndexOf('/'));
  flushFolder(disk, inodeOf(disk, folderAt(disk, folder).id));
  run.edits.set(path, mark);
  run.story.push(`edited ${path}`);
}

/** Everything as before, but for what somebody else changed, which must still be there. */
function judge(run: Run): string | null {
  const { rehearsal, edits } = run;
  const { disk } = rehearsal.world;
  const lost = lostEdit(run);
  if (lost !== null) return lost;
  if (rehearsal.world.kernel === null) return 'it is off at the end';
  if (find(disk, '/var/lib/switchyard/waiting') !== null && edits.size === 0) return 'something still waits after three starts';
  const kept = keptTransaction(run);
  if (kept !== null) return null;
  const differs = differences(run.before, rehearsal.image()).filter((one) => !mayDiffer(run, one));
  if (differs.length > 0) return `not as before: ${differs.slice(0, 6).join(' ')}`;
  return run.walk.intent.kind === 'dedicate' && edits.size === 0 && givenAway(run).length > 0 ? `still bound: ${givenAway(run).join(' ')}` : null;
}

/** What somebody else edited stays as they left it; where that keeps an undo from ending, old blocks stay kept aside too. */
function mayDiffer(run: Run, difference: string): boolean {
  if (run.edits.has(difference.slice(1))) return true;
  const unfinished = run.edits.size > 0 && transactionsOf(run).some((transaction) => stateOf(run, transaction) === 'undo-incomplete');
  return unfinished && /^\+.*\.switchyard-old\d+$/.test(difference);
}

function lostEdit({ rehearsal, edits }: Run): string | null {
  const lost = [...edits].find(([path, mark]) => !(find(rehearsal.world.disk, path)?.content.text ?? '').includes(mark));
  return lost === undefined ? null : `somebody's edit of ${lost[0]} is lost`;
}

const givenAway = (run: Run): readonly string[] => {
  const { intent } = run.walk;
  return intent.kind === 'dedicate' ? boundToVfio(run.rehearsal).filter((address) => intent.devices.some((device) => device.address === address)) : [];
};

const keptTransaction = (run: Run): TransactionId | null => transactionsOf(run).find((name) => stateOf(run, name) === 'kept') ?? null;

/** What was kept is true of this start and the next, and one undo leads back. */
async function judgeKept(run: Run): Promise<string | null> {
  const { rehearsal, walk } = run;
  const transaction = keptTransaction(run);
  if (transaction === null || walk.quirk !== 'none') return null;
  // Right after a cut the loader may still have found the configuration of before: old or new, and from the next start on new.
  await started(run, rehearsal.restart(), 'kept');
  if (walk.intent.kind === 'dedicate' && run.edits.size === 0 && givenAway(run).length !== walk.intent.devices.length) return `kept, but bound are only ${givenAway(run).join(' ')}`;
  const undone = await ask(run, 'undo', (desk) => undo(desk, { transaction }));
  await started(run, rehearsal.restart(), 'undone');
  if (undone?.ok !== true && run.edits.size === 0) return `kept cannot be undone: ${undone === null ? 'gone' : told(undone.problem)}`;
  const lost = lostEdit(run);
  if (lost !== null) return `${lost} by undo`;
  const differs = differences(run.before, rehearsal.image()).filter((one) => !mayDiffer(run, one));
  return differs.length > 0 ? `not as before after undo: ${differs.slice(0, 6).join(' ')}` : null;
}
