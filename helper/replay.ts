// SPDX-License-Identifier: GPL-3.0-or-later
import type { Origin, StepOutcome, Summary, TransactionId, TransactionState, Work } from '../contract/history';
import type { JournalRecord, SavedFile, SavedSetting } from '../contract/journal';
import type { Plan, PlanHash } from '../contract/plan';
import type { Moment } from '../contract/point';
import type { StartFacts, TrialCheck, TrialProof } from '../contract/trial';
import type { Begun, Standing } from './engine';

export interface StepStory {
  readonly id: string;
  readonly outcome: StepOutcome;
  readonly saved: readonly SavedFile[];
  readonly settings: readonly SavedSetting[];
  /** What stood at its places when it was verified. */
  readonly now: readonly Standing[];
  /** What was read back of it then. */
  readonly proof: readonly TrialProof[];
  /** Digests it was about to put at a path, oldest first. */
  readonly putting: readonly { readonly path: string; readonly sha256: string }[];
  /** Values it was about to give a setting, by its name. */
  readonly setting: readonly { readonly path: string; readonly value: string }[];
  /** Folders it was about to make. */
  readonly making: readonly string[];
  readonly why: string | null;
  /** Boot id when it was last begun. */
  readonly boot: string;
}

/** What a journal says when it is read from its beginning; the only place where the state of a transaction comes from. */
export interface Story {
  readonly transaction: TransactionId;
  readonly plan: PlanHash;
  readonly opened: number;
  readonly changed: number;
  readonly kept: number | null;
  readonly boot: string;
  readonly state: TransactionState;
  readonly work: Work | null;
  readonly restart: boolean;
  readonly problem: Summary['problem'];
  readonly version: string;
  readonly origin: Origin;
  /** In the order in which they were last begun. */
  readonly steps: readonly StepStory[];
  /** What was seen when work began and came to rest, oldest first. */
  readonly moments: readonly Moment[];
  /** What the start gave to the person in which the trial was prepared; null where it was not recorded. */
  readonly start: StartFacts | null;
  /** What the self check of the trial start found last. */
  readonly check: TrialCheck | null;
}

/** As many as point.json may hold; a transaction has four, and two more for each answer that was tried again. */
const mostMoments = 24;

/** Null when the journal has no first line: nothing was ever changed under this name. */
export function replay(records: readonly JournalRecord[]): Story | null {
  const [first, ...rest] = records;
  if (first?.kind !== 'opened') return null;
  const opened: Story = { transaction: first.transaction, plan: first.plan, opened: first.at, changed: first.at, kept: null, boot: first.boot, state: 'working', work: null, restart: false, problem: null, version: first.version, origin: first.origin, steps: [], moments: [], start: null, check: null };
  return rest.reduce(follow, opened);
}

function follow(story: Story, record: JournalRecord): Story {
  const now = { ...story, changed: record.at, boot: record.boot };
  switch (record.kind) {
    case 'opened':
    case 'pruned':
      return now;
    case 'seen': {
      // Only looked at: nothing changed by it.
      const { kind: _kind, ...moment } = record;
      return { ...story, moments: withMoment(story.moments, moment) };
    }
    case 'start':
      return { ...story, start: record.facts };
    case 'checked':
      return { ...now, check: record.check };
    case 'work':
      return { ...now, state: 'working', work: record.work };
    case 'state':
      return { ...now, state: record.state, work: null, restart: record.restart, problem: record.problem, kept: record.state === 'kept' ? record.at : now.kept };
    default:
      return followStep(now, record);
  }
}

/** What the journal says of one step. */
function followStep(now: Story, record: Extract<JournalRecord, { readonly step: string }>): Story {
  switch (record.kind) {
    case 'begun': {
      const step: StepStory = { id: record.step, outcome: 'begun', saved: record.saved, settings: record.settings ?? [], now: [], proof: [], putting: [], setting: [], making: [], why: null, boot: record.boot };
      return { ...now, steps: [...now.steps.filter((other) => other.id !== record.step), step] };
    }
    case 'putting':
      return withStep(now, record.step, (step) => ({ ...step, putting: [...step.putting, { path: record.path, sha256: record.sha256 }] }));
    case 'setting':
      return withStep(now, record.step, (step) => ({ ...step, setting: [...step.setting, { path: record.path, value: record.value }] }));
    case 'making':
      return withStep(now, record.step, (step) => ({ ...step, making: [...step.making, record.path] }));
    case 'verified':
      return withStep(now, record.step, (step) => ({ ...step, outcome: 'verified', now: record.now, proof: record.proof ?? [] }));
    case 'undone':
      return withStep(now, record.step, (step) => ({ ...step, outcome: 'undone', why: null }));
    case 'left':
      return withStep(now, record.step, (step) => ({ ...step, outcome: 'left', why: record.why }));
    default:
      return record satisfies never;
  }
}

/** The first stays: it is the machine before anything. */
function withMoment(moments: readonly Moment[], moment: Moment): readonly Moment[] {
  const [first, ...rest] = moments;
  return first === undefined ? [moment] : [first, ...[...rest, moment].slice(1 - mostMoments)];
}

function withStep(story: Story, id: string, change: (step: StepStory) => StepStory): Story {
  return { ...story, steps: story.steps.map((step) => (step.id === id ? change(step) : step)) };
}

/** Steps that may still stand on the machine, oldest first; a step of the journal that the plan does not have is a bug. */
export function standing(story: Story, plan: Plan): readonly Begun[] {
  return story.steps
    .filter((step) => step.outcome !== 'undone' && step.outcome !== 'planned')
    .map(({ id, saved, settings }) => {
      const step = plan.steps.find((candidate) => candidate.id === id);
      if (step === undefined) throw new Error('journal and plan disagree');
      return { step, saved, settings };
    });
}
