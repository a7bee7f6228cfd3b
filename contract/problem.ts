// SPDX-License-Identifier: GPL-3.0-or-later
/** Every way an operation can end badly. Closed on purpose: a new way needs a new word, a new sentence and a new test. */
export const problemCodes = [
  'not-authorised',
  'cancelled',
  'busy',
  'plan-stale',
  'refused',
  'precondition-failed',
  'step-failed',
  'undo-incomplete',
  'unsupported-host',
  'helper-missing',
  'helper-mismatch',
  'protocol',
  'bad-input',
  'too-large',
  'not-found',
  'unreadable',
  'history-damaged',
  'internal',
] as const;
export type ProblemCode = (typeof problemCodes)[number];

/** Short strings only; which keys a code carries is part of its sentence in words/. */
export type Detail = Readonly<Record<string, string>>;

/** No prose here: words/ turns code + detail into sentences, so root never writes for the screen. */
export interface Problem {
  readonly code: ProblemCode;
  readonly stepId?: string;
  readonly detail: Detail;
}

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem };

export const ok = <T>(value: T): Result<T> => ({ ok: true, value });

export const failed = (code: ProblemCode, detail: Detail = {}, stepId?: string): Result<never> => ({
  ok: false,
  problem: stepId === undefined ? { code, detail } : { code, detail, stepId },
});
