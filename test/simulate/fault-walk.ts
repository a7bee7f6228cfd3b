// SPDX-License-Identifier: GPL-3.0-or-later
import type { TransactionId } from '../../contract/history';
import type { Intent, Plan } from '../../contract/plan';
import type { Problem, Result } from '../../contract/problem';
import type { Outcome } from '../../contract/progress';
import { pathOf } from '../../core/step/places';
import { touchesOf } from '../../core/step/changes';
import { contentOf } from '../../rehearsal/content';
import { change, forkDisk, inodeOf, type Disk } from '../../rehearsal/disk';
import { classOf, Killed, PowerLost, Thrown, type FaultKind, type Operation } from '../../rehearsal/faults';
import { find, writeAt } from '../../rehearsal/files';
import { flushFile, flushFolder } from '../../rehearsal/flush';
import { forkRunning } from '../../rehearsal/fork';
import { litScreens } from '../../rehearsal/kernel';
import { rehearsalOf, type Boot, type Rehearsal } from '../../rehearsal/machine';
import { makeRandom, type Random } from '../../rehearsal/random';
import { boundToVfio } from '../../rehearsal/run-through';
import { hashOf } from '../../helper/draw';
import { undoLast } from '../../helper/undo';
import { portraitOf } from './portrait';
import { judgeAnswer, judgeKept, judgeRest, stateOf, transactionsOf, Violation } from './judge';
import { inChange, isDeadly, type Met } from './met';
import { offerOf, stageOf, subjectOf, whereOf, type Change, type Offer } from './stage';
import { sameByScript } from './undo-script';
import { doVerb, type Verb } from './verb';
import { isPoint } from './wants';
import type { Walk } from './walk';

export interface Report {
  /** Null: everything that must hold held. */
  readonly violation: string | null;
  readonly reachedChange: boolean;
  readonly faultAtChange: boolean;
  /** `step kind|phase|fault kind` -> how often. */
  readonly cells: ReadonlyMap<string, number>;
  /** `operation|fault kind` -> how often. */
  readonly classes: ReadonlyMap<string, number>;
  readonly cuts: number;
  readonly recoveries: number;
  readonly kept: boolean;
  readonly scripts: number;
  readonly seconds: number;
  readonly operations: number;
  /** Transactions whose summary does not tell what their journal does. */
  readonly stale: number;
  /** What happened, in order, for a person who looks for the reason. */
  readonly story: readonly string[];
}

/** Of a walk that did not come to its first fault. */
export const noReport = (violation: string): Report => ({ violation, reachedChange: false, faultAtChange: false, cells: new Map(), classes: new Map(), cuts: 0, recoveries: 0, kept: false, scripts: 0, seconds: 0, operations: 0, stale: 0, story: [] });

export interface Run {
  readonly walk: Walk;
  readonly random: Random;
  readonly rehearsal: Rehearsal;
  /** The disk in front of the change this walk is about. */
  readonly before: Disk;
  /** Screens that were lit then. */
  readonly lit: boolean;
  /** Devices vfio-pci had then. */
  readonly bound: ReadonlySet<string>;
  readonly edits: Map<string, string>;
  readonly cells: Map<string, number>;
  readonly classes: Map<string, number>;
  readonly story: string[];
  plan: Plan;
  transaction: TransactionId | null;
  where: ReturnType<typeof whereOf>;
  /** Faults of the verb in hand. */
  met: Met[];
  stop: boolean;
  /** The step in hand when somebody said stop. */
  stoppedIn: string | null;
  /** What the recover unit did and must not. */
  overstepped: string | null;
  starting: boolean;
  cuts: number;
  recoveries: number;
  scripts: number;
  /** Second helpers that met a first. */
  seconds: number;
  reachedChange: boolean;
  faultAtChange: boolean;
}

