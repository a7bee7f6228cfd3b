// SPDX-License-Identifier: GPL-3.0-or-later
import type { Database } from 'better-sqlite3';

/** Marks the file as ours (`PRAGMA application_id`): "SwYd". */
export const applicationId = 0x53775964;

/**
 * Numbered once and for ever: the file's `PRAGMA user_version` says how many have run. A released one never changes;
 * a new need is a new one at the end.
 */
export const migrations: readonly string[] = [
  `CREATE TABLE machine (
     key TEXT PRIMARY KEY,
     kind TEXT NOT NULL CHECK (kind IN ('this', 'dump', 'rehearsal')),
     name TEXT,
     first_seen INTEGER NOT NULL,
     last_seen INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE plan (
     machine TEXT NOT NULL,
     hash TEXT NOT NULL,
     intent TEXT NOT NULL,
     about TEXT NOT NULL,
     read_at INTEGER NOT NULL,
     PRIMARY KEY (machine, hash)
   ) STRICT;
   CREATE TABLE run (
     machine TEXT NOT NULL,
     transaction_id TEXT NOT NULL,
     plan TEXT NOT NULL,
     opened INTEGER NOT NULL,
     changed INTEGER NOT NULL,
     summary TEXT NOT NULL,
     PRIMARY KEY (machine, transaction_id)
   ) STRICT;
   CREATE INDEX run_opened ON run (opened DESC);`,
  // Texts of the system's own files that everybody may read, so that a restore point can be shown without root.
  `CREATE TABLE content (
     sha256 TEXT PRIMARY KEY,
     text TEXT NOT NULL,
     seen INTEGER NOT NULL
   ) STRICT;`,
  // Self-tests of hand-overs: nobody else keeps them.
  `CREATE TABLE rounds (
     machine TEXT NOT NULL,
     vm TEXT NOT NULL,
     began INTEGER NOT NULL,
     report TEXT NOT NULL,
     PRIMARY KEY (machine, vm, began)
   ) STRICT;`,
];

/** The version this program writes. */
export const schemaVersion = migrations.length;

/** Brings the file to this program's version, all or nothing. The caller has made sure that it is not newer. */
export function migrate(db: Database): void {
  const begin = versionOf(db);
  if (begin === schemaVersion) return;
  const run = db.transaction(() => {
    // Somebody else may have migrated while this process waited for the lock.
    for (const sql of migrations.slice(versionOf(db))) db.exec(sql);
    db.pragma(`application_id = ${applicationId}`);
    db.pragma(`user_version = ${schemaVersion}`);
  });
  run.immediate();
}

export function versionOf(db: Database): number {
  return Number(db.pragma('user_version', { simple: true }));
}
