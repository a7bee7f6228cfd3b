// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * npm run lab [-- --quick] [-- --shard i/n] [-- --only TEXT]: plays every scenario on a real kernel under QEMU.
 * Prints the plan with budgets first; a scenario fails at twice its budget. What cannot run is NOT RUN, never passed.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { openLab } from './lab';
import { cacheFolder, missingNeeds, qemu as findQemu, type Qemu } from './needs';
import type { Scenario } from './scenario';
import { scenarios } from './scenarios/all';
import { readyFolder } from './snapshots';

const { values } = parseArgs({ options: { quick: { type: 'boolean' }, shard: { type: 'string' }, only: { type: 'string' } } });

function chosen(): readonly Scenario[] {
  const only = values.only;
  const wanted = scenarios.filter((one) => (values.quick !== true || one.quick === true) && (only === undefined || one.name.includes(only)));
  if (values.shard === undefined) return wanted;
  const [index = 1, count = 1] = values.shard.split('/').map(Number);
  return wanted.filter((_, at) => at % count === index - 1);
}

const say = (line: string): void => {
  console.log(`    ${line}`);
};

function notRun(reasons: readonly string[]): never {
  for (const reason of reasons) console.log(`NOT RUN: the lab needs ${reason}`);
  console.log('0 passed, 0 failed, all NOT RUN');
  process.exit(process.env['REQUIRE_LAB'] === '1' ? 1 : 0);
}

async function play(scenario: Scenario, qemu: Qemu): Promise<boolean> {
  const folder = path.join(cacheFolder, 'run', `${process.pid}-${Math.trunc(performance.now())}`);
  mkdirSync(folder, { recursive: true });
  const lab = openLab(qemu, folder, say);
  const began = performance.now();
  const seconds = (): string => ((performance.now() - began) / 1000).toFixed(0);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`over twice its budget of ${scenario.budget} s`));
    }, scenario.budget * 2000);
  });
  try {
    await Promise.race([scenario.play(lab, say), late]);
    await lab.close(false);
    console.log(`ok     ${scenario.name} (${seconds()} s of ${scenario.budget})`);
    return true;
  } catch (error) {
    console.log(`FAILED ${scenario.name} (${seconds()} s)\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    await lab.close(true);
    return false;
  } finally {
    clearTimeout(timer);
  }
}

const missing = await missingNeeds();
if (missing.length > 0) notRun(missing);
const qemu = await findQemu();
if (qemu === null) notRun(['QEMU 10 from the distribution’s backports']);
const list = chosen();
console.log(`${qemu.version}, always with -accel tcg`);
console.log(`${list.length} scenarios, ${list.reduce((sum, one) => sum + one.budget, 0)} s in all on a quiet machine (without building the image):`);
for (const one of list) console.log(`  ${String(one.budget).padStart(4)} s  ${one.name}`);
execFileSync(process.execPath, ['tools/package-helper.mjs'], { cwd: path.resolve(import.meta.dirname, '../..'), stdio: 'inherit' });
for (const name of new Set(list.map((one) => one.on))) await readyFolder(qemu, name, say);
let failed = 0;
for (const scenario of list) if (!(await play(scenario, qemu))) failed += 1;
rmSync(path.join(cacheFolder, 'run'), { recursive: true, force: true });
console.log(`\n${list.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