/** Walks a run to its end and judges what is left. `script`: the undo script is run by a real shell, too. */
export async function walkFaults(walk: Walk, script = false): Promise<Report> {
  const run = await openRun(walk);
  let violation: string | null = null;
  let kept = false;
  try {
    kept = await walkAll(run, script);
  } catch (error) {
    violation = error instanceof Violation ? error.message : `thrown: ${error instanceof Error ? (error.stack ?? error.message) : 'unknown'}`;
  }
  const { cells, classes, cuts, recoveries, scripts, reachedChange, faultAtChange, story } = run;
  return { violation, reachedChange, faultAtChange, cells, classes, cuts, recoveries, kept, scripts, seconds: run.seconds, operations: run.rehearsal.world.faults.operations, stale: staleSummaries(run), story };
}

async function openRun(walk: Walk): Promise<Run> {
  const stage = await stageOf(walk.candidate, walk.from === 'ready' ? walk.intents.slice(0, -1) : walk.intents, walk.from);
  const world = forkRunning(stage.world, walk.seed);
  world.quirk = walk.quirk;
  const ready = await stageOf(walk.candidate, walk.intents.slice(0, -1), 'ready');
  const offer: Offer | Change | null = walk.from === 'ready' ? offerOf(stage, walk.intents) : subjectOf(stage);
  if (offer === null) throw new Error('a walk about nothing');
  const run: Run = {
    walk,
    random: makeRandom(walk.seed ^ 0x5eed),
    rehearsal: rehearsalOf(world),
    before: ready.world.disk,
    lit: ready.world.kernel !== null && litScreens(ready.world.kernel).length > 0,
    bound: new Set(boundToVfio(rehearsalOf(ready.world))),
    edits: new Map(),
    cells: new Map(),
    classes: new Map(),
    story: [`${walk.candidate.name} (${walk.candidate.completion}) ${walk.intents.map((one) => one.kind).join(', ')}; from ${walk.from}: ${walk.first}`],
    plan: offer.plan,
    transaction: transactionIn(offer),
    where: whereOf('-', null),
    met: [],
    stop: false,
    stoppedIn: null,
    overstepped: null,
    starting: false,
    cuts: 0,
    recoveries: 0,
    scripts: 0,
    seconds: 0,
    reachedChange: false,
    faultAtChange: false,
  };
  world.faults = {
    at: walk.at,
    due: [...walk.due],
    looks: walk.looks,
    operations: 0,
    looked: 0,
    random: null,
    onOperation: (operation, fault) => { onOperation(run, operation, fault); },
    onEdit: (path) => { edit(run, path); },
    onStop() {
      run.stop = true;
      run.stoppedIn ??= run.where.now().id;
    },
  };
  return run;
}

const transactionIn = (offer: Offer | Change): TransactionId | null => ('transaction' in offer ? offer.transaction : null);

/** A start puts files back and nothing else: no generator, no account, no node of the kernel. */
const notAtAStart = new Set(['writeNode', 'start mkinitramfs', 'start grub-mkconfig', 'start gpasswd', 'start virsh-autostart', 'start modprobe']);

function onOperation(run: Run, operation: Operation, kind: FaultKind | null): void {
  const { step, phase, id } = run.where.now();
  if (run.stoppedIn !== null && phase === 'changing' && id !== run.stoppedIn) run.overstepped = `${step} was begun after a stop`;
  if (run.starting && notAtAStart.has(operation.name)) run.overstepped = `${operation.name} ran while the machine starts`;
  if (operation.number === run.walk.second) startSecond(run);
  if (inChange(phase)) run.reachedChange = true;
  if (kind === null) return;
  run.met.push({ kind, step, phase, operation, heard: run.where.heard() });
  // A second helper may outlive the first: what it meets then is in no verb of this walk.
  if (phase !== '-') count(run.cells, `${step}|${phase}|${kind}`);
  count(run.classes, `${classOf(operation.name)}|${kind}`);
  run.story.push(`${kind} at ${operation.number}: ${operation.name} ${operation.path} in ${step} ${phase}`);
  if (inChange(phase)) run.faultAtChange = true;
  if (kind === 'power') run.cuts += 1;
}

