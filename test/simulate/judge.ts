// SPDX-License-Identifier: GPL-3.0-or-later
import { transactionId, type TransactionId } from '../../contract/history';
import type { Problem, Result } from '../../contract/problem';
import type { Outcome } from '../../contract/progress';
import { touchesOf } from '../../core/step/changes';
import { pathOf } from '../../core/step/places';
import { trialArg } from '../../core/step/tokens';
import type { Disk } from '../../rehearsal/disk';
import { diskDifferences, find } from '../../rehearsal/files';
import { boundToVfio } from '../../rehearsal/run-through';
import type { Run } from './fault-walk';
import { inStep } from './met';
import { movedBetween, portraitOf } from './portrait';
import { stageOf, type StageAt } from './stage';
import { isSetting } from './undo-script';
import type { Verb } from './verb';

/** Something that must hold did not. */
export class Violation extends Error {}

/** Everything a person would miss: all but the store, home and what only runs. */
export const judged = ['/etc', '/boot', '/usr', '/var/lib/libvirt'] as const;

/** The last state the journal tells; the journal is the truth, the summary only its echo. */
export function stateOf(disk: Disk, transaction: TransactionId): string | null {
  const journal = find(disk, `/var/lib/switchyard/${transaction}/private/journal.jsonl`)?.content.text ?? '';
  const at = Math.max(journal.lastIndexOf('"kind":"state","state":"'), journal.lastIndexOf('"kind":"work"'));
  if (at < 0) return null;
  return journal.startsWith('"kind":"work"', at) ? 'working' : (/^"kind":"state","state":"([a-z-]+)"/.exec(journal.slice(at, at + 80))?.[1] ?? null);
}

export const transactionsOf = (disk: Disk): readonly TransactionId[] =>
  [...(find(disk, '/var/lib/switchyard')?.entries.keys() ?? [])].filter((name) => /^[0-9a-f]{16}$/.test(name)).map((name) => transactionId.parse(name));

const isAside = (path: string): boolean => /\.switchyard-old\d$/.test(path);
const quiet = (paths: readonly string[]): string => paths.slice(0, 6).join(' ');

/** What differs from another disk, but for what somebody else changed and what is kept aside until the next good start. */
function differing(run: Run, from: Disk, asides: 'counted' | 'passed'): readonly string[] {
  return diskDifferences(from, run.rehearsal.world.disk, judged).filter((one) => {
    const path = one.slice(1);
    const theirs = [...run.edits.keys()].some((edited) => edited === path || edited.startsWith(`${path}/`));
    return !theirs && !(asides === 'passed' && isAside(path));
  });
}

/** When nothing waits any more: as before, or kept; startable; nobody's edit lost; nothing of ours left half done. */
export function judgeRest(run: Run): void {
  const { rehearsal, edits, before } = run;
  const { disk } = rehearsal.world;
  if (run.overstepped !== null) throw new Violation(run.overstepped);
  lostEdit(run, '');
  if (rehearsal.world.kernel === null) throw new Violation('it is off at the end');
  if (rehearsal.waits() && edits.size === 0) throw new Violation('something still waits after three starts');
  const states = transactionsOf(disk).map((name) => stateOf(disk, name));
  const open = states.find((state) => state !== null && state !== 'kept' && state !== 'undone' && !(state === 'undo-incomplete' && edits.size > 0));
  if (open !== undefined) throw new Violation(`left as ${String(open)}`);
  if (run.transaction !== null && stateOf(disk, run.transaction) === 'kept') return;
  const unfinished = edits.size > 0 && states.includes('undo-incomplete');
  const differs = differing(run, before, unfinished ? 'passed' : 'counted');
  if (differs.length > 0) throw new Violation(`not as before: ${quiet(differs)}`);
  const bound = givenAway(run);
  if (edits.size === 0 && bound.length > 0) throw new Violation(`still bound: ${bound.join(' ')}`);
}

