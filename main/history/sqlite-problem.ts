// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, type Result } from '../../contract/problem';

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** SQLite's words for a file that is no database, or no longer a whole one. */
export const isDamage = (error: unknown): boolean => /^SQLITE_(?:NOTADB|CORRUPT)/.test(codeOf(error));

const reasons: readonly (readonly [RegExp, string])[] = [
  [/^SQLITE_FULL|^ENOSPC$|^EDQUOT$|^EFBIG$/, 'history-full'],
  [/^SQLITE_READONLY|^EROFS$/, 'history-read-only'],
  [/^SQLITE_(?:CANTOPEN|PERM|AUTH)|^EACCES$|^EPERM$/, 'history-denied'],
  [/^SQLITE_(?:BUSY|LOCKED)/, 'history-busy'],
  [/^SQLITE_IOERR|^EIO$/, 'history-disk'],
  [/^ENOTDIR$|^EEXIST$|^EISDIR$|^ELOOP$|^ENOENT$|^ENAMETOOLONG$/, 'history-place'],
];

/** What the system or SQLite said, as a problem; anything else is a bug and goes on as one. */
export function problemOf(error: unknown): Result<never> {
  if (isDamage(error)) return failed('history-damaged');
  const code = codeOf(error);
  const why = reasons.find(([pattern]) => pattern.test(code))?.[1];
  if (why === undefined) throw error;
  return failed('unreadable', { why, code });
}

/** Does something with the file and gives what went wrong as a problem. The app goes on without its history. */
export function attempt<T>(work: () => T): Result<T> {
  try {
    return { ok: true, value: work() };
  } catch (error) {
    return problemOf(error);
  }
}
