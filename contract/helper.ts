// SPDX-License-Identifier: GPL-3.0-or-later
import * as z from 'zod';
import { pointRef, transactionId } from './history';
import { intent, planHash, restoreChoices } from './plan';
import { outcome, problemLine, progressLine } from './progress';
import { vmUuid } from './vm';

/** Changes whenever a line on the wire changes its meaning; both ends compare it first. */
export const protocol = 1;

/** Bytes of one line in either direction; a longer one is `protocol` and nothing of it is looked at. */
export const lineLimit = { request: 16_384, answer: 262_144 } as const;

/**
 * The verb table of ARCHITECTURE.md, decision "Root transport". `started` says who may start it, `polkit` what an
 * active session is asked (null: never through polkit), `input` what stands on stdin.
 */
export const verbs = {
  look: { started: ['pkexec', 'sudo', 'root'], polkit: 'auth_admin', input: 'line' },
  apply: { started: ['pkexec', 'sudo', 'root'], polkit: 'auth_admin', input: 'line' },
  keep: { started: ['pkexec', 'sudo', 'root'], polkit: 'auth_admin', input: 'line' },
  undo: { started: ['pkexec', 'sudo', 'root'], polkit: 'auth_admin', input: 'line' },
  restore: { started: ['pkexec', 'sudo', 'root'], polkit: 'auth_admin', input: 'line' },
  'save-vm': { started: ['pkexec', 'sudo', 'root'], polkit: 'auth_admin', input: 'line' },
  'go-back': { started: ['pkexec', 'sudo', 'root'], polkit: 'yes', input: 'none' },
  'undo-last': { started: ['root'], polkit: null, input: 'none' },
  recover: { started: ['systemd'], polkit: null, input: 'none' },
  /** Only in a trial's own start: the self check, and the countdown of one that failed. */
  guard: { started: ['systemd'], polkit: null, input: 'none' },
  /** Takes back every managed card whose VM is gone; systemd's transient timer, or a person whose card did not come home. */
  'take-back': { started: ['pkexec', 'sudo', 'root', 'systemd'], polkit: 'auth_admin', input: 'none' },
  hook: { started: ['libvirt'], polkit: null, input: 'xml' },
} as const;
export type HelperVerb = keyof typeof verbs;
const isVerb = (word: string): word is HelperVerb => Object.hasOwn(verbs, word);
export const helperVerbs: readonly HelperVerb[] = Object.keys(verbs).filter(isVerb);

const version = z.string().regex(/^\d{1,4}\.\d{1,4}\.\d{1,4}(-[a-z0-9.]{1,16})?$/);
const head = { protocol: z.number().int(), version };

/** The one line a verb with input reads: what is wanted and the hash of what the person read, never how to do it. */
export const helperRequests = {
  /** Of a plan, or of two points (`to` null: now): our own lines of the places the person may not read. */
  look: z.strictObject({ ...head, of: z.discriminatedUnion('kind', [z.strictObject({ kind: z.literal('plan'), intent }), z.strictObject({ kind: z.literal('points'), from: pointRef, to: pointRef.nullable() })]) }),
  apply: z.strictObject({ ...head, intent, approved: planHash }),
  keep: z.strictObject({ ...head, transaction: transactionId, approved: planHash }),
  undo: z.strictObject({ ...head, transaction: transactionId }),
  restore: z.strictObject({ ...head, to: pointRef, choices: restoreChoices, approved: planHash }),
  'save-vm': z.strictObject({ ...head, vm: vmUuid }),
} as const;
export type LineVerb = keyof typeof helperRequests;
export type HelperRequest<V extends LineVerb> = z.infer<(typeof helperRequests)[V]>;

/**
 * A place that the person may not read: whether it is there, and our own lines in it and nobody else's. `hunk` is what
 * they are, or for a plan will be; `was` what they were before, or at the first point.
 */
export const lookedPlace = z.strictObject({
  path: z.string().max(256),
  sha256: z.string().regex(/^[0-9a-f]{64}$/).nullable(),
  hunk: z.array(z.string().max(512)).max(256),
  was: z.array(z.string().max(512)).max(256),
});

export type LookedPlace = z.infer<typeof lookedPlace>;

export const helloLine = z.strictObject({ kind: z.literal('hello'), protocol: z.number().int(), version });
export const endLine = z.discriminatedUnion('ok', [
  z.strictObject({ kind: z.literal('end'), ok: z.literal(true), outcome, places: z.array(lookedPlace).max(64) }),
  z.strictObject({ kind: z.literal('end'), ok: z.literal(false), problem: problemLine }),
]);

/** Everything root may say, one JSON object a line: hello first, progress, one end last. */
export const answerLine = z.union([helloLine, progressLine, endLine]);
export type AnswerLine = z.infer<typeof answerLine>;
export type EndLine = z.infer<typeof endLine>;

/** The only thing that may follow the request on stdin; a closed pipe means the same. */
export const stopWord = 'stop';