function lostEdit({ rehearsal, edits }: Run, when: string): void {
  const lost = [...edits].find(([path, mark]) => !(find(rehearsal.world.disk, path)?.content.text ?? '').includes(mark));
  if (lost !== undefined) throw new Violation(`somebody's edit of ${lost[0]} is lost${when}`);
}

/** Devices vfio-pci has now and did not have before. */
const givenAway = (run: Run): readonly string[] => boundToVfio(run.rehearsal).filter((address) => !run.bound.has(address));

/** How the machine stood when a verb began. */
export interface From {
  readonly disk: Disk;
  readonly runs: string;
}

/** What a verb answers must be so: at once where it says it is, and at once as it was where one accident stopped it. */
export async function judgeAnswer(run: Run, verb: Verb, { answer, from }: { readonly answer: Result<Outcome>; readonly from: From }): Promise<void> {
  if (answer.ok) return judgeDone(run, verb, answer.value);
  const { problem } = answer;
  // Behind a first failure, and until root speaks of another step, it cannot be told from outside in which step it is.
  const [first] = run.met;
  const throws = run.met.filter(({ kind }) => kind === 'throws');
  if (problem.code === 'internal' && first?.kind === 'throws' && throws.every((one) => inStep(one) && (one === first || one.heard > first.heard))) throw new Violation(`${verb}: a throw in a step got out of it`);
  if (problem.code === 'undo-incomplete') return judgeLeft(run, verb, { problem, from });
  if ((verb === 'apply' || verb === 'keep') && isOneAccident(run)) judgeFailed(run, verb, from);
}

/** One accident stopped it: everything is as it was when it began. */
function judgeFailed(run: Run, verb: Verb, from: From): void {
  const moved = movedBetween(from.runs, portraitOf(run.rehearsal.world));
  if (moved.length > 0) throw new Violation(`${verb} failed by one ${run.met[0]?.kind ?? ''} and left running: ${quiet(moved)}`);
  const differs = differing(run, from.disk, 'passed');
  if (differs.length > 0) throw new Violation(`${verb} failed by one ${run.met[0]?.kind ?? ''} and left: ${quiet(differs)}`);
}

/** One fault, in a step that was being done, and nobody else at work: then all is put back before the answer. */
function isOneAccident({ met, edits }: Run): boolean {
  const [only] = met;
  return met.length === 1 && only !== undefined && inStep(only) && only.phase !== 'undoing' && edits.size === 0;
}

async function judgeDone(run: Run, verb: Verb, outcome: Outcome): Promise<void> {
  const forward = verb === 'apply' || verb === 'keep';
  if (forward && run.met.some((one) => one.kind === 'stop' && inStep(one))) throw new Violation(`${verb} did not hear a stop`);
  if (verb === 'keep' && !runsTrial(run)) throw new Violation('kept without a trial');
  if (run.edits.size > 0) return;
  if (forward) return sameAsStage(run, verb === 'apply' && run.plan.needsRestart ? 'prepared' : 'kept');
  if (outcome.state === 'undone') judgeUndone(run, verb, outcome);
}

const runsTrial = ({ rehearsal, transaction }: Run): boolean => transaction === null || rehearsal.world.kernel?.args.includes(trialArg(transaction)) === true;

function judgeUndone(run: Run, verb: Verb, outcome: Outcome): void {
  const bound = givenAway(run);
  if (!outcome.restart && bound.length > 0) throw new Violation(`${verb} says undone at once, and vfio-pci has ${bound.join(' ')}`);
  const differs = differing(run, run.before, 'passed');
  if (differs.length > 0) throw new Violation(`${verb} says undone, and there is: ${quiet(differs)}`);
}

