// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * npm run lab [-- --quick] [-- --shard i/n] [-- --only TEXT ...] [-- --record] [-- --list]: plays every scenario on a real kernel under QEMU.
 * Prints the plan with budgets first; a scenario fails at twice its budget. What cannot run is NOT RUN, never passed.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { openLab } from './lab';
import { cacheFolder, installPackages, means, missingMeans, missingPackages, missingSuite, qemu as findQemu, type Qemu } from './needs';
import { suite } from './image';
import { makePayload, type Payload } from './payload';
import { chosen, isLate, plan, summary, worth, type Played } from './report';
import { scenarios } from './scenarios/all';
import type { Scenario } from './scenario';
import { hasImage, installedFolder, tidy } from './snapshots';

const { values } = parseArgs({
  options: { quick: { type: 'boolean' }, shard: { type: 'string' }, only: { type: 'string', multiple: true, default: [] }, record: { type: 'boolean' }, list: { type: 'boolean' }, 'keep-package': { type: 'boolean' }, report: { type: 'string' } },
});
const top = path.resolve(import.meta.dirname, '../..');
const required = process.env['REQUIRE_LAB'] === '1';

const say = (line: string): void => {
  console.log(`    ${line}`);
};

/** Ends the run with its one line of counts, also as a report that the house's test run reads. */
function leave(played: readonly Played[], reasons: readonly string[] = []): never {
  const { lines, report, code } = summary(played, reasons, required);
  if (values.report !== undefined) writeFileSync(values.report, JSON.stringify(report));
  console.log(`\n${lines.join('\n')}`);
  process.exit(code);
}

/** Everything without which no scenario can run; null when something lacks, which is told. */
async function prepare(): Promise<Qemu> {
  const none = list.map((one): Played => ({ name: one.name, at: 'not-run', seconds: 0 }));
  const lacking = missingMeans(means);
  if (lacking.length > 0) leave(none, lacking);
  const packages = await installPackages(missingPackages(means));
  if (packages.length > 0) leave(none, packages);
  const qemu = await findQemu();
  if (qemu === null) leave(none, ['QEMU 10 from the distribution’s backports']);
  if (!hasImage()) {
    const why = await missingSuite(suite);
    if (why !== null) leave(none, [why]);
  }
  return qemu;
}

/** The clock by which a scenario is late: while others are at work on this computer it runs slower. */
function ownClock(scenario: Scenario): { readonly late: Promise<never>; readonly had: () => number; readonly stop: () => void } {
  let had = 0;
  const began = performance.now();
  let last = began;
  const tick = (): void => {
    const now = performance.now();
    had += worth((now - last) / 1000, loadavg()[0] ?? 0, cpus().length);
    last = now;
  };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      tick();
      if (isLate(scenario, had)) reject(new Error(`not done after ${Math.round((last - began) / 1000)} s, ${Math.round(had)} of a quiet computer’s; its budget is ${scenario.budget}`));
    }, 2000);
  });
  return {
    late,
    had: () => {
      tick();
      return Math.round(had);
    },
    stop: () => {
      clearInterval(timer);
    },
  };
}

async function play(scenario: Scenario, qemu: Qemu, payload: Payload): Promise<Played> {
  const folder = path.join(cacheFolder, 'run', `${process.pid}-${Math.trunc(performance.now())}`);
  mkdirSync(folder, { recursive: true });
  const lab = openLab({ qemu, payload, folder, say });
  const began = performance.now();
  const seconds = (): number => Math.round((performance.now() - began) / 1000);
  const clock = ownClock(scenario);
  try {
    await Promise.race([scenario.play(lab, { say, record: values.record === true }), clock.late]);
    await lab.close(false);
    console.log(`ok     ${scenario.name} (${seconds()} s, ${clock.had()} of a quiet computer’s, of ${scenario.budget})`);
    return { name: scenario.name, at: 'passed', seconds: seconds() };
  } catch (error) {
    console.log(`FAILED ${scenario.name} (${seconds()} s)\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    await lab.close(true);
    return { name: scenario.name, at: 'failed', seconds: seconds() };
  } finally {
    clock.stop();
  }
}

const list = chosen(scenarios, { quick: values.quick === true, only: values.only, shard: values.shard });
console.log(plan(list).join('\n'));
if (values.list === true) process.exit(0);
if (list.length === 0) throw new Error('no scenario has such a name');
const qemu = await prepare();
console.log(`${qemu.version}, always with -accel tcg`);
if (values['keep-package'] !== true) execFileSync(process.execPath, ['tools/package-helper.mjs'], { cwd: top, stdio: 'inherit' });
const payload = await makePayload();
tidy(payload);
const played: Played[] = [];
for (const scenario of list) {
  const began = performance.now();
  try {
    await installedFolder(qemu, scenario.on, payload, say);
  } catch (error) {
    console.log(`FAILED ${scenario.name}: its machine cannot be made\n${error instanceof Error ? error.message : String(error)}`);
    played.push({ name: scenario.name, at: 'failed', seconds: Math.round((performance.now() - began) / 1000) });
    continue;
  }
  const making = Math.round((performance.now() - began) / 1000);
  if (making > 1) say(`${scenario.on}: made ready in ${making} s`);
  played.push(await play(scenario, qemu, payload));
}
leave(played);
