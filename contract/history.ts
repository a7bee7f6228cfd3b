// SPDX-License-Identifier: GPL-3.0-or-later
import * as z from 'zod';
import { pointReasonForm } from './names';
import { problemCodes } from './problem';
import { trialCheck, trialProof } from './trial';

/** Names one restore point everywhere: store folder, `switchyard.bind=` token on the kernel command line, image and entry. */
export const transactionId = z
  .string()
  .regex(/^[0-9a-f]{16}$/)
  .brand('TransactionId');
export type TransactionId = z.infer<typeof transactionId>;

/**
 * Where one machine stands. docs/security.md has one row for each, compared by a test.
 * *before-anything* and *reviewing* are states of the window: root has written nothing and holds nothing open.
 */
export const states = [
  'before-anything',
  'reviewing',
  'working',
  'waiting-for-restart',
  'trial-running',
  'kept',
  'undone',
  'undo-incomplete',
] as const;
export type State = (typeof states)[number];

/** States a transaction of the store can be in. Finished are `kept` and `undone`; everything else is unfinished business. */
export const transactionStates = ['working', 'waiting-for-restart', 'trial-running', 'kept', 'undone', 'undo-incomplete'] as const;
export const transactionState = z.enum(transactionStates);
export type TransactionState = z.infer<typeof transactionState>;

/** What is being worked on while the state is `working`. */
export const work = z.enum(['prepare', 'keep', 'undo']);
export type Work = z.infer<typeof work>;

/** *now*: done at once in a plan without a trial. */
export const phase = z.enum(['now', 'prepare', 'trial', 'keep']);

const id = z.string().regex(/^[a-z][a-z0-9-]{0,47}$/);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const time = z.number().int().nonnegative();

/** How far a step got. `left`: it was begun and could not be undone. */
export const stepOutcome = z.enum(['planned', 'begun', 'verified', 'undone', 'left']);
export type StepOutcome = z.infer<typeof stepOutcome>;

/** One step as anybody may read it: kinds, places and digests, no content. */
export const summaryStep = z.strictObject({
  id,
  kind: id,
  phase,
  outcome: stepOutcome,
  /** Why it is `left`. */
  why: z.string().regex(/^[A-Za-z0-9-]{1,48}$/).nullable(),
  /** Files it touches: path, digest before (null = absent) and as we left it (null = absent or not there yet). */
  places: z.array(z.strictObject({ path: z.string().max(256), before: sha256.nullable(), ours: sha256.nullable() })).max(32),
  /** What was read back of it when it was verified. */
  proof: z.array(trialProof).max(8).optional(),
});
export type SummaryStep = z.infer<typeof summaryStep>;

/** A person's own words for a restore point: letters, digits and plain punctuation; it is shown, never used. */
export const pointReason = z.string().regex(pointReasonForm);

/** The machine as it was just before a transaction, or as that transaction left it when it was kept. */
export const pointSide = z.enum(['before', 'after']);
export type PointSide = z.infer<typeof pointSide>;
export const pointRef = z.strictObject({ transaction: transactionId, side: pointSide });
export type PointRef = z.infer<typeof pointRef>;

/** How a request came to root; the user number only names the person. */
export const origin = z.strictObject({ via: z.enum(['pkexec', 'sudo', 'root', 'systemd', 'libvirt', 'rehearsal']), uid: z.number().int().nonnegative().nullable() });
export type Origin = z.infer<typeof origin>;

export const summaryProblem = z.strictObject({ code: z.enum(problemCodes), stepId: id.nullable() });

/** `summary.json` of a transaction (0644): what the app's history is rebuilt from. Times are milliseconds since 1970. */
export const summary = z.strictObject({
  schema: z.literal(1),
  transaction: transactionId,
  state: transactionState,
  work: work.nullable(),
  intent: id,
  plan: sha256,
  /** Version of the package that wrote it. */
  version: z.string().max(32),
  opened: time,
  changed: time,
  /** When the person said keep; null until then. */
  kept: time.nullable(),
  /** Boot id of the start in which the last change was made. */
  boot: z.string().regex(/^[0-9a-f-]{1,36}$/),
  /** True when the machine must restart before what the state says is true of the running system. */
  restart: z.boolean(),
  origin,
  /** What ended it early, if something did. */
  problem: summaryProblem.nullable(),
  /** The person's words, of a point taken on request. */
  reason: pointReason.nullable().default(null),
  /** The point a restore leads to. */
  restores: pointRef.nullable().default(null),
  /** What the self check of its trial start found; absent until it has. */
  check: trialCheck.optional(),
  steps: z.array(summaryStep).max(64),
});
export type Summary = z.infer<typeof summary>;

export const unfinished = (state: TransactionState): boolean => state !== 'kept' && state !== 'undone';