/** While one helper works a second one is told so and does nothing, also where taking the lock fails; what comes after the lock is a program like any other. */
function startSecond(run: Run): void {
  const { world } = run.rehearsal;
  if (world.lock === null) return;
  run.seconds += 1;
  undoLast(run.rehearsal.desk()).then(
    (answer) => { if (answer.ok || (answer.problem.code !== 'busy' && !run.met.some(({ operation }) => operation.name === 'lock'))) run.overstepped = 'a second helper was let in'; },
    (error: unknown) => { if (!isMeant(error)) run.overstepped = 'a second helper broke'; },
  );
}

const count = (table: Map<string, number>, key: string): void => { table.set(key, (table.get(key) ?? 0) + 1); };

/** Whether the change was kept in the end. */
async function walkAll(run: Run, script: boolean): Promise<boolean> {
  if (run.walk.editsFirst) edit(run, '');
  await ask(run, run.walk.first);
  if (script) await compareScript(run);
  for (let turn = 0; turn < 5 && (await goOn(run)); turn++);
  await settle(run);
  judgeRest(run);
  if (stateNow(run) !== 'kept') return false;
  await judgeKept(run, (verb) => ask(run, verb));
  return true;
}

/** What a person would do next, by what the journal says; false when there is nothing left to do. */
async function goOn(run: Run): Promise<boolean> {
  const next = run.rehearsal.world.kernel === null ? 'restart' : nextVerb(run);
  if (next === null) return false;
  await ask(run, next);
  return true;
}

function nextVerb({ walk, random, ...run }: Run): Verb | null {
  const says = walk.answer;
  switch (run.transaction === null ? null : stateOf(run.rehearsal.world.disk, run.transaction)) {
    case 'waiting-for-restart':
      // Now and then somebody keeps what was never tried, or goes back before it was.
      if (says === 'none') return 'restart';
      return random.chance(says === 'keep' ? 0.05 : 0.5) ? says : 'restart';
    case 'trial-running':
      if (says === 'keep' && random.chance(0.8)) return 'keep';
      return says === 'go-back' ? 'go-back' : 'restart';
    case 'working':
    case 'undo-incomplete':
      return random.chance(0.2) && !isPoint(wishOf(walk)) ? 'undo-last' : 'restart';
    default:
      return null;
  }
}

/** One request, judged by what it answers; null when its process died or the machine lost power under it. */
async function ask(run: Run, verb: Verb): Promise<Result<Outcome> | null> {
  run.met = [];
  run.stop = false;
  run.stoppedIn = null;
  if (verb === 'restart') return restart(run);
  if (run.transaction === null && (verb === 'keep' || verb === 'undo')) return null;
  const from = { disk: forkDisk(run.rehearsal.world.disk), runs: portraitOf(run.rehearsal.world) };
  const stale = verb === 'apply' && run.edits.size > 0 && isStale(run);
  const answer = await answerOf(run, verb);
  if (verb === 'apply') run.transaction ??= newest(from.disk, run.rehearsal.world.disk);
  if (answer === null) return null;
  if (stale && answer.ok) throw new Violation('another plan than the approved one was done');
  await judgeAnswer(run, verb, { answer, from });
  return answer;
}

/** The transaction that one disk has and an earlier one has not. */
function newest(before: Disk, now: Disk): TransactionId | null {
  const known = new Set(transactionsOf(before));
  return transactionsOf(now).find((name) => !known.has(name)) ?? null;
}

/** Whether a person who read now would read another plan. Nobody reads one of a point with a VM: it has no steps and its request no hash. */
function isStale(run: Run): boolean {
  if (wishOf(run.walk).kind === 'save-vm') return false;
  const now = rehearsalOf(forkRunning(run.rehearsal.world, 9)).plan(wishOf(run.walk));
  return !now.ok || hashOf(now.value) !== hashOf(run.plan);
}