/** Every step had its turn: what is not back belongs to a step that was named. */
function judgeLeft(run: Run, verb: Verb, { problem, from }: { readonly problem: Problem; readonly from: From }): void {
  const ids = (problem.detail['left'] ?? '').split(' ');
  const named = run.plan.steps.filter((step) => ids.includes(step.id)).flatMap(touchesOf).filter((place) => place !== 'trial-config').map((place) => pathOf(place, run.transaction ?? ''));
  const belongs = (path: string) => isSetting(path) || named.some((one) => one === path || one.startsWith(`${path}/`) || path.startsWith(`${one}.switchyard`) || path.replace('/.', '/').startsWith(`${one}.switchyard`));
  const differs = differing(run, verb === 'keep' ? from.disk : run.before, 'passed').filter((one) => !belongs(one.slice(1)));
  if (differs.length > 0) throw new Violation(`${verb} left what it does not name: ${quiet(differs)}`);
}

/** Complete: byte for byte what the same change is on a machine that met no accident, but for its own name. */
async function sameAsStage(run: Run, at: StageAt): Promise<void> {
  const { walk, transaction } = run;
  const stage = await stageOf(walk.candidate, walk.intents, at);
  const other = stage.change?.transaction ?? stage.below.at(-1)?.transaction;
  if (other === undefined || transaction === null) return;
  const { disk } = run.rehearsal.world;
  // On the stage after a point that holds its state the VM was used; in this walk nobody did.
  const used = at === 'ready' && walk.intents.at(-1)?.kind === 'save-vm';
  const differs = diskDifferences(stage.world.disk, disk, used ? judged.filter((folder) => folder !== '/var/lib/libvirt') : judged).filter((one) => !isAside(one.slice(1)) && !sameButName(one, { disk, transaction }, { disk: stage.world.disk, transaction: other }));
  if (differs.length > 0) throw new Violation(`${at}, but not as it should be: ${quiet(differs)}`);
  // A plan without a trial is done in the running system, and is true of it at once.
  const moved = at === 'kept' && !run.plan.needsRestart ? movedBetween(portraitOf(stage.world), portraitOf(run.rehearsal.world)) : [];
  if (moved.length > 0) throw new Violation(`${at}, but running otherwise: ${quiet(moved)}`);
}

interface Named {
  readonly disk: Disk;
  readonly transaction: TransactionId;
}

function sameButName(difference: string, one: Named, other: Named): boolean {
  const [a, b] = [find(one.disk, difference.slice(1)), find(other.disk, difference.slice(1))];
  if (a?.kind !== 'file' || b?.kind !== 'file') return false;
  const owned = a.attributes.mode === b.attributes.mode && a.attributes.uid === b.attributes.uid && a.attributes.gid === b.attributes.gid;
  return owned && a.content.text.replaceAll(one.transaction, other.transaction) === b.content.text;
}

/** What was kept is true of this start and the next, and one undo leads back. */
export async function judgeKept(run: Run, ask: (verb: Verb) => Promise<Result<Outcome> | null>): Promise<void> {
  const { walk, edits } = run;
  if (walk.quirk !== 'none') return;
  if (edits.size === 0) await sameAsStage(run, 'ready');
  // Right after a cut the loader may still have found the configuration of before: old or new, and from the next start on new.
  await ask('restart');
  const wish = walk.intents.at(-1);
  if (wish?.kind === 'dedicate' && edits.size === 0) {
    const bound = boundToVfio(run.rehearsal);
    const missing = wish.devices.filter((device) => !bound.includes(device.address));
    if (missing.length > 0) throw new Violation(`kept, but not bound: ${missing.map((device) => device.address).join(' ')}`);
  }
  if (!walk.undoes) return;
  const undone = await ask('undo');
  if (undone?.ok !== true && edits.size === 0) throw new Violation('kept cannot be undone');
  await ask('restart');
  lostEdit(run, ' by undo');
  if (undone?.ok !== true) return;
  const differs = differing(run, run.before, 'counted');
  if (differs.length > 0) throw new Violation(`not as before after undo: ${quiet(differs)}`);
}
