// SPDX-License-Identifier: GPL-3.0-or-later
import type { TransactionId, TransactionState, Work } from '../contract/history';
import type { SavedFile } from '../contract/journal';
import type { Plan, PlanHash, Step } from '../contract/plan';
import type { VmSeen } from '../contract/point';
import { failed, ok, type Problem, type Result } from '../contract/problem';
import { packageVersion } from '../contract/version';
import { ruleOf } from '../core/step/kinds';
import { pathOf } from '../core/step/places';
import { undoList, type UndoItem, type UndoRecord } from '../core/step/undo';
import { undoScript, type UndoNote } from '../core/step/undo-script';
import { proofOf } from '../core/trial/proof';
import type { Desk } from './desk';
import type { Begun, World } from './engine';
import { openJournal, type Journal } from './journal';
import { takeMoment } from './moment';
import { textAt, type Bench, type Job } from './perform/bench';
import { performStep } from './perform/change';
import { putBack } from './perform/put-back';
import { reloadAfter, remakeStep } from './perform/regenerate';
import { standingOf, verifyStep } from './perform/verify';
import { replay, type StepStory, type Story } from './replay';
import { snapshot } from './snapshot';
import { journalPath, makeTransaction, readPlan, setWaiting, writePlan, writePoint, writeScript, writeSummary } from './store';
import { summaryOf } from './summary';

/** One restore point, opened for work under the lock. */
export interface Transaction {
  readonly id: TransactionId;
  readonly plan: Plan;
  readonly journal: Journal;
  readonly world: World;
  story(): Story;
  /** Notes that a piece of work begins, and what everything of ours is before it. */
  begin(work: Work): Promise<Result<void>>;
  /** Notes where it came to rest, and tells everybody who may read: state last in the journal, then the summary. */
  rest(state: TransactionState, how: { readonly restart: boolean; readonly problem: Problem | null }): Promise<Result<void>>;
  /** Tells everybody who may read what the journal says now. */
  tell(): Promise<Result<void>>;
  /** Has the running system read anew what was undone; gives the steps of which it still has to. */
  reload(undone: readonly Begun[]): Promise<readonly string[]>;
  close(): void;
}

/** Makes the folders, the plan and the first journal line of a new transaction; nothing of the machine is touched yet. */
export async function newTransaction(desk: Desk, { plan, hash, id, vms }: Pick<Parts, 'plan' | 'id' | 'vms'> & { readonly hash: PlanHash }): Promise<Result<Transaction>> {
  const made = makeTransaction(desk.hands, id);
  if (!made.ok) return made;
  const written = await writePlan(desk.hands, id, plan);
  if (!written.ok) return written;
  // Before the first journal line: from that line on there is something for a start to finish.
  const waiting = await setWaiting(desk.hands, id);
  if (!waiting.ok) return waiting;
  const journal = openJournal(desk.hands, journalPath(id));
  if (!journal.ok) return journal;
  const noted = journal.value.note({ kind: 'opened', schema: 1, transaction: id, plan: hash, version: packageVersion, origin: desk.origin });
  return noted.ok ? ok(transactionOn(desk, { id, plan, journal: journal.value, vms })) : noted;
}

/** Opens a transaction of the store. `not-found`: nothing was ever begun under this name. */
export function openTransaction(desk: Desk, id: TransactionId): Result<Transaction> {
  const journal = openJournal(desk.hands, journalPath(id));
  if (!journal.ok) return journal;
  if (replay(journal.value.records) === null) {
    journal.value.close();
    return failed('not-found', { transaction: id });
  }
  const plan = readPlan(desk.hands, id);
  return plan.ok ? ok(transactionOn(desk, { id, plan: plan.value, journal: journal.value, vms: [] })) : plan;
}

interface Parts {
  readonly id: TransactionId;
  readonly plan: Plan;
  readonly journal: Journal;
  /** VMs whose state was saved into the store for this point. */
  readonly vms: readonly VmSeen[];
}

function transactionOn(desk: Desk, parts: Parts): Transaction {
  const { id, plan, journal } = parts;
  const story = (): Story => {
    const told = replay(journal.records);
    if (told === null) throw new Error('a transaction without a first line');
    return told;
  };
  const bench = benchOf(desk, parts, story);
  return {
    id,
    plan,
    journal,
    story,
    world: worldOf(desk, { bench, story, parts }),
    async begin(work) {
      const noted = journal.note({ kind: 'work', work });
      return noted.ok ? see(desk, { parts, story }, { when: 'start', work }) : noted;
    },
    async rest(state, { restart, problem }) {
      const work = story().work ?? 'prepare';
      const noted = journal.note({ kind: 'state', state, restart, problem: problem === null ? null : { code: problem.code, stepId: problem.stepId ?? null } });
      if (!noted.ok) return noted;
      // The mark for the next start stays: recover tidies then, and takes it away when nothing waits any more.
      // The journal says where it rests, and that is true whatever becomes of the summary: recover makes it again at the next start.
      const told = await writeSummary(desk.hands, summaryOf(story(), plan));
      if (!told.ok) await writeSummary(desk.hands, summaryOf(story(), plan));
      // What was done stands whether or not it can be remembered as a point: that is told by its absence.
      await see(desk, { parts, story }, { when: 'end', work });
      return ok(undefined);
    },
    tell: () => writeSummary(desk.hands, summaryOf(story(), plan)),
    reload: (undone) => reloadAfter(bench, undone.map(({ step }) => step)),
    close: () => { journal.close(); },
  };
}

