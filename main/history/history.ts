// SPDX-License-Identifier: GPL-3.0-or-later
import type { Database } from 'better-sqlite3';
import { summary, type Summary } from '../../contract/history';
import { failed, ok, type Problem, type Result } from '../../contract/problem';
import { openFile } from './file';
import { reportsOn, type Reports } from './reports';
import { attempt } from './sqlite-problem';

/** A machine as the history knows it. `key` is `this`, or what a rehearsal or dump is called. */
export interface MachineMemo {
  readonly key: string;
  readonly kind: 'this' | 'dump' | 'rehearsal';
  readonly name: string | null;
}

/** A plan that the person read. */
export interface PlanMemo {
  readonly machine: string;
  readonly hash: string;
  readonly intent: string;
  /** Human names of what it is about: `NVIDIA GeForce RTX 3080`. */
  readonly about: string;
}

/** One transaction in the timeline; `about` is empty when its plan was not read here. */
export interface TimelineRow {
  readonly machine: string;
  readonly about: string;
  readonly summary: Summary;
}

/** The machines, plans and runs this person has seen. Truth for undo is root's store; this is what the app shows. */
export interface History extends Reports {
  /** Said once: a damaged file was set aside in opening this one. */
  readonly notice: Problem | null;
  rememberMachine(memo: MachineMemo): Result<void>;
  rememberPlan(memo: PlanMemo): Result<void>;
  /** Keeps the newest word about a transaction; an older one changes nothing. */
  rememberRun(machine: string, run: Summary): Result<void>;
  /** Newest first; of one machine, or of all. */
  timeline(machine?: string): Result<readonly TimelineRow[]>;
  run(machine: string, transaction: string): Result<TimelineRow>;
  /** Takes over what root's store says; all of it or nothing. Gives how many were new or newer. */
  rebuild(machine: string, summaries: readonly Summary[]): Result<number>;
  /** A text that was readable here once, by its digest; the newest few hundred are kept. */
  rememberText(sha256: string, text: string): Result<void>;
  /** Null where it is not known. */
  text(sha256: string): Result<string | null>;
  close(): void;
}

export interface HistoryPlace {
  /** The person's data folder: `$XDG_DATA_HOME/switchyard`. */
  readonly folder: string;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** What root's store says of this computer; read when the file is new, lost or damaged, and to catch up. */
  readonly summaries?: () => readonly Summary[];
}

/** Opens the history, brings it to this version and lets it catch up with root's store. */
export async function openHistory({ folder, clock, summaries }: HistoryPlace): Promise<Result<History>> {
  const opened = await openFile(folder, clock());
  if (!opened.ok) return opened;
  const { db, setAside } = opened.value;
  const notice: Problem | null = setAside === null ? null : { code: 'history-damaged', detail: { aside: setAside } };
  const history: History = { ...historyOn(db, clock, notice), ...reportsOn(db) };
  if (summaries !== undefined) {
    const caughtUp = history.rebuild('this', summaries());
    // A full or read-only disk must not hide what the file already says.
    if (!caughtUp.ok && caughtUp.problem.code === 'history-damaged') {
      history.close();
      return caughtUp;
    }
  }
  return ok(history);
}

const rowLimit = 4096;
const textLimit = 512;

