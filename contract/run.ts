// SPDX-License-Identifier: GPL-3.0-or-later
import * as z from 'zod';
import { phase, transactionId } from './history';
import { detail } from './judged';
import { problemCodes } from './problem';
import { stepPhase } from './progress';
import { sentence } from './review';
import { machineId } from './target';
import { trialCheck, trialProof } from './trial';

/** The wire form of contract/problem.ts. */
export const problem = z.strictObject({ code: z.enum(problemCodes), stepId: z.string().max(64).exactOptional(), detail });

/** What a step of the running transaction is doing: not begun, or the phase of progress.ts (`left`: begun, could not be undone). */
export const stepState = z.enum(['waiting', ...stepPhase.options]);

/**
 * Where a run stands.
 * - `authorising`: the password is being asked for. `working`, `cancelling`: root is at work.
 * - `restart-needed`: prepared; one restart tries it. `restarting`: this computer was told to restart.
 * - `asking`: this is the trial start; keep or go back (`check` absent: its self check is not finished). `trial-failed`: it did not pass.
 * - `kept`, `nothing-to-do`, `undone`, `cancelled` (all put back), `failed` (all put back), `undo-incomplete`: ends.
 */
export const runStates = [
  'authorising',
  'working',
  'cancelling',
  'restart-needed',
  'restarting',
  'asking',
  'trial-failed',
  'kept',
  'nothing-to-do',
  'undone',
  'cancelled',
  'failed',
  'undo-incomplete',
] as const;

/** Everything the window needs to show a run, also after the page was loaded again. News carry the whole of it. */
export const runState = z.strictObject({
  machine: machineId,
  transaction: transactionId.nullable(),
  verb: z.enum(['apply', 'keep', 'go-back', 'undo', 'restore']),
  at: z.enum(runStates),
  /** The words of Review, in its order. */
  steps: z.array(z.strictObject({ id: z.string().max(64), kind: z.string().max(64), phase, sentence, state: stepState, holdsFrom: z.enum(['login', 'service', 'start']).exactOptional(), proof: z.array(trialProof).max(8).exactOptional() })).max(64),
  /** What the self check of the trial start found; absent until it has. `until`: when a failed trial restarts by itself. */
  check: trialCheck.exactOptional(),
  problem: problem.nullable(),
  /** True when the files are as `at` says and what runs now was started before that: only a restart makes it true of the running system. */
  restart: z.boolean(),
  /** What is true only from the next login or service restart on. */
  waitsFor: z.array(sentence).max(32),
  /** Steps whose generated output was put back and whose generator should run again at leisure. */
  regenerate: z.array(z.string().max(64)).max(32),
  /** When this state began, ISO 8601 in UTC. */
  since: z.iso.datetime(),
});
export type RunState = z.infer<typeof runState>;
export type RunStep = RunState['steps'][number];
/** True while closing the window would break into work of root. */
export const isUnderWay = (run: RunState): boolean => run.at === 'authorising' || run.at === 'working' || run.at === 'cancelling';
