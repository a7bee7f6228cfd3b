// SPDX-License-Identifier: GPL-3.0-or-later
// npm run package:helper: the small deb (helper, Node, policy, units, command line; no window), from the list `deb.fpm` of
// electron-builder.yml. Reproducible: fixed times, sorted files, one owner. Needs dpkg-deb.
import { load } from 'js-yaml';
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, lutimesSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const top = path.resolve(import.meta.dirname, '..');
const { version, description } = JSON.parse(readFileSync(path.join(top, 'package.json'), 'utf8'));
const list = load(readFileSync(path.join(top, 'electron-builder.yml'), 'utf8')).deb.fpm.filter((entry) => entry.includes('=/'));
const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
const out = path.join(top, 'out');
const tree = path.join(out, 'helper-tree');
/** 2026-01-01: the same bytes for the same sources. */
const time = Number(process.env.SOURCE_DATE_EPOCH ?? 1767225600);

rmSync(tree, { recursive: true, force: true });
for (const entry of list) {
  const [from, to] = entry.replaceAll('linux-x64', `linux-${process.arch}`).split('=');
  const source = path.join(top, from);
  if (!existsSync(source)) {
    console.error(`${from} is not there. Run: npm run build`);
    process.exit(1);
  }
  const target = path.join(tree, to);
  mkdirSync(path.dirname(target), { recursive: true });
  cpSync(source, target, { recursive: true, dereference: true });
}
const scripts = path.join(top, 'assets/linux/deb');
mkdirSync(path.join(tree, 'DEBIAN'));
for (const name of existsSync(scripts) ? readdirSync(scripts) : []) {
  cpSync(path.join(scripts, name), path.join(tree, 'DEBIAN', name));
  chmodSync(path.join(tree, 'DEBIAN', name), 0o755);
}
settle(tree);
writeFileSync(
  path.join(tree, 'DEBIAN/control'),
  [
    'Package: switchyard-helper',
    `Version: ${version}`,
    `Architecture: ${architecture}`,
    'Maintainer: Switchyard <switchyard@example.invalid>',
    `Installed-Size: ${Math.ceil(size(tree) / 1024)}`,
    'Depends: polkitd | policykit-1, pkexec | policykit-1, util-linux, coreutils, systemd',
    'Recommends: libvirt-daemon-system, qemu-system-x86, ovmf, swtpm',
    'Conflicts: switchyard',
    'Section: admin',
    'Priority: optional',
    `Description: ${description}`,
    ' The root helper, its policy and units, and the command line; without the window.',
    '',
  ].join('\n'),
);
lutimesSync(path.join(tree, 'DEBIAN/control'), time, time);
const deb = path.join(out, `switchyard-helper_${version}_${architecture}.deb`);
execFileSync('dpkg-deb', ['--root-owner-group', '-Zzstd', '-z3', '--build', tree, deb], { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, SOURCE_DATE_EPOCH: String(time) } });
rmSync(tree, { recursive: true, force: true });
console.log(path.relative(top, deb));

/** Modes by what a file is, and one time for all. */
function settle(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const at = path.join(folder, entry.name);
    if (entry.isDirectory()) settle(at);
    else chmodSync(at, (statSync(at).mode & 0o111) !== 0 ? 0o755 : 0o644);
    lutimesSync(at, time, time);
  }
  chmodSync(folder, 0o755);
}

function size(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(path.join(entry.parentPath, entry.name)).size, 0);
}