function historyOn(db: Database, clock: () => number, notice: Problem | null): Omit<History, keyof Reports> {
  const saveMachine = db.prepare(
    `INSERT INTO machine (key, kind, name, first_seen, last_seen) VALUES (@key, @kind, @name, @now, @now)
     ON CONFLICT (key) DO UPDATE SET kind = excluded.kind, name = coalesce(excluded.name, name), last_seen = excluded.last_seen`,
  );
  const savePlan = db.prepare(
    `INSERT INTO plan (machine, hash, intent, about, read_at) VALUES (@machine, @hash, @intent, @about, @now)
     ON CONFLICT (machine, hash) DO UPDATE SET intent = excluded.intent, about = excluded.about, read_at = excluded.read_at`,
  );
  const saveRun = db.prepare(
    `INSERT INTO run (machine, transaction_id, plan, opened, changed, summary) VALUES (@machine, @transaction, @plan, @opened, @changed, @summary)
     ON CONFLICT (machine, transaction_id) DO UPDATE SET plan = excluded.plan, changed = excluded.changed, summary = excluded.summary
     WHERE excluded.changed > changed OR (excluded.changed = changed AND excluded.summary <> summary)`,
  );
  const rows = `SELECT run.machine, run.summary, coalesce(plan.about, '') AS about FROM run LEFT JOIN plan ON plan.machine = run.machine AND plan.hash = run.plan`;
  const listAll = db.prepare<[number], StoredRow>(`${rows} ORDER BY run.opened DESC, run.transaction_id LIMIT ?`);
  const listOne = db.prepare<[string, number], StoredRow>(
    `${rows} WHERE run.machine = ? ORDER BY run.opened DESC, run.transaction_id LIMIT ?`,
  );
  const findRun = db.prepare<[string, string], StoredRow>(`${rows} WHERE run.machine = ? AND run.transaction_id = ?`);
  const saveText = db.prepare(`INSERT INTO content (sha256, text, seen) VALUES (@sha256, @text, @now) ON CONFLICT (sha256) DO UPDATE SET seen = excluded.seen`);
  const dropTexts = db.prepare(`DELETE FROM content WHERE sha256 NOT IN (SELECT sha256 FROM content ORDER BY seen DESC, sha256 LIMIT ${String(textLimit)})`);
  const findText = db.prepare<[string], { readonly text: string }>('SELECT text FROM content WHERE sha256 = ?');
  const save = (machine: string, run: Summary): number => {
    const { transaction, plan, opened, changed } = run;
    return saveRun.run({ machine, transaction, plan, opened, changed, summary: JSON.stringify(run) }).changes;
  };
  const saveAll = db.transaction((machine: string, runs: readonly Summary[]) =>
    runs.reduce((sum, run) => sum + save(machine, run), 0),
  );
  return {
    notice,
    rememberMachine: ({ key, kind, name }) => attempt(() => void saveMachine.run({ key, kind, name, now: clock() })),
    rememberPlan: ({ machine, hash, intent, about }) =>
      attempt(() => void savePlan.run({ machine, hash, intent, about, now: clock() })),
    rememberRun: (machine, run) => attempt(() => void save(machine, run)),
    timeline: (machine) =>
      attempt(() =>
        (machine === undefined ? listAll.all(rowLimit) : listOne.all(machine, rowLimit)).flatMap(
          (row) => rowOf(row) ?? [],
        ),
      ),
    run(machine, transaction) {
      const found = attempt(() => findRun.get(machine, transaction));
      if (!found.ok) return found;
      const row = found.value === undefined ? null : rowOf(found.value);
      return row === null ? failed('not-found', { what: 'transaction' }) : ok(row);
    },
    rebuild: (machine, summaries) => attempt(() => saveAll.immediate(machine, summaries)),
    rememberText: (sha256, text) =>
      attempt(() => {
        saveText.run({ sha256, text, now: clock() });
        dropTexts.run();
      }),
    text: (sha256) => attempt(() => findText.get(sha256)?.text ?? null),
    close: () => {
      db.close();
    },
  };
}

interface StoredRow {
  readonly machine: string;
  readonly summary: string;
  readonly about: string;
}

/** A stored row in the shape of the contract; one that no longer fits it is left out rather than shown half. */
function rowOf(row: StoredRow): TimelineRow | null {
  try {
    const parsed = summary.safeParse(JSON.parse(row.summary));
    return parsed.success ? { machine: row.machine, about: row.about, summary: parsed.data } : null;
  } catch {
    return null;
  }
}
