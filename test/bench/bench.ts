// SPDX-License-Identifier: GPL-3.0-or-later
// npm run bench: how long a look takes, against lspci on the same generated tree. Exits 1 when a target is missed.
import { deepStrictEqual } from 'node:assert';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostFacts, type HostFacts } from '../../contract/facts';
import { liveMachine } from '../../host/live';
import type { Machine } from '../../host/machine';
import { probe } from '../../host/probe';
import { readLspci, runLspci, type Shared } from './lspci';
import { growTree } from './tree';

const rounds = 5;
const targets = { ratio: 2, growth: 12, scan: 400 };
const median = (times: readonly number[]): number =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? NaN;
const show = (value: number): string => value.toFixed(value < 10 ? 2 : 0);
const both = (times: readonly number[]): string => `${show(median(times))} ms (best ${show(Math.min(...times))})`;
const missed: string[] = [];

function check(name: string, value: number, most: number, unit = ''): void {
  const fits = value <= most;
  console.log(`${fits ? 'ok  ' : 'MISS'}  ${name}: ${show(value)}${unit} (at most ${most}${unit})`);
  if (!fits) missed.push(name);
}

/** Memory is kinder than a disk that others use: the tree lives there when it fits. */
function workFolder(): string {
  const memory = '/dev/shm';
  const room = existsSync(memory) ? statfsSync(memory) : null;
  return mkdtempSync(
    join(room !== null && room.bavail * room.bsize > 2 ** 30 ? memory : tmpdir(), 'switchyard-bench-'),
  );
}

/** The same fields from our facts, said as lspci says them. */
function sharedOf(facts: HostFacts): ReadonlyMap<string, Shared> {
  return new Map(
    facts.pci.functions.map((found) => [
      found.address,
      {
        class: found.class,
        ids: `${found.vendor}:${found.device}`,
        name: `${found.vendorName} ${found.name ?? 'Device'}`,
        subsystem: found.subsystemVendor === '0000' ? null : `${found.subsystemVendor}:${found.subsystemDevice}`,
        revision: found.revision ?? '',
        progIf: found.progIf ?? '',
        driver: found.driver,
        node: found.numaNode === null ? null : String(found.numaNode),
        group: found.iommuGroup === null ? null : String(found.iommuGroup),
        bars: found.bars
          .filter((bar) => bar.kind !== 'rom')
          .map((bar) =>
            [
              bar.index,
              bar.kind,
              bar.kind === 'io' ? bar.start.padStart(4, '0') : bar.start.padStart(8, '0'),
              bar.wide,
              bar.prefetchable,
              bar.size,
            ].join(' '),
          ),
        link: found.link === null ? null : `${parseFloat(found.link.speed ?? '')} x${found.link.width}`,
      },
    ]),
  );
}

function counted(machine: Machine): {
  readonly machine: Machine;
  readonly count: { files: number; folders: number; links: number };
} {
  const count = { files: 0, folders: 0, links: 0 };
  return {
    count,
    machine: {
      ...machine,
      text: (path, limit) => (count.files++, machine.text(path, limit)),
      bytes: (path, limit) => (count.files++, machine.bytes(path, limit)),
      names: (path) => (count.folders++, machine.names(path)),
      target: (path) => (count.links++, machine.target(path)),
    },
  };
}

interface Times {
  readonly warm: number;
  readonly whole: number;
}

function measure(tree: string, functions: number, scanner: string): Times {
  const { machine, count } = counted(liveMachine(tree));
  const facts = probe(machine);
  deepStrictEqual(sharedOf(facts), readLspci(runLspci(tree).text));
  if (facts.pci.functions.length !== functions || !facts.pci.complete)
    throw new Error('the scan did not see the whole tree');
  const parse = performance.now();
  hostFacts.parse(facts);
  const parsed = performance.now() - parse;
  const lspci: number[] = [];
  const warm: number[] = [];
  const whole: number[] = [];
  for (let round = 0; round < rounds; round++) {
    lspci.push(runLspci(tree).time);
    let start = performance.now();
    probe(liveMachine(tree));
    warm.push(performance.now() - start);
    start = performance.now();
    execFileSync(process.execPath, [scanner, tree], { stdio: ['ignore', 'ignore', 'inherit'] });
    whole.push(performance.now() - start);
  }
  console.log(`\n${functions} functions: the scan and lspci -vvnn agree on every shared field`);
  console.log(
    `      opens per function: ${(count.files / functions).toFixed(1)} files, ${(count.folders / functions).toFixed(1)} folders, ${(count.links / functions).toFixed(1)} links`,
  );
  console.log(
    `      lspci ${both(lspci)}, scan in-process ${both(warm)}, scan as a process ${both(whole)}, checking the shape ${show(parsed)} ms`,
  );
  check(`${functions}: in-process scan / lspci`, median(warm) / median(lspci), targets.ratio);
  // Starting node has its own target below; on a small tree it would be most of the time.
  if (functions >= 10_000) check(`${functions}: scan as a process / lspci`, median(whole) / median(lspci), targets.ratio);
  return { warm: median(warm), whole: median(whole) };
}

/** `switchyard scan` of this machine, from the start of node, as it is built. */
function measureThisMachine(): void {
  const cli = 'dist/main/cli.js';
  if (!existsSync(cli)) {
    console.log('\nMISS  dist/main/cli.js is not built: npm run build');
    missed.push('scan of this machine');
    return;
  }
  const times: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const start = performance.now();
    const done = spawnSync(process.execPath, [cli, 'scan'], { stdio: ['ignore', 'ignore', 'inherit'] });
    if (done.status !== 0) throw new Error(`scan ended with ${done.status}`);
    if (round > 0) times.push(performance.now() - start);
  }
  console.log('');
  console.log(`      switchyard scan ${both(times)}`);
  check('scan of this machine', median(times), targets.scan, ' ms');
}

/** One file of plain JavaScript that scans a tree and prints it, as the product is built. */
function buildScanner(folder: string): string {
  const file = 'scan-tree.mjs';
  const output = { entryFileNames: file };
  const build = {
    ssr: 'test/bench/scan-tree.ts',
    outDir: folder,
    emptyOutDir: false,
    target: 'node22',
    minify: false,
    rolldownOptions: { output },
  };
  const config = { configFile: false, logLevel: 'error', ssr: { noExternal: true }, build };
  // In a process of its own: the hook that lets this file leave out `.ts` is not for Vite's own modules.
  execFileSync(process.execPath, [
    '--input-type=module',
    '-e',
    `import { build } from 'vite'; await build(${JSON.stringify(config)});`,
  ]);
  return join(folder, file);
}

const folder = workFolder();
try {
  const pciIds = ['/usr/share/misc/pci.ids', '/usr/share/hwdata/pci.ids'].find((path) => existsSync(path));
  if (pciIds === undefined) throw new Error('no pci.ids on this machine; install pciutils');
  const scanner = buildScanner(folder);
  const results = [1000, 10_000].map((functions) => {
    const tree = join(folder, String(functions));
    growTree(tree, functions, pciIds);
    return measure(tree, functions, scanner);
  });
  const [small, large] = results;
  console.log('');
  if (small !== undefined && large !== undefined) {
    check('growth for ten times the functions, in-process', large.warm / small.warm, targets.growth);
    check('growth for ten times the functions, as a process', large.whole / small.whole, targets.growth);
  }
  measureThisMachine();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (missed.length > 0) {
  console.log(`\nMissed: ${missed.join('; ')}`);
  process.exitCode = 1;
}
