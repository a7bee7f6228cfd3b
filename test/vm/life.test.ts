// SPDX-License-Identifier: GPL-3.0-or-later
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ok, type Result } from '../../contract/problem';
import type { VmRecipe } from '../../contract/vm';
import type { VmHost } from '../../contract/vm-host';
import { drawDomain } from '../../core/vm/domain';
import { editDomain } from '../../core/vm/edit';
import { openLibvirt, type Libvirt } from '../../main/vm/libvirt';
import { plain } from '../core/vm/recipes';
import { startLibvirtd, whyNot, type PrivateLibvirt } from './libvirtd';

const reason = whyNot();
if (reason !== null) console.log(`NOT RUN: the life of a VM in a real libvirtd, because ${reason}`);

describe.skipIf(reason !== null)('the life of a VM in a real libvirtd', () => {
  let daemon: PrivateLibvirt;
  let libvirt: Libvirt;
  let host: VmHost;
  const uuid = '7f0c2b52-6f0a-4d6c-9a1e-0c6d5a1b2001';

  beforeAll(async () => {
    daemon = await startLibvirtd();
    libvirt = openLibvirt((words, text) => Promise.resolve(ok(daemon.raw(words, text))), 'system', { steadyClock: null, apicv: null });
    host = value(await libvirt.host());
  }, 60_000);
  afterAll(() => daemon.stop());

  const value = <T>(result: Result<T>): T => {
    if (!result.ok) throw new Error(JSON.stringify(result.problem));
    return result.value;
  };
  const why = (result: Result<unknown>): string => (result.ok ? 'done' : `${result.problem.code} ${result.problem.detail['why'] ?? result.problem.detail['what'] ?? ''}`);
  /** The smallest VM that starts: no network, a disk of its own, firmware of old; emulated, because KVM inside a VM may open and not run. */
  const small = (change: Partial<VmRecipe> = {}): string => {
    const recipe = plain('linux', {
      uuid,
      name: 'small',
      firmware: { kind: 'bios' },
      cpu: { ...plain('linux').cpu, accelerated: false, cores: 1, threads: 1 },
      memory: { sizeMiB: 128, pages: 'ordinary', limitMiB: null },
      disks: [{ kind: 'image', path: daemon.file('disk.raw', '\0'.repeat(2 ** 20)), format: 'raw', bus: 'virtio', boot: 1 }],
      networks: [],
      ...change,
    });
    return value(drawDomain(recipe, host)).xml;
  };
  const state = async (): Promise<string | undefined> => value(await libvirt.list()).find((one) => one.uuid === uuid)?.state;

  test('is defined, started, paused, resumed, pulled off and taken away again', async () => {
    expect(value(await libvirt.define(small()))).toEqual({ before: null });
    expect(value(await libvirt.list())).toMatchObject([{ uuid, state: 'off', known: { name: 'small', ours: true, firmware: 'bios' } }]);
    for (const [act, then] of [['start', 'running'], ['pause', 'paused'], ['resume', 'running'], ['force-off', 'off']] as const) {
      const done = await libvirt.act(uuid, act);
      expect([act, done.ok ? 'done' : done.problem.detail['said']]).toEqual([act, 'done']);
      expect(await state()).toBe(then);
    }
    expect(why(await libvirt.undefine(uuid, 'keep'))).toBe('done');
    expect(value(await libvirt.list())).toEqual([]);
  }, 60_000);

  test('gives the definition from before when it is defined again, and that brings it back byte for byte', async () => {
    value(await libvirt.define(small()));
    const stored = value(await libvirt.xml(uuid));
    const edited = value(editDomain(stored, [{ kind: 'memory', sizeMiB: 256 }, { kind: 'pin', pinning: { vcpus: [0], emulator: [0], io: [0], memory: null } }]));
    expect(value(await libvirt.define(edited))).toEqual({ before: stored });
    expect(value(await libvirt.list())[0]?.known).toMatchObject({ memoryMiB: 256, pinned: 1 });
    value(await libvirt.define(stored));
    expect(value(await libvirt.xml(uuid))).toBe(stored);
    value(await libvirt.undefine(uuid, 'delete'));
  }, 60_000);

  const failing: readonly (readonly [string, Partial<VmRecipe>, string])[] = [
    ['an image that is gone', { disks: [{ kind: 'image', path: '/nowhere/disk.raw', format: 'raw', bus: 'virtio', boot: 1 }] }, 'refused image-missing'],
    ['a network that is not there', { networks: [{ kind: 'nat', network: 'default', mac: '52:54:00:11:01:01' }] }, 'refused network-missing'],
    ['a bridge that is not there', { networks: [{ kind: 'bridge', bridge: 'nobridge0', mac: '52:54:00:11:01:01' }] }, 'refused network-missing'],
    ['a keyboard that is not plugged in', { input: { kind: 'evdev', keyboards: ['/dev/input/by-id/usb-none-event-kbd'], mice: [], toggle: 'ctrl-ctrl' } }, 'refused input-missing'],
    ['a thread that is not there', { cpu: { accelerated: false, cores: 1, threads: 1, pinning: { vcpus: [4000], emulator: [0], io: [0], memory: null }, nested: false, hideHypervisor: false, share: 'normal', capPercent: null } }, 'refused bad-pin'],
  ];
  test.each(failing)('a start with %s is told by its cause', async (_name, change, expected) => {
    value(await libvirt.define(small(change)));
    expect(why(await libvirt.act(uuid, 'start'))).toBe(expected);
    expect(await state()).toBe('off');
    value(await libvirt.undefine(uuid, 'delete'));
  }, 60_000);

  test('tells by its cause whatever else is refused', async () => {
    value(await libvirt.define(small()));
    expect(why(await libvirt.act(uuid, 'pause'))).toBe('refused not-running');
    expect(why(await libvirt.define(small({ uuid: '7f0c2b52-6f0a-4d6c-9a1e-0c6d5a1b2002' })))).toBe('refused name-taken');
    expect(why(await libvirt.define(small().replace('</devices>', '<odd/></devices>')))).toBe('refused schema');
    expect(why(await libvirt.define('<domain'))).toBe('bad-input xml-cut');
    expect(why(await libvirt.xml('7f0c2b52-6f0a-4d6c-9a1e-0c6d5a1b2003'))).toBe('refused vm-missing');
    expect(why(await libvirt.xml('--help'))).toBe('bad-input uuid');
    expect(why(await libvirt.act('small; reboot', 'start'))).toBe('bad-input uuid');
    value(await libvirt.undefine(uuid, 'delete'));
  }, 60_000);
});
