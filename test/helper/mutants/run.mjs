// SPDX-License-Identifier: GPL-3.0-or-later
// Breaks a copy of the tree in one place at a time. The specs named for it must turn red, and the simulation must find it
// within 10,000 walks of a fixed seed, or the list says why it cannot. Prints a table; exit 1 when one lives.
//   npm run mutants [-- PART-OF-A-NAME] [--only specs|simulate] [--minutes N]   (N: the longest one simulation may take)
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mutants } from './list.mjs';
import { unseen } from './unseen.mjs';

const house = join(import.meta.dirname, '../../..');
const copy = join(house, '.cache/mutants');
const { values, positionals } = parseArgs({ options: { only: { type: 'string', default: '' }, minutes: { type: 'string', default: '30' } }, allowPositionals: true });
const [wanted = ''] = positionals;

rmSync(copy, { recursive: true, force: true });
mkdirSync(join(copy, 'test'), { recursive: true });
for (const part of ['contract', 'core', 'host', 'helper', 'rehearsal', 'test/helper', 'test/rehearsal', 'test/simulate', 'test/corpus', 'test/typescript.mjs', 'package.json', 'vitest.config.ts', 'tsconfig.base.json'])
  cpSync(join(house, part), join(copy, part), { recursive: true, filter: (path) => !path.includes('/runtime/node_modules') });
symlinkSync(join(house, 'node_modules'), join(copy, 'node_modules'));

/** Whether the named specs turn red. */
function bySpecs(mutant) {
  const specs = mutant.specs.map((spec) => join('test/helper', spec));
  const filter = mutant.only === undefined || mutant.only === '' ? [] : ['-t', mutant.only];
  const ran = spawnSync(process.execPath, [join(house, 'node_modules/vitest/vitest.mjs'), 'run', '--root', copy, '--bail', '1', ...filter, ...specs], {
    cwd: copy,
    encoding: 'utf8',
    timeout: 600_000,
    env: { ...process.env, SWEEP: mutant.every === true ? 'first' : '' },
  });
  return ran.status !== 0 && /Tests .*failed|AssertionError|Error/.test(ran.stdout + ran.stderr) ? 'red' : 'GREEN';
}

/** One small machine is enough to tell a broken transaction: where it begins and what it meets is the seed's. */
const simulation = ['--import', './test/typescript.mjs', 'test/simulate/run.ts', '--runs', '10000', '--seed', '1', '--machine', '071-comet-lake', '--first'];

/** After how many walks the simulation says that something does not hold. */
function bySimulation(mutant) {
  if (Object.hasOwn(unseen, mutant.name)) return `cannot see: ${unseen[mutant.name]}`;
  const ran = spawnSync(process.execPath, simulation, { cwd: copy, encoding: 'utf8', timeout: Number(values.minutes) * 60_000 });
  const told = /"walked":(\d+).*"violations":([1-9]\d*)/.exec(ran.stdout)?.[1];
  if (told !== undefined) return `walk ${told}: ${/# (.*)/.exec(ran.stderr)?.[1]?.slice(0, 70) ?? ''}`;
  return ran.status === 0 ? 'NOT FOUND in 10,000 walks' : /Error/.test(ran.stderr) ? 'ends at once' : `NOT FOUND in ${values.minutes} minutes`;
}

let alive = 0;
console.log('| broken | in | specs | simulation | took |\n| --- | --- | --- | --- | --- |');
for (const mutant of mutants.filter(({ name }) => name.includes(wanted))) {
  const path = join(copy, mutant.file);
  const text = readFileSync(path, 'utf8');
  if (text.split(mutant.find).length !== 2) {
    console.log(`| ${mutant.name} | ${mutant.file} | LOST: its text is not there exactly once | | |`);
    alive += 1;
    continue;
  }
  writeFileSync(path, text.replace(mutant.find, () => mutant.put));
  const begun = Date.now();
  const specs = values.only === 'simulate' ? '-' : bySpecs(mutant);
  const simulated = values.only === 'specs' ? '-' : bySimulation(mutant);
  writeFileSync(path, text);
  if (specs === 'GREEN' || simulated.startsWith('NOT')) alive += 1;
  console.log(`| ${mutant.name} | ${mutant.file} | ${specs} | ${simulated} | ${((Date.now() - begun) / 1000).toFixed(0)} s |`);
}
console.log(alive === 0 ? '\nevery mutant is killed' : `\n${alive} alive`);
process.exitCode = alive === 0 ? 0 : 1;
