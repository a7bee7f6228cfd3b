// SPDX-License-Identifier: GPL-3.0-or-later
// Breaks a copy of the tree in one place at a time and runs the specs that must notice. One line a mutant; exit 1 when one lives.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mutants } from './list.mjs';

const house = join(import.meta.dirname, '../../..');
const copy = join(house, '.cache/mutants');
const wanted = process.argv[2];

rmSync(copy, { recursive: true, force: true });
mkdirSync(join(copy, 'test'), { recursive: true });
for (const part of ['contract', 'core', 'host', 'helper', 'rehearsal', 'test/helper', 'test/rehearsal', 'test/corpus', 'package.json', 'vitest.config.ts', 'tsconfig.base.json'])
  cpSync(join(house, part), join(copy, part), { recursive: true, filter: (path) => !path.includes('/runtime/node_modules') });
symlinkSync(join(house, 'node_modules'), join(copy, 'node_modules'));

let alive = 0;
for (const mutant of mutants.filter(({ name }) => wanted === undefined || name.includes(wanted))) {
  const path = join(copy, mutant.file);
  const text = readFileSync(path, 'utf8');
  if (text.split(mutant.find).length !== 2) {
    console.log(`LOST   ${mutant.name}: its text is not in ${mutant.file} exactly once`);
    alive += 1;
    continue;
  }
  writeFileSync(path, text.replace(mutant.find, () => mutant.put));
  const specs = mutant.specs.map((spec) => join('test/helper', spec));
  const filter = mutant.only === undefined || mutant.only === '' ? [] : ['-t', mutant.only];
  const begun = Date.now();
  const ran = spawnSync(process.execPath, [join(house, 'node_modules/vitest/vitest.mjs'), 'run', '--root', copy, '--bail', '1', ...filter, ...specs], {
    cwd: copy,
    encoding: 'utf8',
    timeout: 300_000,
    env: { ...process.env, SWEEP: mutant.every === true ? 'first' : '' },
  });
  writeFileSync(path, text);
  const killed = ran.status !== 0 && /Tests .*failed|AssertionError|Error/.test(ran.stdout + ran.stderr);
  if (!killed) alive += 1;
  console.log(`${killed ? 'killed' : 'ALIVE '} ${mutant.name} (${mutant.file}, ${((Date.now() - begun) / 1000).toFixed(0)} s)`);
}
console.log(alive === 0 ? 'every mutant is killed' : `${alive} alive`);
process.exitCode = alive === 0 ? 0 : 1;