/** Looks at everything of ours, notes it, and tells everybody who may read. */
async function see(desk: Desk, { parts, story }: { parts: Parts; story: () => Story }, what: { readonly when: 'start' | 'end'; readonly work: Work }): Promise<Result<void>> {
  try {
    const { state, moments } = story();
    const seen = await takeMoment(desk, { ...what, transaction: parts.id, state, earlier: moments, settings: parts.plan.steps.flatMap((step) => ruleOf(step).settings), vms: parts.vms });
    const noted = parts.journal.note({ kind: 'seen', ...seen });
    return noted.ok ? await writePoint(desk.hands, { schema: 1, transaction: parts.id, moments: [...story().moments] }) : noted;
  } catch (error) {
    return failed('step-failed', { why: error instanceof Error ? error.name : 'thrown' });
  }
}

function benchOf(desk: Desk, { id, journal }: Parts, story: () => Story): Bench {
  return {
    hands: desk.hands,
    running: desk.origin.via !== 'systemd',
    transaction: id,
    async putting(step, path, sha256) {
      const noted = journal.note({ kind: 'putting', step, path, sha256 });
      return noted.ok ? writeScript(desk.hands, id, scriptOf(story())) : noted;
    },
    async setting(step, path, value) {
      const noted = journal.note({ kind: 'setting', step, path, value });
      return noted.ok ? writeScript(desk.hands, id, scriptOf(story())) : noted;
    },
    telling: () => writeScript(desk.hands, id, scriptOf(story())),
    making: (step, path) => journal.note({ kind: 'making', step, path }),
  };
}

function worldOf(desk: Desk, { bench, story, parts }: { bench: Bench; story: () => Story; parts: Parts }): World {
  const { journal, plan } = parts;
  const save = async (step: Step): ReturnType<World['save']> => {
    const saved = await snapshot(bench, step, journal.records.filter((record) => record.kind === 'begun').length);
    const changed = saved.ok ? saved.value.saved.find((file) => isChangedSincePlan(file, { plan, story: story(), id: parts.id })) : undefined;
    return changed === undefined ? saved : failed('precondition-failed', { why: 'changed', place: changed.path });
  };
  return {
    save,
    note: (record) => journal.note(record),
    perform: (begun) => performStep(bench, begun),
    async verify(begun: Job) {
      const verified = await verifyStep(bench, begun);
      return verified.ok ? standingOf(bench, begun) : verified;
    },
    proof: ({ step }, now) => proofOf(step, { transaction: parts.id, standing: now, text: (place) => textAt(bench, pathOf(place, parts.id)) }),
    undoList: (begun) => itemsOf(story(), begun),
    putBack: (item) => putBack(bench, item),
    remake: ({ step }) => remakeStep(bench, step),
    stopAsked: () => desk.session.stopAsked(),
    progress(step, phase) {
      desk.session.progress({ kind: 'progress', stepId: step.id, phase, index: plan.steps.findIndex((each) => each.id === step.id), count: plan.steps.length });
    },
  };
}

/** Whether somebody changed a file between the plan and our first step that touches it: what they wrote was never approved to go. */
function isChangedSincePlan({ path, was }: SavedFile, { plan, story, id }: { readonly plan: Plan; readonly story: Story; readonly id: TransactionId }): boolean {
  if (was === null || story.steps.some((step) => step.saved.some((earlier) => earlier.path === path))) return false;
  const planned = plan.basis.places.find(({ place }) => pathOf(place, id) === path)?.state;
  return planned?.kind === 'file' && planned.digest !== was.sha256;
}

/** The one list for some of the begun steps, with everything the journal knows about our contents there. */
function itemsOf(story: Story, begun: readonly Begun[]): readonly UndoItem[] {
  const ids = new Set(begun.map((each) => each.step.id));
  return undoList(story.steps.filter((step) => ids.has(step.id)).flatMap(recordsOf));
}

function recordsOf(step: StepStory): readonly UndoRecord[] {
  const files = step.saved.map(({ path, was, saved }) => ({
    stepId: step.id,
    path,
    was: was === null || saved === null ? null : { sha256: was.sha256, mode: was.mode, uid: was.uid, gid: was.gid, saved },
    ours: step.putting.filter((put) => put.path === path).map((put) => put.sha256),
    made: step.making.filter((folder) => path.startsWith(`${folder}/`)),
  }));
  const settings = step.settings.map(({ path, setting, was }) => ({
    stepId: step.id,
    path,
    setting,
    was,
    to: step.setting.filter((each) => each.path === path).map((each) => each.value),
    boot: step.boot,
  }));
  return [...files, ...settings];
}

const generated = /^\/boot\/(?:initrd\.img-|grub\/grub\.cfg$)/;
const notesOf = (open: readonly StepStory[]): readonly UndoNote[] =>
  open.some((step) => step.saved.some(({ path, was }) => was !== null && generated.test(path))) ? ['restart', 'firmware', 'generated'] : ['restart', 'firmware'];

/** undo.sh for everything that may stand now. */
function scriptOf(story: Story): string {
  const open = story.steps.filter((step) => step.outcome !== 'undone');
  return undoScript({ transaction: story.transaction, items: undoList(open.flatMap(recordsOf)), notes: notesOf(open) });
}
