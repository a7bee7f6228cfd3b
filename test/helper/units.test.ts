// SPDX-License-Identifier: GPL-3.0-or-later
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { helperVerbs, verbs } from '../../contract/helper';
import { placeNames } from '../../contract/plan';
import { pathOf, storeFolder } from '../../core/step/places';
import { toldPaths } from '../../core/trial/places';
import { programLimits } from '../../helper/programs';
import { lockPath } from '../../helper/store';

const assets = join(import.meta.dirname, '../../assets/linux');
const text = (name: string): string => readFileSync(join(assets, name), 'utf8');
const units = readdirSync(assets).filter((name) => name.endsWith('.service'));
/** Values of a key, those of several lines together. */
const values = (unit: string, key: string): readonly string[] => [...text(unit).matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].flatMap(([, value = '']) => value.split(/\s+/)).filter((word) => word !== '');

const work = mkdtempSync(join(tmpdir(), 'switchyard-units-'));
afterAll(() => { rmSync(work, { recursive: true, force: true }); });

describe('every unit', () => {
  test.each(units)('%s starts a verb that the table gives to systemd, or no program of ours', (unit) => {
    const [program, verb] = values(unit, 'ExecStart');
    if (program !== '/usr/lib/switchyard/switchyard-helper') return expect(program).toBe('/usr/bin/sleep');
    const known = helperVerbs.find((each) => each === verb);
    expect(known === undefined ? [] : verbs[known].started).toContain('systemd');
  });

  test.each(units)('%s does not start where nothing of ours waits', (unit) => {
    const waits = values(unit, 'ConditionPathExists').join() === '/var/lib/switchyard/waiting';
    const isTrial = values(unit, 'ConditionKernelCommandLine').join() === 'switchyard.trial';
    expect(waits || isTrial).toBe(true);
  });

  const hasAnalyze = existsSync('/usr/bin/systemd-analyze');
  if (!hasAnalyze) console.log('NOT TESTED: the security score of the units, because systemd-analyze is missing');
  // 2.0 of 10: what is left is root itself, the files it must write, and the loopback of a Node that compiles.
  test.runIf(hasAnalyze).each(units)('%s is not exposed more than 2.0 by systemd-analyze security', (unit) => {
    const done = spawnSync('systemd-analyze', ['security', '--offline=yes', '--no-pager', '--threshold=20', join(assets, unit)], { encoding: 'utf8' });
    expect(done.stdout).toMatch(/Overall exposure level/);
    expect(done.status).toBe(0);
  });

  test.runIf(hasAnalyze).each(units)('%s is read by systemd without a complaint', (unit) => {
    // The programs are not installed here: their path is the one complaint that does not count.
    const done = spawnSync('systemd-analyze', ['verify', '--recursive-errors=no', join(assets, unit)], { encoding: 'utf8', env: { ...process.env, SYSTEMD_UNIT_PATH: `${assets}:` } });
    expect(done.stderr.split('\n').filter((line) => line.includes('switchyard') && !line.includes('is not executable'))).toEqual([]);
  });
});

describe('the recover unit', () => {
  const writable = values('switchyard-recover.service', 'ReadWritePaths').map((path) => path.replace(/^-/, ''));
  const covers = (path: string): boolean => writable.some((each) => path === each || path.startsWith(`${each}/`));
  const places = placeNames.flatMap((name) => (name === 'grub-default' || name === 'trial-config' ? [] : [pathOf(name === 'default-image' || name === 'trial-image' ? `${name}:6.1.0` : name, '0123456789abcdef')]));

  test.each(places)('may put back %s', (path) => {
    expect(covers(path)).toBe(true);
    expect(covers(dirname(path))).toBe(true);
  });

  test('may write its store, its lock and where a question is told, and no other part of the system', () => {
    for (const path of [storeFolder, lockPath, ...toldPaths]) expect(covers(path)).toBe(true);
    for (const path of ['/etc', '/usr', '/home', '/root', '/var/lib', '/etc/passwd', '/etc/shadow', '/etc/ssh', '/etc/sudoers.d', '/var/spool/cron']) expect(covers(path)).toBe(false);
  });
});

