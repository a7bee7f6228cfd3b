// SPDX-License-Identifier: GPL-3.0-or-later
import { unfinished, type TransactionId } from '../contract/history';
import type { Plan } from '../contract/plan';
import { failed, ok, type Result } from '../contract/problem';
import type { Outcome } from '../contract/progress';
import type { TrialCheck, TrialFinding } from '../contract/trial';
import { consoleLines, countdownLine, findingLine } from '../core/trial/console';
import { judgeTrial, type KernelSeen } from '../core/trial/self-check';
import { afterSaying, answerTime, beginWatch, lookEvery, minutesToSay, watchNext, type Watch } from '../core/trial/watch';
import { lookAtStart } from '../host/start-facts';
import { askEverybody, askNobody } from './ask-everybody';
import type { Desk } from './desk';
import { readJournal } from './journal';
import { locked } from './locked';
import { spendOneShot } from './one-shot';
import { replay, type Story } from './replay';
import { journalPath, readPlan } from './store';
import { openTransaction } from './transaction';
import { lookAtKernel, trialNamed } from './trial';

/** Says a line on the console and in the journal; *aloud*: to everybody who is logged in. */
export type Voice = (line: string, how: 'quiet' | 'aloud') => void;
const nobody: Voice = () => undefined;

const nothing: Outcome = { transaction: null, state: null, restart: false, regenerate: [] };

/**
 * The guard of a trial start: the self check of host.md 5.9, and then: passed, no clock; failed, ten minutes for an
 * answer, said aloud. Ends badly when nobody answered: its unit then restarts the machine, into the old start.
 */
export async function guard(desk: Desk, voice: Voice): Promise<Result<Outcome>> {
  const end = await watchOver(desk, voice, 'to-the-end');
  if (end === null) return ok(nothing);
  return end.how === 'time-up' ? failed('precondition-failed', { why: 'trial-unanswered', transaction: end.transaction }) : ok({ ...nothing, transaction: end.transaction });
}

/** The self check alone, for a rehearsal, where nobody's screen is dark: its verdict is noted, and nothing is counted down. */
export async function checkTrial(desk: Desk): Promise<Result<void>> {
  try {
    await watchOver(desk, nobody, 'to-the-verdict');
    return ok(undefined);
  } catch (error) {
    return failed('internal', { why: error instanceof Error ? error.name : 'thrown' });
  }
}

interface End {
  readonly transaction: TransactionId;
  readonly how: 'passed' | 'failed' | 'answered' | 'time-up';
}

async function watchOver(desk: Desk, voice: Voice, far: 'to-the-end' | 'to-the-verdict'): Promise<End | null> {
  const transaction = trialNamed(desk.hands);
  if (transaction === null) return null;
  const oneShot = await spend(desk, transaction);
  let watch: Watch = beginWatch;
  for (let since = 0; ; since += lookEvery) {
    const { findings, standing } = await look(desk, transaction, oneShot);
    // While somebody answers, the clock stands still.
    if (standing !== 'answering') {
      const was = watch;
      watch = watchNext(watch, { since, findings, answered: standing === 'answered' });
      await tell(desk, { transaction, was, watch, findings, voice, counts: far === 'to-the-end' });
      if (watch.at === 'over') return { transaction, how: watch.how };
      if (watch.at === 'counting' && far === 'to-the-verdict') return { transaction, how: 'failed' };
      const minutes = minutesToSay(watch, since);
      if (minutes !== null) {
        voice(countdownLine(minutes), 'aloud');
        watch = afterSaying(watch, minutes);
      }
    } else since -= lookEvery;
    await desk.hands.pause(lookEvery);
  }
}

/** Under the lock, because it writes; a second one that works at this moment is waited for. */
async function spend(desk: Desk, transaction: TransactionId): Promise<KernelSeen['oneShot']> {
  const plan = readPlan(desk.hands, transaction);
  if (!plan.ok) return 'unknown';
  for (let tries = 0; tries < 24; tries++) {
    const spent = await locked(desk, 'guard', async () => ok(await spendOneShot(desk.hands, plan.value, transaction)));
    if (spent.ok) return spent.value;
    if (spent.problem.code !== 'busy') break;
    await desk.hands.pause(lookEvery);
  }
  return 'unknown';
}

