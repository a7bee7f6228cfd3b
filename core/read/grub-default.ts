// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok, type Result } from '../../contract/problem';

/** One assignment in a shell fragment that we can change without reading shell: one line, one quoted or bare word. */
export interface Assignment {
  readonly name: string;
  readonly value: string;
  readonly quote: '"' | "'" | '';
  /** Index of the line, and the parts of it around the quoted value. */
  readonly line: number;
  readonly before: string;
  readonly after: string;
}

/**
 * Finds the assignment of a variable in /etc/default/grub, or null when nothing assigns it.
 * The file is shell: anything but one plain line (`$`, backticks, `\`, `+=`, a second assignment, one inside other
 * code) is refused with `why: not-plain`, so that nobody edits by guess (host fact 5.3.1).
 */
export function readAssignment(text: string, name: string): Result<Assignment | null> {
  const lines = text.split('\n');
  const touching = lines.flatMap((line, index) => (mentions(line, name) ? [index] : []));
  const [only] = touching;
  if (only === undefined) return ok(null);
  if (touching.length > 1 || (lines[only - 1] ?? '').trimEnd().endsWith('\\'))
    return failed('precondition-failed', { why: 'not-plain', name });
  const assignment = plain(lines[only] ?? '', name, only);
  return assignment === null ? failed('precondition-failed', { why: 'not-plain', name }) : ok(assignment);
}

/** True for a line that may assign the variable; a comment may name it freely. */
function mentions(line: string, name: string): boolean {
  return !line.trimStart().startsWith('#') && new RegExp(`(?:^|[^A-Za-z0-9_])${name}(?![A-Za-z0-9_])`).test(line);
}

function plain(line: string, name: string, index: number): Assignment | null {
  const quoted = new RegExp(`^(\\s*${name}=)(?:(")([^"'\\\\$\`]*)"|(')([^'\\\\$\`]*)')(\\s*(?:#.*)?)$`).exec(line);
  if (quoted !== null) {
    const [, before = '', double, inDouble = '', , inSingle = '', after = ''] = quoted;
    return {
      name,
      value: double === undefined ? inSingle : inDouble,
      quote: double === undefined ? "'" : '"',
      line: index,
      before,
      after,
    };
  }
  const bare = new RegExp(`^(\\s*${name}=)([A-Za-z0-9_.,:/@%+=-]*)(\\s*(?:#.*)?)$`).exec(line);
  if (bare === null) return null;
  const [, before = '', value = '', after = ''] = bare;
  return after !== '' && !/^\s/.test(after) ? null : { name, value, quote: '', line: index, before, after };
}
