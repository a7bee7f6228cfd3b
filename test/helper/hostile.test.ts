// SPDX-License-Identifier: GPL-3.0-or-later
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { protocol } from '../../contract/helper';
import { packageVersion } from '../../contract/version';
import { buildHelper } from './build-helper';
import { isRoot } from './real';
import { cutOff, endOf, ours, sha, start, theirs, transaction, type Run, type Shipped } from './shipped';

/** Rules 1 to 12 and 17 of the design's security page, as root, on the shipped file: what a hostile caller or a prepared disk can do. */
const house = join(import.meta.dirname, '../..');
const shipped: Shipped = { node: join(house, `node_modules/node-linux-${process.arch}/bin/node`), helper: '' };
const work = mkdtempSync(join(tmpdir(), 'switchyard-hostile-'));
afterAll(() => { rmSync(work, { recursive: true, force: true }); });
let tool: Shipped = shipped;
const go = (how: Parameters<typeof start>[1]): Run => start(tool, how);
const store = `/var/lib/switchyard/${transaction}`;

/** Nothing was undone: our configuration still stands, and it is the only file of /boot. */
const untouched = (run: Run): void => {
  expect(run.after).toContain(`/boot/grub/grub.cfg 644:0 ${sha(ours)}`);
  expect(run.after).not.toContain(sha(theirs).slice(0, 12) + ' /boot');
};

const compiler = ['/usr/bin/cc', '/usr/bin/gcc'].find((path) => existsSync(path));
if (compiler === undefined) console.log('NOT TESTED: starts without argv and with odd descriptors, because no C compiler is installed');

