// SPDX-License-Identifier: GPL-3.0-or-later
import { missingCells } from './cells';
import type { Report } from './fault-walk';

export interface Tally {
  add(report: Report): void;
  violations(): number;
  /** Cells that were met too seldom, or met although they are told to be impossible. */
  missing(): readonly string[];
  /** The one line of JSON. */
  told(): Readonly<Record<string, unknown>>;
}

/** Adds up what the walks of one run of the simulation met. */
export function makeTally(runs: number, seed: number): Tally {
  const cells = new Map<string, number>();
  const classes = new Map<string, number>();
  const sum = { walked: 0, change: 0, faulted: 0, cuts: 0, recoveries: 0, kept: 0, scripts: 0, seconds: 0, operations: 0, stale: 0, violations: 0 };
  const began = performance.now();
  const used = process.cpuUsage();
  return {
    add(report) {
      sum.walked += 1;
      sum.change += report.reachedChange ? 1 : 0;
      sum.faulted += report.faultAtChange ? 1 : 0;
      sum.cuts += report.cuts;
      sum.recoveries += report.recoveries;
      sum.kept += report.kept ? 1 : 0;
      sum.scripts += report.scripts;
      sum.seconds += report.seconds;
      sum.operations += report.operations;
      sum.stale += report.stale;
      sum.violations += report.violation === null ? 0 : 1;
      pour(report.cells, cells);
      pour(report.classes, classes);
    },
    violations: () => sum.violations,
    missing: () => missingCells(cells, sum.walked),
    told: () => ({
      runs,
      seed,
      walked: sum.walked,
      reachedChange: sum.change,
      faultAtChange: sum.faulted,
      powerCuts: sum.cuts,
      recoveries: sum.recoveries,
      kept: sum.kept,
      undoScripts: sum.scripts,
      secondHelpers: sum.seconds,
      operations: sum.operations,
      staleSummaries: sum.stale,
      runsPerSecond: Math.round((sum.walked / ((performance.now() - began) / 1000)) * 10) / 10,
      runsPerSecondOfOneProcessor: Math.round((sum.walked / seconds(process.cpuUsage(used))) * 10) / 10,
      violations: sum.violations,
      operationFaults: sorted(classes),
      faults: sorted(cells),
    }),
  };
}

/** Of processor time: a machine that others use too walks as well, only later. */
const seconds = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1e6;

function pour(from: ReadonlyMap<string, number>, into: Map<string, number>): void {
  for (const [key, count] of from) into.set(key, (into.get(key) ?? 0) + count);
}

const sorted = (table: ReadonlyMap<string, number>): Readonly<Record<string, number>> => Object.fromEntries([...table].sort(([a], [b]) => (a < b ? -1 : 1)));
