// SPDX-License-Identifier: GPL-3.0-or-later
import * as z from 'zod';
import { phase } from './history';
import { code, detail } from './judged';
import { pciAddress } from './pci';
import { planHash } from './plan';
import { wayBackKit } from './way-back';

/** A sentence of words/ with its details. */
export const sentence = z.strictObject({ code, detail });
export type Sentence = z.infer<typeof sentence>;

/** One line of an exact diff. Root's hidden lines never get here: a file that may not be read is `hidden` as a whole. */
const diffLine = z.strictObject({ mark: z.enum([' ', '+', '-']), text: z.string().max(4096) });

/** What becomes of one file or kernel node, byte for byte as it will be written. */
export const change = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('file'),
    path: z.string().max(512),
    what: z.enum(['create', 'replace', 'remove']),
    lines: z.array(diffLine).max(20_000),
    /** The `#` that fill GRUB's environment block to its fixed size are written, and left out of `lines`. */
    withoutPadding: z.literal(true).optional(),
  }),
  /** A file this person may not read; `plan.reveal` asks root for our own hunks of it. */
  z.strictObject({ kind: z.literal('hidden'), path: z.string().max(512) }),
  z.strictObject({ kind: z.literal('command'), line: z.string().max(1024) }),
  z.strictObject({ kind: z.literal('node'), path: z.string().max(512), value: z.string().max(256) }),
]);
export type Change = z.infer<typeof change>;

/** One step at its three depths: the sentence, the list, the exact changes. Its `id` is the id progress speaks of. */
export const reviewStep = z.strictObject({
  id: z.string().max(64),
  kind: z.string().max(64),
  /** now: at once. prepare: now, beside what is used. trial: one start. keep: after the person's answer. */
  phase,
  sentence,
  list: z.array(sentence).max(64),
  changes: z.array(change).max(256),
  undo: sentence,
  /** When it becomes true of what runs, where that is not at once: the next login, the next start of a service or of the computer. */
  holdsFrom: z.enum(['login', 'service', 'start']).exactOptional(),
});
export type ReviewStep = z.infer<typeof reviewStep>;

/** A plan as the person reads it; root draws the same plan and compares the hash. */
export const review = z.strictObject({
  /** Sixty-four hex digits over the canonical plan. */
  hash: planHash,
  /** True when the machine already is as wanted: no button then. */
  nothingToDo: z.boolean(),
  needsRestart: z.boolean(),
  steps: z.array(reviewStep).max(64),
  /** What the plan takes for granted and the person should know. */
  assumptions: z.array(sentence).max(16),
  /** Functions that will belong to the VM, and those that stay with this computer. */
  gives: z.array(pciAddress).max(64),
  stays: z.array(pciAddress).max(16384),
  /** The way-back kit, where a screen may go dark; null where the plan gives away nothing that lights one. */
  wayBack: wayBackKit.nullable().exactOptional(),
});
export type Review = z.infer<typeof review>;
