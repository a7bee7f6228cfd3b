// SPDX-License-Identifier: GPL-3.0-or-later
/** `npm run simulate -- --runs N --seed S`: walks with faults, one JSON line, exit 1 when something that must hold did not. */
import { parseArgs } from 'node:util';
import { candidates } from './pool';
import { walkFaults, walkOf } from './fault-walk';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '1000' }, seed: { type: 'string', default: '1' }, story: { type: 'boolean', default: false }, most: { type: 'string', default: '1000' } } });
const runs = Number(values.runs);
const first = Number(values.seed);
const pool = candidates(Number(values.most));
const cells = new Map<string, number>();
const sum = { change: 0, faulted: 0, cuts: 0, recoveries: 0, kept: 0, operations: 0, stale: 0 };
const violations: { seed: number; what: string }[] = [];
const began = performance.now();
for (let n = 0; n < runs; n++) {
  const seed = first + n;
  const report = await walkFaults(walkOf(seed, pool));
  sum.change += report.reachedChange ? 1 : 0;
  sum.faulted += report.faultAtChange ? 1 : 0;
  sum.cuts += report.cuts;
  sum.recoveries += report.recoveries;
  sum.kept += report.kept ? 1 : 0;
  sum.operations += report.operations;
  sum.stale += report.stale;
  for (const [cell, count] of report.cells) cells.set(cell, (cells.get(cell) ?? 0) + count);
  if (report.violation !== null) {
    violations.push({ seed, what: report.violation });
    if (violations.length <= 10) process.stderr.write(`npm run simulate -- --runs 1 --seed ${seed} --story   # ${report.violation}\n`);
  }
  if (values.story) process.stderr.write(`${report.story.join('\n')}\n`);
}
const seconds = (performance.now() - began) / 1000;
process.stdout.write(
  `${JSON.stringify({
    runs,
    seed: first,
    machines: pool.length,
    reachedChange: sum.change,
    faultAtChange: sum.faulted,
    powerCuts: sum.cuts,
    recoveries: sum.recoveries,
    kept: sum.kept,
    operations: sum.operations,
    staleSummaries: sum.stale,
    runsPerSecond: Math.round((runs / seconds) * 10) / 10,
    violations: violations.length,
    faults: Object.fromEntries([...cells].sort(([a], [b]) => (a < b ? -1 : 1))),
  })}\n`,
);
process.exitCode = violations.length === 0 ? 0 : 1;