test('the recover unit has time for the longest program it may start, and for what comes before and after it', () => {
  const [limit = ''] = values('switchyard-recover.service', 'TimeoutStartSec');
  expect(Number(limit) * 1000).toBeGreaterThanOrEqual(2 * programLimits['sync-filesystem'].time);
});

describe('the guard unit', () => {
  const guard = 'switchyard-trial-guard.service';
  test('restarts the machine however it ends badly, and by force where it does not shut down', () => {
    expect(values(guard, 'FailureAction')).toEqual(['reboot']);
    expect(values(guard, 'OnFailure')).toEqual(['switchyard-trial-force.service']);
    expect(values('switchyard-trial-force.service', 'SuccessAction')).toEqual(['reboot-force']);
    expect(values('switchyard-trial-force.service', 'Conflicts')).toEqual([]);
  });

  test('asks for no file system first, and survives a rescue shell', () => {
    expect(values(guard, 'ConditionPathExists')).toEqual([]);
    expect(values(guard, 'RequiresMountsFor')).toEqual([]);
    expect(values(guard, 'Requires')).toEqual([]);
    // PrivateTmp= would bring /tmp and /var/tmp with it.
    expect(values(guard, 'PrivateTmp')).toEqual([]);
    expect(values(guard, 'IgnoreOnIsolate')).toEqual(['yes']);
    expect(values(guard, 'DefaultDependencies')).toEqual(['no']);
    expect(values(guard, 'ReadWritePaths').every((path) => path.startsWith('-'))).toBe(true);
  });

  test('sees the network of the machine, and its command line', () => {
    expect(values(guard, 'PrivateNetwork')).toEqual([]);
    expect(values(guard, 'ProcSubset')).toEqual([]);
  });
});

describe('the question at a login', () => {
  const ask = join(assets, 'switchyard-ask');
  const started = (question: string, cmdline: string): { readonly status: number | null; readonly said: string } => {
    writeFileSync(join(work, 'cmdline'), `${cmdline}\n`);
    writeFileSync(join(work, 'switchyard-window'), '#!/bin/sh\necho opened\n', { mode: 0o755 });
    const done = spawnSync('sh', [ask, question, join(work, 'cmdline')], { encoding: 'utf8', timeout: 3000, env: { PATH: `${work}:/usr/bin:/bin` } });
    return { status: done.status, said: done.stdout };
  };
  test('leaves at once where nothing waits', () => {
    expect(started(join(work, 'none'), 'BOOT_IMAGE=/vmlinuz quiet')).toEqual({ status: 0, said: '' });
  });
  test('opens the window where a trial waits', () => {
    writeFileSync(join(work, 'question'), 'passed 0123456789abcdef\n');
    expect(started(join(work, 'question'), 'BOOT_IMAGE=/vmlinuz')).toEqual({ status: 0, said: 'opened\n' });
  });
  test('waits for the self check in the start of a trial', () => {
    expect(started(join(work, 'none'), 'BOOT_IMAGE=/vmlinuz switchyard.trial=0123456789abcdef').status).toBeNull();
  });
  test('is started with the desktop, without a place in its menu', () => {
    const entry = text('app.switchyard.ask.desktop');
    expect(entry).toContain('\nExec=/usr/lib/switchyard/switchyard-ask\n');
    expect(entry).toContain('\nNoDisplay=true\n');
    expect(readFileSync(join(assets, '../../electron-builder.yml'), 'utf8')).toContain('assets/linux/app.switchyard.ask.desktop=/etc/xdg/autostart/');
  });
});

test('every unit and script of ours is in the package', () => {
  const list = readFileSync(join(assets, '../../electron-builder.yml'), 'utf8');
  for (const name of [...units, 'switchyard', 'switchyard-helper', 'switchyard-ask', 'app.switchyard.policy']) expect(list).toContain(`assets/linux/${name}=/`);
  expect(list).toContain('--before-remove=assets/linux/deb/prerm');
});
