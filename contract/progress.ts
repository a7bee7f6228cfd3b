// SPDX-License-Identifier: GPL-3.0-or-later
import * as z from 'zod';
import { transactionId, transactionState } from './history';
import { problemCodes } from './problem';

export const stepPhase = z.enum(['checking', 'changing', 'verifying', 'verified', 'undoing', 'undone', 'left']);
export type StepPhase = z.infer<typeof stepPhase>;

const short = z.string().max(64);
export const problemLine = z.strictObject({
  code: z.enum(problemCodes),
  stepId: short.optional(),
  detail: z.record(z.string().regex(/^[a-zA-Z]{1,24}$/), z.string().max(512)),
});

/** One line while root works: `index` of `count` steps; `stepId` null while the machine is looked at and planned again. */
export const progressLine = z.strictObject({
  kind: z.literal('progress'),
  stepId: short.nullable(),
  phase: stepPhase,
  index: z.number().int().nonnegative(),
  count: z.number().int().nonnegative(),
});
export type Progress = z.infer<typeof progressLine>;

/** What a verb that worked leaves behind. */
export const outcome = z.strictObject({
  /** Null when nothing was to do. */
  transaction: transactionId.nullable(),
  state: transactionState.nullable(),
  /** The machine must restart (into the trial, or to make an undo true of the running system). */
  restart: z.boolean(),
  /** Steps whose generated output was put back but whose generator should run again at leisure. */
  regenerate: z.array(short).max(32),
});
export type Outcome = z.infer<typeof outcome>;
