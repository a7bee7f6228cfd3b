// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * `npm test`: installs the Debian packages the tests need (after showing the line), then runs everything there is
 * to show that this tree is right, and ends with one line of counts. Any failure ends it with exit code 1.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

const top = path.resolve(import.meta.dirname, '..');
const results = path.join(top, 'test-results');

/** Debian package -> a file that shows it is there. */
const packages: Readonly<Record<string, string>> = {
  chromium: '/usr/bin/chromium',
  'fonts-noto-cjk': '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc',
  'fonts-dejavu-core': '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf',
  pciutils: '/usr/bin/lspci',
  dash: '/usr/bin/dash',
  'util-linux': '/usr/bin/flock',
  attr: '/usr/bin/getfattr',
  acl: '/usr/bin/setfacl',
  strace: '/usr/bin/strace',
  // A libvirtd of the tests' own, without its service, judges every domain that is drawn.
  'libvirt-daemon': '/usr/sbin/libvirtd',
  'libvirt-daemon-driver-qemu': '/usr/lib/x86_64-linux-gnu/libvirt/connection-driver/libvirt_driver_qemu.so',
  'libvirt-clients': '/usr/bin/virsh',
  'qemu-system-x86': '/usr/bin/qemu-system-x86_64',
  ovmf: '/usr/share/OVMF/OVMF_CODE.fd',
  swtpm: '/usr/bin/swtpm',
  'swtpm-tools': '/usr/bin/swtpm_setup',
  'libxml2-utils': '/usr/bin/xmllint',
  // Discs by other programs, to tell them apart, and other programs to read ours.
  'libarchive-tools': '/usr/bin/bsdtar',
  genisoimage: '/usr/bin/genisoimage',
  wimtools: '/usr/bin/wimlib-imagex',
};

function installMissing(): void {
  const missing = Object.keys(packages).filter((name) => !existsSync(packages[name] ?? ''));
  if (missing.length === 0) return;
  const line = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  const root = process.getuid?.() === 0;
  console.log(`The tests need Debian packages that are not here:\n  ${root ? '' : 'sudo '}${line}`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const command of ['apt-get update', line]) {
    const words = [...(root ? [] : ['sudo']), ...command.split(' ')];
    const run = spawnSync(words[0] ?? '', words.slice(1), { stdio: ['inherit', 'ignore', 'inherit'], env: environment });
    if (run.status !== 0 && command !== 'apt-get update') {
      console.error(`That did not work. Run the line above as an administrator, then run the tests again.`);
      process.exit(1);
    }
  }
}