describe.runIf(isRoot)('the shipped helper in hostile hands', () => {
  beforeAll(async () => {
    tool = { ...shipped, helper: await buildHelper('helper-hostile') };
  }, 120_000);

  describe.runIf(compiler !== undefined)('started as no shell starts a program', () => {
    const source = `#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
int main(int argc, char **argv) {
  const char *how = argv[1];
  int pair[2];
  if (!strcmp(how, "argc0")) { char *none[] = {0}; execv(argv[2], none); return 99; }
  if (!strcmp(how, "folder")) open("/boot", O_RDONLY | O_DIRECTORY);
  if (!strcmp(how, "high")) dup2(open("/etc/passwd", O_RDONLY), 200);
  if (!strcmp(how, "writable")) open("/boot/grub/grub.cfg", O_RDWR);
  if (!strcmp(how, "socket")) socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
  if (!strcmp(how, "memory")) memfd_create("x", 0);
  if (!strcmp(how, "closed")) { close(0); close(1); close(2); }
  execv(argv[2], argv + 2);
  return 99;
}
`;
    const built = join(work, 'starter');
    beforeAll(() => {
      writeFileSync(join(work, 'starter.c'), source);
      expect(spawnSync(compiler ?? '', ['-o', built, join(work, 'starter.c')], { encoding: 'utf8' }).status).toBe(0);
    });
    const before = (): string => `${cutOff('')}\ncp ${built} /var/lib/program/starter; chown 0:0 /var/lib/program/starter; chmod 755 /var/lib/program/starter`;

    test.each(['folder', 'high', 'writable', 'socket', 'memory'])('with a descriptor left open (%s) it ends with 64 and undoes nothing', (how) => {
      const run = go({ words: ['undo-last'], before: before(), as: `/var/lib/program/starter ${how}` });
      expect(run).toMatchObject({ code: 64, said: [] });
      untouched(run);
    });

    test('without standard streams it neither breaks nor writes its answer into a file', () => {
      const run = go({ words: ['apply'], before: before(), as: '/var/lib/program/starter closed' });
      expect(run.code).toBe(64);
      untouched(run);
      expect(run.after.split('\n').filter((line) => line.startsWith('/boot'))).toHaveLength(1);
    });

    test('with an empty argv it does nothing', () => {
      // The kernel puts one empty word there (5.18); Node then reads its program from a pipe, which is empty.
      const run = go({ words: [], input: '', before: before(), as: '/var/lib/program/starter argc0 /var/lib/program/node #' });
      expect(run.said).toEqual([]);
      untouched(run);
    });
  });

  describe('with a store that somebody prepared', () => {
    const swap = (path: string, made: string): string => `mv ${path} /var/lib/program/victim; ${made}`;
    const spots: readonly (readonly [string, string])[] = [
      ['its journal', `${store}/private/journal.jsonl`],
      ['its plan', `${store}/private/plan.json`],
      ['the saved copy', `${store}/private/before/0-0`],
    ];
    const kinds: readonly (readonly [string, (path: string) => string])[] = [
      ['a link to the real one', (path) => swap(path, `ln -s /var/lib/program/victim ${path}`)],
      ['a FIFO', (path) => swap(path, `mkfifo ${path}`)],
      ['a device', (path) => swap(path, `mknod ${path} c 1 5`)],
      ['a folder', (path) => swap(path, `mkdir ${path}`)],
      ["somebody else's", (path) => `chown 1000 ${path}`],
      ['writable by others', (path) => `chmod 666 ${path}`],
    ];
    test.each(spots.flatMap(([name, path]) => kinds.map(([kind, change]) => [name, kind, change(path)] as const)))('%s being %s, it undoes nothing and says that it could not', (_name, _kind, change) => {
      const run = go({ words: ['undo-last'], before: `${cutOff('')}\n${change}` });
      expect(run.code).toBe(1);
      expect(endOf(run)).toMatchObject({ ok: false });
      untouched(run);
    });

    test.each([
      ['the store', '/var/lib/switchyard'],
      ['the transaction', store],
      ['its private part', `${store}/private`],
      ['the folder of saved copies', `${store}/private/before`],
    ])('%s being a link, somebody else\'s or open to others, it undoes nothing', (_name, path) => {
      for (const change of [`mv ${path} /var/lib/program/moved; ln -s /var/lib/program/moved ${path}`, `chown 1000 ${path}`, `chmod 777 ${path}`]) {
        const run = go({ words: ['undo-last'], before: `${cutOff('')}\n${change}` });
        expect(run.code).toBe(1);
        untouched(run);
      }
    });

    test.each(['/var/lib', '/boot', '/boot/grub', '/run'])('a parent (%s) being open to others, it undoes nothing', (path) => {
      const run = go({ words: ['undo-last'], before: `${cutOff('')}\nchmod 777 ${path}` });
      // A program below an open folder is not even let in.
      expect([1, 64]).toContain(run.code);
      untouched(run);
    });

    test.each([
      ['a link', 'ln -s /boot/grub/grub.cfg /run/switchyard.lock'],
      ['a FIFO', 'mkfifo /run/switchyard.lock'],
      ['a device', 'mknod /run/switchyard.lock c 1 3'],
      ['a folder', 'mkdir /run/switchyard.lock'],
      ["somebody else's", 'touch /run/switchyard.lock; chown 1000 /run/switchyard.lock'],
    ])('its lock being %s, it does nothing, and writes nothing through it', (_name, change) => {
      const run = go({ words: ['undo-last'], before: `${cutOff('')}\n${change}` });
      expect(run.code).toBe(1);
      untouched(run);
    });

    test('a saved copy that says something else than was saved is not put back', () => {
      const run = go({ words: ['undo-last'], before: `${cutOff('')}\nprintf 'root::0:0::/:/bin/sh\\n' > ${store}/private/before/0-0` });
      expect(endOf(run)).toMatchObject({ ok: false, problem: { code: 'undo-incomplete' } });
      untouched(run);
    });

    test('a journal that names a place of nobody\'s is not followed there', () => {
      const run = go({ words: ['undo-last'], before: `${cutOff('')}\nsed -i 's,/boot/grub/grub.cfg,/boot/grub/evil.cfg,g' ${store}/private/journal.jsonl; cp /boot/grub/grub.cfg /boot/grub/evil.cfg; chmod 644 /boot/grub/evil.cfg` });
      expect(run.code).toBe(1);
      expect(run.after).toContain(`/boot/grub/evil.cfg 644:0 ${sha(ours)}`);
    });

    test.each(['\u0000', '{"a":', '[]', `{"at":1,"boot":"0","kind":"state","state":"kept","restart":false,"problem":null,"extra":1}`])('a line in its journal that is none (%j) is told, and nothing is undone by guess', (line) => {
      const run = go({ words: ['undo-last'], before: `${cutOff('')}\nprintf '%s\\n%s\\n' '${line.replaceAll('\u0000', '\\000')}' '{"at":2,"boot":"0","kind":"work","work":"undo"}' >> ${store}/private/journal.jsonl` });
      expect(run.code).toBe(1);
      untouched(run);
    });
  });

  describe('with a hostile environment', () => {
    const evil = `mkdir /boot/evil; printf "require('fs').writeFileSync('/boot/pwned','')" > /boot/evil/evil.js
      for name in cp flock cat env node rm sync dd; do printf '#!/bin/sh\\ntouch /boot/pwned\\n' > /boot/evil/$name; chmod 755 /boot/evil/$name; done
      printf 'touch /boot/pwned\\n' > /boot/evil/env.sh`;
    /** /usr/lib with a folder of ours in it, in this namespace alone, so that the shipped script finds what it names. */
    const install = (): string => `mkdir /boot/upper /boot/work; mount -t tmpfs tmpfs /mnt; mkdir /mnt/upper /mnt/work
      mount -t overlay overlay -o lowerdir=/usr/lib,upperdir=/mnt/upper,workdir=/mnt/work /usr/lib
      mkdir -p /usr/lib/switchyard; cp /var/lib/program/node /usr/lib/switchyard/node; cp /var/lib/program/helper.cjs /usr/lib/switchyard/helper.cjs
      cp ${join(house, 'assets/linux/switchyard-helper')} /usr/lib/switchyard/switchyard-helper; chmod -R go-w /usr/lib/switchyard; chown -R 0:0 /usr/lib/switchyard; rmdir /boot/upper /boot/work`;
    const canOverlay = spawnSync('unshare', ['-m', '--propagation', 'private', '/bin/sh', '-c', 'mount -t tmpfs tmpfs /mnt && mkdir /mnt/u /mnt/w && mount -t overlay overlay -o lowerdir=/usr/lib,upperdir=/mnt/u,workdir=/mnt/w /usr/lib'], { encoding: 'utf8' }).status === 0;
    if (isRoot && !canOverlay) console.log('NOT TESTED: the installed script with a hostile environment, because overlay mounts are not allowed here');

    test.runIf(canOverlay).each([
      ['NODE_OPTIONS', 'NODE_OPTIONS=--require=/boot/evil/evil.js'],
      ['NODE_PATH', 'NODE_PATH=/boot/evil'],
      ['NODE_REPL_EXTERNAL_MODULE', 'NODE_REPL_EXTERNAL_MODULE=/boot/evil/evil.js'],
      ['PATH', 'PATH=/boot/evil:/usr/bin:/bin'],
      ['ENV and BASH_ENV', 'ENV=/boot/evil/env.sh BASH_ENV=/boot/evil/env.sh'],
      ['IFS and CDPATH', "IFS=/ CDPATH=/boot/evil"],
      ['LD_LIBRARY_PATH', 'LD_LIBRARY_PATH=/boot/evil'],
      ['LC_ALL', 'LC_ALL=tr_TR.UTF-8 LANG=tr_TR.UTF-8'],
      ['NODE_EXTRA_CA_CERTS and TMPDIR', 'NODE_EXTRA_CA_CERTS=/boot/evil/evil.js TMPDIR=/boot/evil'],
      ['an OPENSSL_CONF', 'OPENSSL_CONF=/boot/evil/evil.js'],
    ])('%s changes nothing of what the installed script does', (_name, environment) => {
      const run = go({ words: ['undo-last'], before: `${cutOff('')}\n${evil}\n${install()}`, as: `/usr/bin/env ${environment} /usr/lib/switchyard/switchyard-helper undo-last; exit_code=$?; set --; (exit $exit_code) #` });
      expect(endOf(run)).toMatchObject({ ok: true, outcome: { state: 'undone' } });
      expect(run.after).toContain(`/boot/grub/grub.cfg 644:0 ${sha(theirs)}`);
      expect(run.after).not.toContain('pwned');
    });
  });

  describe('with a hostile request', () => {
    const request = (more: object): string => `${JSON.stringify({ protocol, version: packageVersion, ...more })}\n`;
    const card = { address: '0000:01:00.0', vendor: '10de', device: '2206', subsystemVendor: null, subsystemDevice: null };
    const hash = 'a'.repeat(64);
    const hostile = ['/etc/shadow', '--help', '../../etc', 'a\nb', 'a\u0000b', '$(id)', '`id`', "';id;'", 'x'.repeat(1_000)];
    test.each([
      ...hostile.flatMap((text) => [
        ['the address of a device', 'apply', { intent: { kind: 'dedicate', devices: [{ ...card, address: text }], consents: [] }, approved: hash }, text],
        ['its vendor', 'apply', { intent: { kind: 'dedicate', devices: [{ ...card, vendor: text }], consents: [] }, approved: hash }, text],
        ['a consent', 'apply', { intent: { kind: 'dedicate', devices: [card], consents: [text] }, approved: hash }, text],
        ['the kind of intent', 'apply', { intent: { kind: text }, approved: hash }, text],
        ['the hash', 'apply', { intent: { kind: 'enable-iommu' }, approved: text }, text],
        ['the transaction', 'keep', { transaction: text, approved: hash }, text],
        ['the transaction', 'undo', { transaction: text }, text],
        ['an added key', 'undo', { transaction, locale: text }, text],
      ] as const),
    ])('%s of %s %j is refused before anything is opened, and never said back', (_field, verb, body, text) => {
      const run = go({ words: [verb], input: request(body), before: cutOff('') });
      expect(run.code).toBe(64);
      expect(endOf(run)).toEqual({ kind: 'end', ok: false, problem: { code: 'protocol', detail: {} } });
      if (text.length > 3) expect(run.said.join('')).not.toContain(text);
      untouched(run);
    });
  });

  describe('started from where a verb may not come', () => {
    test.each([
      ['recover', { PKEXEC_UID: '1000' }],
      ['recover', { SUDO_UID: '1000' }],
      ['recover', {}],
      ['guard', { PKEXEC_UID: '1000' }],
      ['guard', {}],
      ['undo-last', { PKEXEC_UID: '1000' }],
      ['undo-last', { SUDO_UID: '1000' }],
      ['undo-last', { INVOCATION_ID: 'x' }],
    ] as const)('%s ends with 64 (%j)', (verb, environment) => {
      const run = go({ words: [verb], environment, before: cutOff('') });
      expect(run).toMatchObject({ code: 64, said: [] });
      untouched(run);
    });

    test('a rescue shell that inherited its unit\'s INVOCATION_ID is root at a console', () => {
      const run = go({ words: ['undo-last'], environment: { INVOCATION_ID: 'x', SYSTEMD_EXEC_PID: '1' }, before: cutOff('') });
      expect(endOf(run)).toMatchObject({ ok: true, outcome: { state: 'undone' } });
    });

    test('the guard leaves at once, with nothing said, in a start that is no trial', () => {
      const run = go({ words: ['guard'], environment: { INVOCATION_ID: 'x' }, before: cutOff('') });
      expect(run).toMatchObject({ code: 0, said: [] });
      untouched(run);
    });
  });
});
