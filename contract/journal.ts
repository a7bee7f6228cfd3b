// SPDX-License-Identifier: GPL-3.0-or-later
import * as z from 'zod';
import { origin, summaryProblem, transactionId, transactionState, work } from './history';
import { planHash } from './plan';
import { seen } from './point';
import { setting, settingValue } from './setting';
import { startFacts, trialCheck, trialProof } from './trial';

const id = z.string().regex(/^[a-z][a-z0-9-]{0,47}$/);
const path = z.string().regex(/^\/[\x21-\x7e]{1,510}$/);
const time = z.number().int().nonnegative();
const why = z.string().regex(/^[A-Za-z0-9-]{1,48}$/);

export const fileState = z.strictObject({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  size: z.number().int().nonnegative(),
  mode: z.number().int().min(0).max(0o7777),
  uid: z.number().int().nonnegative(),
  gid: z.number().int().nonnegative(),
  identity: z.string().regex(/^\d+:\d+$/),
});

/** One file as it was before a step; `saved` is its copy in before/, null when nothing was there. */
export const savedFile = z.strictObject({ path, was: fileState.nullable(), saved: z.string().regex(/^[0-9]{1,3}-[0-9]{1,3}$/).nullable() });
export type SavedFile = z.infer<typeof savedFile>;

/** One setting as it was before a step; its name is one word for it, as a path is for a file. */
export const savedSetting = z.strictObject({ path: z.string().regex(/^[a-z-]+:[\x21-\x7e]{1,128}$/), setting, was: settingValue });
export type SavedSetting = z.infer<typeof savedSetting>;

const head = { at: time, boot: z.string().regex(/^[0-9a-f-]{1,36}$/) };

/** One line of journal.jsonl. Schema 1; later programs read every released schema. */
export const journalRecord = z.discriminatedUnion('kind', [
  z.strictObject({ ...head, kind: z.literal('opened'), schema: z.literal(1), transaction: transactionId, plan: planHash, version: z.string().max(32), origin }),
  /** A piece of work begins. */
  z.strictObject({ ...head, kind: z.literal('work'), work }),
  /** Snapshot is on the disk; from here on the step may have changed anything it names. */
  z.strictObject({ ...head, kind: z.literal('begun'), step: id, saved: z.array(savedFile).max(32), settings: z.array(savedSetting).max(32).optional() }),
  /** What a step is about to put somewhere, noted before it does: so that a file of ours is known as ours after a cut. */
  z.strictObject({ ...head, kind: z.literal('putting'), step: id, path, sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  /** What a step is about to set, noted before it does. */
  z.strictObject({ ...head, kind: z.literal('setting'), step: id, path: savedSetting.shape.path, value: settingValue }),
  /** A folder that was not there is about to be made. */
  z.strictObject({ ...head, kind: z.literal('making'), step: id, path }),
  /** Looked at again and found as promised; `now` is what stands at the step's places. */
  z.strictObject({ ...head, kind: z.literal('verified'), step: id, now: z.array(z.strictObject({ path, is: fileState.nullable() })).max(32), proof: z.array(trialProof).max(8).optional() }),
  z.strictObject({ ...head, kind: z.literal('undone'), step: id }),
  z.strictObject({ ...head, kind: z.literal('left'), step: id, why }),
  /** Everything of ours as it stood when a piece of work began or had come to rest: what points are compared and restored by. */
  z.strictObject({ ...head, kind: z.literal('seen'), ...seen }),
  /** A finished transaction that goes now, because more are kept than may be (security rule 14). */
  z.strictObject({ ...head, kind: z.literal('pruned'), other: transactionId }),
  /** What the start in which the trial was prepared gives to the person: the self check compares with it. */
  z.strictObject({ ...head, kind: z.literal('start'), facts: startFacts }),
  /** What the self check of the trial start found. */
  z.strictObject({ ...head, kind: z.literal('checked'), check: trialCheck }),
  /** Where it came to rest; `restart`: the running system is not yet as the state says. */
  z.strictObject({ ...head, kind: z.literal('state'), state: transactionState, restart: z.boolean(), problem: summaryProblem.nullable() }),
]);
export type JournalRecord = z.infer<typeof journalRecord>;
type Bare<R> = R extends unknown ? Omit<R, 'at' | 'boot'> : never;
/** A record before the journal puts time and boot id on it. */
export type NewRecord = Bare<JournalRecord>;