async function answerOf(run: Run, verb: Verb): Promise<Result<Outcome> | null> {
  const { rehearsal, walk, transaction } = run;
  const approved = hashOf(run.plan);
  run.where = whereOf(verb, run.plan);
  try {
    const answer = await doVerb({ rehearsal, listener: { progress: (line) => { run.where.listen(line); }, stopAsked: () => run.stop } }, verb, { offer: { intent: wishOf(walk), approved }, change: transaction === null ? null : { transaction, approved } });
    run.story.push(`${verb}: ${answer === null ? '' : answer.ok ? `ok ${answer.value.state ?? ''}` : told(answer.problem)}`);
    return run.met.some(isDeadly) ? null : answer;
  } catch (error) {
    if (!isMeant(error)) throw error;
    run.story.push(`${verb}: ${error.constructor.name}`);
    return null;
  } finally {
    run.where = whereOf('-', null);
  }
}

export const wishOf = (walk: Walk): Intent => {
  const wish = walk.intents.at(-1);
  if (wish === undefined) throw new Error('a walk about nothing');
  return wish;
};

/** What the faults throw; anything else is a bug. A throw outside every step is what the program's last line says `internal` to. */
const isMeant = (error: unknown): error is Killed | PowerLost | Thrown => error instanceof Killed || error instanceof PowerLost || error instanceof Thrown;

const told = (problem: Problem): string => `${problem.code} ${problem.stepId ?? ''} ${JSON.stringify(problem.detail)}`;

const stateNow = (run: Run): string | null => (run.transaction === null ? null : stateOf(run.rehearsal.world.disk, run.transaction));

/** A clean restart, or a start after the power went. */
async function restart(run: Run): Promise<Result<Outcome> | null> {
  const off = run.rehearsal.world.kernel === null;
  const cut = !off && run.random.chance(0.12);
  if (cut) run.cuts += 1;
  return started(run, off ? 'start' : cut ? 'cutAndStart' : 'restart');
}

/** A start that hangs is ended by the person's hand on the button; a recover unit that lost power is started once more. */
async function started(run: Run, how: 'start' | 'cutAndStart' | 'restart'): Promise<Result<Outcome> | null> {
  const { rehearsal } = run;
  const boot = await bootOf(run, how);
  if (boot === null) return rehearsal.world.kernel === null ? started(run, 'start') : null;
  const { started: up, recovered } = boot;
  run.story.push(`${how}: ${bootLine(run, boot)}`);
  if (recovered !== null) run.recoveries += 1;
  if (up.at === 'stuck') return afterTheButton(run, up.why);
  if (run.lit && up.lit.length === 0 && !mayGoDark(run)) throw new Violation('every screen is dark');
  return rehearsal.world.kernel === null ? started(run, 'start') : recovered;
}

async function bootOf(run: Run, how: 'start' | 'cutAndStart' | 'restart'): Promise<Boot | null> {
  run.where = whereOf('restart', run.plan);
  run.starting = true;
  try {
    return await run.rehearsal[how]({ progress: (line) => { run.where.listen(line); } });
  } catch (error) {
    if (!isMeant(error)) throw error;
    run.story.push(`${how}: ${error.constructor.name} in recover`);
    return null;
  } finally {
    run.starting = false;
    run.where = whereOf('-', null);
  }
}

async function afterTheButton(run: Run, why: string): Promise<Result<Outcome> | null> {
  if (why !== 'hangs' && why !== 'panics') throw new Violation(`it does not start: ${why}`);
  const again = await run.rehearsal.cutAndStart();
  run.cuts += 1;
  run.story.push(`start after the button: ${again.started.at === 'up' ? again.started.entry : again.started.why}`);
  if (again.started.at !== 'up') throw new Violation(`it does not start after a failed trial: ${again.started.why}`);
  return again.recovered;
}

