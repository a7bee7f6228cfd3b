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

/** Says what went wrong on standard error: what failed and where, what state the computer is in, what to do next. */
export function tell(io: Io, problem: Problem): void {
  const { code, detail } = problem;
  const lines = [exactKey(code, detail['why']), `problem.${code}.state`].filter(isKey).map((key) => sentence(io.language, key, detail));
  if (detail['place'] !== undefined) lines.splice(1, 0, say(io.language, 'cli.expected', { place: detail['place'], wanted: detail['wanted'] ?? '' }));
  lines.push(detail['command'] === undefined ? sentence(io.language, `problem.${code}.next`, detail) : say(io.language, 'cli.paste', { command: detail['command'] }));
  io.err(lines.map((line) => `${line}\n`).join(''));
}

/** The sentence of the reason inside the detail where there is one, else the code's own. */
function exactKey(code: string, why: string | undefined): string {
  const exact = `problem.${code}.${why ?? ''}`;
  return why !== undefined && isKey(exact) ? exact : `problem.${code}`;
}
