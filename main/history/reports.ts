// SPDX-License-Identifier: GPL-3.0-or-later
import type { Database } from 'better-sqlite3';
import { handReport, type HandReport } from '../../contract/hand-run';
import type { Result } from '../../contract/problem';
import { attempt } from './sqlite-problem';

/** Self-tests of hand-overs; nobody else keeps them. */
export interface Reports {
  /** The newest few of a machine are kept. */
  rememberReport(machine: string, report: HandReport): Result<void>;
  /** Newest first; one that a newer program wrote is left out. */
  reports(machine: string): Result<readonly HandReport[]>;
}

const limit = 32;

export function reportsOn(db: Database): Reports {
  const save = db.prepare(`INSERT INTO rounds (machine, vm, began, report) VALUES (@machine, @vm, @began, @report) ON CONFLICT (machine, vm, began) DO UPDATE SET report = excluded.report`);
  const drop = db.prepare<[string, string]>(`DELETE FROM rounds WHERE machine = ? AND began NOT IN (SELECT began FROM rounds WHERE machine = ? ORDER BY began DESC LIMIT ${String(limit)})`);
  const list = db.prepare<[string], { readonly report: string }>('SELECT report FROM rounds WHERE machine = ? ORDER BY began DESC');
  return {
    rememberReport: (machine, report) =>
      attempt(() => {
        save.run({ machine, vm: report.vm, began: report.began, report: JSON.stringify(report) });
        drop.run(machine, machine);
      }),
    reports: (machine) => attempt(() => list.all(machine).flatMap(({ report }) => reportOf(report) ?? [])),
  };
}

function reportOf(text: string): HandReport | null {
  try {
    return handReport.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