const mayGoDark = (run: Run): boolean => run.walk.intents.some((intent) => 'consents' in intent && intent.consents.includes('lose-only-screen'));

function bootLine(run: Run, { started: up, recovered }: Boot): string {
  const start = up.at === 'up' ? `${up.entry} bound ${boundToVfio(run.rehearsal).join(',')}` : `stuck ${up.why}`;
  if (recovered === null) return start;
  return `${start} recover ${recovered.ok ? (recovered.value.state ?? 'nothing') : told(recovered.problem)}`;
}

/**
 * Starts until nothing waits any more. With no fault left two starts must do, and where they may not, because a start runs
 * no program and writes no node, one request of the person and a start more.
 */
async function settle(run: Run): Promise<void> {
  const { rehearsal } = run;
  rehearsal.world.faults = { ...rehearsal.world.faults, at: new Map(), due: [], looks: new Set() };
  if (rehearsal.world.kernel === null) await started(run, 'start');
  for (let more = 0; more < 2 && rehearsal.waits(); more++) await started(run, 'restart');
  if (!rehearsal.waits() || isPoint(wishOf(run.walk))) return;
  await ask(run, 'undo-last');
  for (let more = 0; more < 2 && rehearsal.waits(); more++) await started(run, 'restart');
}

/** Where undo would begin now, undo.sh run by a real shell leaves the same bytes. */
async function compareScript(run: Run): Promise<void> {
  const { transaction } = run;
  if (transaction === null) return;
  const said = await sameByScript(run.rehearsal.world, transaction);
  if (said === 'nothing to undo') return;
  run.scripts += 1;
  run.story.push(`undo.sh: ${said}`);
  if (said !== 'the same') throw new Violation(`undo.sh and undo differ: ${said}`);
}

/** Summaries that tell another state than their journal: what the app shows would be wrong until the next verb. */
function staleSummaries({ rehearsal }: Run): number {
  const { disk } = rehearsal.world;
  return transactionsOf(disk).filter((transaction) => {
    const summary = find(disk, `/var/lib/switchyard/${transaction}/summary.json`)?.content.text ?? '';
    const state = stateOf(disk, transaction);
    return state !== null && (/"state":"([a-z-]+)"/.exec(summary)?.[1] ?? null) !== state;
  }).length;
}

const elsewhere = ['/etc/default/grub', '/etc/default/grub.d/70-mine.cfg', '/etc/initramfs-tools/modules'];

/**
 * Somebody else changes a file while we work: adds a line of theirs, as an editor or a package does, and flushes it.
 * Not the very file whose rename comes next: POSIX has no rename that looks first, so that one instant nobody can close.
 */
function edit(run: Run, busy: string): void {
  const { disk } = run.rehearsal.world;
  const ours = run.plan.steps.flatMap(touchesOf).filter((place) => place !== 'trial-config' && !place.includes('-image:')).map((place) => pathOf(place, ''));
  const places = [...elsewhere, ...new Set(ours)];
  const path = places[run.random.below(places.length)] ?? '';
  const there = find(disk, path);
  const folder = find(disk, path.slice(0, path.lastIndexOf('/')));
  // What is ours alone nobody makes before us, nor a folder of a loader that is not there.
  if ((there === null && /switchyard/.test(path)) || path === busy || folder === null) return;
  const mark = `# mine ${run.walk.seed}`;
  const file = there === null ? writeAt(disk, path, `${mark}\n`) : change(disk, there, { content: contentOf(`${there.content.text}${mark}\n`) });
  flushFile(disk, file);
  flushFolder(disk, inodeOf(disk, folder.id));
  run.edits.set(path, mark);
  run.story.push(`edited ${path}`);
}

export const forked = (run: Run): Rehearsal => rehearsalOf(forkRunning(run.rehearsal.world, run.walk.seed));
