// SPDX-License-Identifier: GPL-3.0-or-later
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const scripts = join(import.meta.dirname, '../../assets/linux/deb');
const hasDpkg = existsSync('/usr/bin/dpkg') && process.getuid?.() === 0;
if (!hasDpkg) console.log('NOT TESTED: removing and upgrading the package, because dpkg or root is missing');

const work = mkdtempSync(join(tmpdir(), 'switchyard-deb-'));
const root = join(work, 'root');
const store = join(root, 'var/lib/switchyard');
afterAll(() => { rmSync(work, { recursive: true, force: true }); });

/** A package of that version with our real maintainer scripts and nothing else in it. */
function build(version: string): string {
  const tree = join(work, `tree-${version}`);
  mkdirSync(join(tree, 'DEBIAN'), { recursive: true });
  for (const name of ['prerm', 'postinst']) {
    copyFileSync(join(scripts, name), join(tree, 'DEBIAN', name));
    chmodSync(join(tree, 'DEBIAN', name), 0o755);
  }
  writeFileSync(join(tree, 'DEBIAN/control'), `Package: switchyard-helper\nVersion: ${version}\nArchitecture: all\nMaintainer: nobody <nobody@example.invalid>\nDescription: a test\n`);
  const deb = join(work, `switchyard-${version}.deb`);
  expect(spawnSync('dpkg-deb', ['--root-owner-group', '--build', tree, deb], { encoding: 'utf8' }).status).toBe(0);
  return deb;
}

/** dpkg on a folder that is a system of its own; the scripts run here and are told where it is (dpkg(1), script-chrootless). */
function dpkg(...args: readonly string[]): { readonly status: number | null; readonly said: string } {
  const done = spawnSync('dpkg', [`--root=${root}`, '--force-script-chrootless', '--force-not-root', ...args], { encoding: 'utf8', env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' } });
  return { status: done.status, said: done.stdout + done.stderr };
}
const installed = (): string => spawnSync('dpkg-query', [`--admindir=${root}/var/lib/dpkg`, '-W', '-f=${Status} ${Version}', 'switchyard-helper'], { encoding: 'utf8' }).stdout;

/** The store as a transaction in that state leaves it. */
function stands(state: string | null, waiting: boolean): void {
  rmSync(store, { recursive: true, force: true });
  if (state === null) return;
  mkdirSync(join(store, '0123456789abcdef'), { recursive: true });
  writeFileSync(join(store, '0123456789abcdef/summary.json'), `${JSON.stringify({ schema: 1, transaction: '0123456789abcdef', state, work: null })}\n`);
  if (waiting) writeFileSync(join(store, 'waiting'), '0123456789abcdef\n');
}

describe.runIf(hasDpkg)('the package', () => {
  let old = '';
  let newer = '';
  beforeAll(() => {
    for (const folder of ['var/lib/dpkg/info', 'var/lib/dpkg/updates', 'var/lib/dpkg/triggers']) mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, 'var/lib/dpkg/status'), '');
    old = build('0.1.0');
    newer = build('0.2.0');
  });

  test.each([
    ['waiting-for-restart', 'switchyard go-back'],
    ['trial-running', 'switchyard keep'],
    ['working', 'not finished'],
    ['undo-incomplete', 'not finished'],
  ])('is not removed while a change is %s', (state, words) => {
    stands(state, true);
    expect(dpkg('-i', old).status).toBe(0);
    const removed = dpkg('-r', 'switchyard-helper');
    expect(removed.status).not.toBe(0);
    expect(removed.said).toContain(words);
    expect(installed()).toMatch(/ ok installed 0\.1\.0$/);
  });

  test.each([['kept'], ['undone']])('is not removed before the tidying start after a change was %s, and says that a restart is all it takes', (state) => {
    stands(state, true);
    expect(dpkg('-i', old).status).toBe(0);
    const removed = dpkg('-r', 'switchyard-helper');
    expect(removed.status).not.toBe(0);
    expect(removed.said).toContain('Restart this computer');
  });

  test('may be upgraded between trial and keep', () => {
    stands('trial-running', true);
    expect(dpkg('-i', old).status).toBe(0);
    expect(dpkg('-i', newer)).toMatchObject({ status: 0 });
    expect(installed()).toBe('install ok installed 0.2.0');
    expect(existsSync(join(store, 'waiting'))).toBe(true);
  });

  test.each([['nothing was ever changed', null], ['a change is kept', 'kept'], ['a change is undone', 'undone']])('is removed when %s and nothing waits', (_, state) => {
    stands(state, false);
    expect(dpkg('-i', newer).status).toBe(0);
    expect(dpkg('-r', 'switchyard-helper')).toMatchObject({ status: 0 });
    expect(installed()).not.toContain('install ok');
  });
});
