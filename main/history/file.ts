// SPDX-License-Identifier: GPL-3.0-or-later
import type BetterSqlite from 'better-sqlite3';
import { chmodSync, closeSync, existsSync, lstatSync, mkdirSync, openSync, renameSync } from 'node:fs';
import path from 'node:path';
import { failed, ok, type Result } from '../../contract/problem';
import { applicationId, migrate, schemaVersion, versionOf } from './migrations';
import { isDamage, problemOf } from './sqlite-problem';

export const fileName = 'history.db';

/** The opened file, and the name under which a damaged one was set aside in doing so. */
export interface Opened {
  readonly db: BetterSqlite.Database;
  readonly setAside: string | null;
  /** True when there was nothing before: a first start, or a file that was lost. */
  readonly fresh: boolean;
}

/**
 * Opens (or makes) the history file in a folder of the person's own: folder 0700, file 0600. What cannot be read as a
 * history is renamed, never deleted; a file of a newer Switchyard is refused as it is.
 */
export async function openFile(folder: string, now: number): Promise<Result<Opened>> {
  // better-sqlite3 ends the process with a signal below N-API 10 (design note on the runtime); ask before it is loaded.
  if (Number(process.versions['napi'] ?? 0) < 10)
    return failed('unreadable', { why: 'history-runtime', version: process.version });
  const { default: Sqlite } = await import('better-sqlite3');
  const file = path.join(folder, fileName);
  try {
    const fresh = prepare(folder, file);
    const first = readHistory(Sqlite, file);
    if (first.ok) return ok({ db: first.value, setAside: null, fresh });
    if (first.problem.code !== 'history-damaged') return first;
    const setAside = putAside(file, now);
    prepare(folder, file);
    const second = readHistory(Sqlite, file);
    return second.ok ? ok({ db: second.value, setAside, fresh: true }) : second;
  } catch (error) {
    return problemOf(error);
  }
}

/** Makes folder and file with their rights before SQLite does it with wider ones; says whether there was nothing yet. */
function prepare(folder: string, file: string): boolean {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if ((lstatSync(folder).mode & 0o077) !== 0) chmodSync(folder, 0o700);
  const there = existsSync(file);
  if (!there) closeSync(openSync(file, 'a', 0o600));
  if ((lstatSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
  return !there || lstatSync(file).size === 0;
}

function readHistory(Sqlite: typeof BetterSqlite, file: string): Result<BetterSqlite.Database> {
  let db: BetterSqlite.Database | null = null;
  try {
    db = new Sqlite(file, { timeout: 2000, fileMustExist: true });
    const refused = examine(db);
    if (refused !== null) {
      db.close();
      return refused;
    }
    // A rollback journal keeps one file, readable by every tool; EXTRA also flushes the folder, so a commit survives a power cut.
    db.pragma('journal_mode = DELETE');
    db.pragma('synchronous = EXTRA');
    migrate(db);
    return ok(db);
  } catch (error) {
    db?.close();
    return isDamage(error) ? failed('history-damaged') : problemOf(error);
  }
}

/** Whether this is a whole history of a version we know. */
function examine(db: BetterSqlite.Database): Result<never> | null {
  const version = versionOf(db);
  const ours = Number(db.pragma('application_id', { simple: true })) === applicationId;
  const tables = Number(db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get());
  if (!ours && (tables > 0 || version > 0)) return failed('history-damaged', { why: 'foreign' });
  if (version > schemaVersion)
    return failed('unreadable', { why: 'history-newer', version: String(version), known: String(schemaVersion) });
  const check = db.pragma('quick_check(1)', { simple: true });
  return check === 'ok' ? null : failed('history-damaged', { why: 'check' });
}

/** Renames the damaged file and what SQLite left beside it. The name carries the time in UTC. */
function putAside(file: string, now: number): string {
  const stamp = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');
  let aside = `${file}.damaged-${stamp}`;
  for (let next = 2; existsSync(aside); next += 1) aside = `${file}.damaged-${stamp}-${next}`;
  renameSync(file, aside);
  for (const end of ['-journal', '-wal', '-shm']) if (existsSync(file + end)) renameSync(file + end, aside + end);
  return path.basename(aside);
}
