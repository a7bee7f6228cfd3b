// SPDX-License-Identifier: GPL-3.0-or-later
/** `npm run simulate -- --runs N --seed S`: walks with faults, one JSON line, exit 1 when something that must hold did not. */
import { parseArgs } from 'node:util';
import { noReport, walkFaults, type Report } from './fault-walk';
import { machinesUpTo } from './pool';
import { profiled } from './profile';
import { Astray } from './stage';
import { makeTally } from './tally';
import { walkOf } from './walk';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    /** Machines with at most so many functions. */
    most: { type: 'string', default: '1000' },
    /** Machines whose name holds this. */
    machine: { type: 'string', default: '' },
    /** Tells what happened in each run. */
    story: { type: 'boolean', default: false },
    /** Prints where the time went. */
    profile: { type: 'boolean', default: false },
    /** Fails when a cell was met too seldom and is not known to be impossible. */
    'check-cells': { type: 'boolean', default: false },
    /** Stops after so many minutes, and tells how many walks they were. */
    minutes: { type: 'string', default: '100000' },
    /** Stops at the first violation. */
    first: { type: 'boolean', default: false },
  },
});
const runs = Number(values.runs);
const seed = Number(values.seed);
const machines = machinesUpTo(Number(values.most)).filter((name) => name.includes(values.machine));
const same = `${values.most === '1000' ? '' : ` --most ${values.most}`}${values.machine === '' ? '' : ` --machine ${values.machine}`}`;
/** undo.sh by a real shell costs as much as fifty walks: every so many seeds, and whenever one seed is looked at. */
const everyScript = 200;

/** A machine that goes astray before any fault is met ends a walk before it begins. */
async function reportOf(one: number): Promise<Report> {
  try {
    return await walkFaults(await walkOf(one, machines), one % everyScript === 0);
  } catch (error) {
    if (!(error instanceof Astray)) throw error;
    return noReport(error.message);
  }
}

async function walkAll(): Promise<number> {
  const tally = makeTally(runs, seed);
  const end = performance.now() + Number(values.minutes) * 60_000;
  for (let n = 0; n < runs && performance.now() < end; n++) {
    const report = await reportOf(seed + n);
    tally.add(report);
    if (report.violation !== null && tally.violations() <= 10) process.stderr.write(`npm run simulate -- --runs 1 --seed ${seed + n}${same} --story   # ${report.violation}\n`);
    if (values.story) process.stderr.write(`${report.story.join('\n')}\n`);
    if (values.first && report.violation !== null) break;
  }
  const missing = values['check-cells'] ? tally.missing() : [];
  for (const line of missing) process.stderr.write(`${line}\n`);
  process.stdout.write(`${JSON.stringify(tally.told())}\n`);
  return tally.violations() + missing.length;
}

process.exitCode = (values.profile ? await profiled(walkAll) : await walkAll()) === 0 ? 0 : 1;
