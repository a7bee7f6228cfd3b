// SPDX-License-Identifier: GPL-3.0-or-later
import type { Problem } from '../../contract/problem';
import { isKey, say, type Language } from '../../words/say';
import type { Io } from './io';

/** A code's sentence; a code without one is shown as it is rather than hidden. */
export function sentence(language: Language, key: string, detail: Readonly<Record<string, string>>): string {
  if (!isKey(key)) return key;
  try {
    return say(language, key, detail);
  } catch {
    return key; // a sentence asks for a detail the code did not carry: the tests of words/ catch it, the person still gets the code
  }
}

/** Says what went wrong on standard error: what failed, what state the computer is in, what to do next. */
export function tell(io: Io, problem: Problem): void {
  for (const part of ['failed', 'state', 'next']) {
    const key = `problem.${problem.code}.${part}`;
    if (isKey(key)) io.err(`${sentence(io.language, key, problem.detail)}\n`);
  }
  if (!isKey(`problem.${problem.code}.failed`)) io.err(`${problem.code}\n`);
}