interface Look {
  readonly findings: readonly TrialFinding[];
  readonly standing: 'open' | 'answering' | 'answered';
}

/** One look. A store that cannot be read is a failed trial too: its disk may have gone with the card. */
async function look(desk: Desk, transaction: TransactionId, oneShot: KernelSeen['oneShot']): Promise<Look> {
  const { hands } = desk;
  const plan = readPlan(hands, transaction);
  const journal = readJournal(hands, journalPath(transaction));
  const story = journal.ok ? replay(journal.value.records) : null;
  if (!plan.ok || story === null) return { findings: [{ code: 'unreadable', detail: { what: journalPath(transaction) } }], standing: 'open' };
  const standing = story.state === 'working' && (await nobodyWorks(desk)) ? 'open' : standingOf(story);
  return { findings: findingsOf(hands, { plan: plan.value, story, oneShot }), standing };
}

function findingsOf(hands: Desk['hands'], { plan, story, oneShot }: { plan: Plan; story: Story; oneShot: KernelSeen['oneShot'] }): readonly TrialFinding[] {
  const kernel = { ...lookAtKernel(hands, plan, story.transaction), oneShot };
  return judgeTrial(plan, story.transaction, { kernel, before: story.start, now: lookAtStart(hands) });
}

/** The lock is free: whoever wrote `working` died over it, and the next start puts it back. */
async function nobodyWorks(desk: Desk): Promise<boolean> {
  return (await locked(desk, 'guard', () => Promise.resolve(ok(undefined)))).ok;
}

function standingOf(story: Story): Look['standing'] {
  if (story.state === 'working') return 'answering';
  return unfinished(story.state) && story.state !== 'undo-incomplete' ? 'open' : 'answered';
}

interface Turn {
  readonly transaction: TransactionId;
  readonly was: Watch;
  readonly watch: Watch;
  readonly findings: readonly TrialFinding[];
  readonly voice: Voice;
  readonly counts: boolean;
}

/** What is said and noted when the watch turns: at the verdict, and at its end. */
async function tell(desk: Desk, turn: Turn): Promise<void> {
  const { was, watch, voice } = turn;
  if (was.at === watch.at) return;
  if (watch.at === 'counting') await tellVerdict(desk, turn, 'failed');
  if (watch.at !== 'over') return;
  if (watch.how === 'passed') await tellVerdict(desk, turn, 'passed');
  if (watch.how === 'answered') askNobody(desk.hands);
  if (watch.how === 'time-up') voice(consoleLines['time-up'], 'aloud');
  else if (watch.how === 'passed' && was.at === 'counting') voice(consoleLines.recovered, 'aloud');
  else voice(consoleLines[watch.how], 'quiet');
}

async function tellVerdict(desk: Desk, { transaction, findings, voice, counts }: Turn, verdict: TrialCheck['verdict']): Promise<void> {
  for (const finding of findings) voice(findingLine(finding), 'quiet');
  const until = verdict === 'failed' && counts ? desk.hands.now() + answerTime : null;
  await note(desk, transaction, { verdict, findings: [...findings].slice(0, 128), until });
  askEverybody(desk.hands, { transaction, verdict });
  if (verdict === 'failed') voice(consoleLines.failed, 'aloud');
}

/** What cannot be noted is said on the console all the same, and the clock runs. */
async function note(desk: Desk, id: TransactionId, check: TrialCheck): Promise<void> {
  await locked(desk, 'guard', async () => {
    const opened = openTransaction(desk, id);
    if (!opened.ok) return opened;
    const transaction = opened.value;
    const noted = standingOf(transaction.story()) === 'open' ? transaction.journal.note({ kind: 'checked', check }) : ok(undefined);
    const told = noted.ok ? await transaction.tell() : noted;
    transaction.close();
    return told;
  });
}