/** Older Nodes for the root helper; apart from the house's own packages, because each brings a program called `node`. */
function installRuntimes(): void {
  const folder = path.join(top, 'test/helper/runtime');
  if (existsSync(path.join(folder, 'node_modules/node18/bin/node'))) return;
  const ours = path.join(top, 'tools/node_modules/npm/bin/npm-cli.js');
  const npm = existsSync(ours) ? ours : process.env['npm_execpath'];
  if (npm === undefined) return;
  console.log('Installing Node 18 and 20 for the tests of the root helper.');
  spawnSync(process.execPath, [npm, 'ci', '--no-audit', '--no-fund', '--loglevel=error', '--ignore-scripts'], { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
}

interface Stage {
  readonly name: string;
  readonly command: readonly string[];
  /** A JSON report that counts single tests; without one the stage counts as one. */
  readonly report?: string;
}

const node = process.execPath;
const tool = (name: string): string => path.join(top, 'node_modules', name);
const stages: readonly Stage[] = [
  { name: 'types', command: [node, tool('typescript/bin/tsc'), '-b'] },
  { name: 'types of the window', command: [node, tool('svelte-check/bin/svelte-check'), '--tsconfig', 'renderer/tsconfig.json'] },
  { name: 'lint', command: [node, tool('eslint/bin/eslint.js'), '.'] },
  { name: 'build', command: [node, tool('vite/bin/vite.js'), 'build', '--app', '--logLevel', 'warn'] },
  { name: 'unit', command: [node, tool('vitest/vitest.mjs'), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${results}/unit.json`], report: 'unit.json' },
  { name: 'simulate', command: [node, '--import', './test/typescript.mjs', 'test/simulate/run.ts', '--runs', '300', '--seed', '1'] },
  // Alone: two browsers at work on two cores would measure each other.
  { name: 'first paint', command: [node, tool('playwright/cli.js'), 'test', '-c', 'test/bench/paint.config.ts'] },
  { name: 'window', command: [node, tool('playwright/cli.js'), 'test'], report: 'window.json' },
  // A real kernel under QEMU. Without the means it is NOT RUN, which is told and counts as nothing; with REQUIRE_LAB=1 it fails.
  { name: 'lab', command: [node, '--import', './test/typescript.mjs', 'test/lab/run.ts', '--quick', '--report', `${results}/lab.json`], report: 'lab.json' },
];

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly notRun: number;
}

function counts(stage: Stage, ok: boolean): Counts {
  const single = { passed: ok ? 1 : 0, failed: ok ? 0 : 1, notRun: 0 };
  if (stage.report === undefined) return single;
  try {
    const report = JSON.parse(readFileSync(path.join(results, stage.report), 'utf8')) as {
      numPassedTests?: number;
      numFailedTests?: number;
      stats?: { expected: number; unexpected: number; flaky: number };
      passed?: number;
      failed?: number;
      notRun?: number;
    };
    const passed = report.numPassedTests ?? report.stats?.expected ?? report.passed ?? 0;
    const failed = report.numFailedTests ?? (report.stats === undefined ? (report.failed ?? 0) : report.stats.unexpected + report.stats.flaky);
    return { passed, failed: ok ? failed : Math.max(1, failed), notRun: report.notRun ?? 0 };
  } catch {
    return single;
  }
}

interface Suite {
  readonly specs?: readonly { readonly title: string; readonly ok: boolean }[];
  readonly suites?: readonly Suite[];
}
const redSpecs = ({ specs = [], suites = [] }: Suite): string[] => [...specs.filter((one) => !one.ok).map((one) => one.title), ...suites.flatMap(redSpecs)];

/** Names of the tests that failed, for the last lines: whoever reads only those must know where to look. */
function redOnes(stage: Stage): readonly string[] {
  if (stage.report === undefined) return [];
  try {
    const report = JSON.parse(readFileSync(path.join(results, stage.report), 'utf8')) as Suite & {
      testResults?: readonly { readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[] }[];
      played?: readonly { readonly name: string; readonly at: string }[];
    };
    const units = (report.testResults ?? []).flatMap((file) => file.assertionResults).filter((one) => one.status === 'failed');
    return [...units.map((one) => one.fullName), ...redSpecs(report), ...(report.played ?? []).filter((one) => one.at === 'failed').map((one) => one.name)].slice(0, 20);
  } catch {
    return ['(no report)'];
  }
}

installMissing();
installRuntimes();
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });
const only = process.argv.slice(2);
let passed = 0;
let failed = 0;
let notRun = 0;
const lines: string[] = [];
for (const stage of stages.filter((one) => only.length === 0 || only.includes(one.name))) {
  console.log(`\n== ${stage.name}`);
  const began = process.hrtime.bigint();
  const run = spawnSync(stage.command[0] ?? '', stage.command.slice(1), { cwd: top, stdio: ['ignore', 'inherit', 'inherit'] });
  const ok = run.status === 0;
  const count = counts(stage, ok);
  passed += count.passed;
  failed += count.failed;
  notRun += count.notRun;
  const seconds = Number((process.hrtime.bigint() - began) / 1_000_000_000n);
  const left = count.notRun > 0 ? `, ${count.notRun} NOT RUN` : '';
  lines.push(`${!ok ? 'FAILED ' : left === '' ? 'ok     ' : 'NOT RUN'} ${stage.name} (${count.passed} passed, ${count.failed} failed${left}, ${seconds} s)`);
  if (!ok) lines.push(...redOnes(stage).map((name) => `          ${name}`));
}
console.log(`\n${lines.join('\n')}\n\n${passed} passed, ${failed} failed${notRun > 0 ? `, ${notRun} NOT RUN (their reasons stand above)` : ''}`);
process.exitCode = failed === 0 ? 0 : 1;
