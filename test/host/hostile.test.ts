// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hostFacts, type HostFacts } from '../../contract/facts';
import { liveMachine } from '../../host/live';
import type { Look, Machine } from '../../host/machine';
import { probe } from '../../host/probe';
import * as machines from './machines';

const card = '/sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0';

function sound(facts: HostFacts): HostFacts {
  expect(hostFacts.safeParse(facts).error?.issues ?? []).toEqual([]);
  return facts;
}
const look = (root: string): HostFacts => sound(probe(liveMachine(root)));
const cardOf = (facts: HostFacts): HostFacts['pci']['functions'][number] | undefined =>
  facts.pci.functions.find((one) => one.address === '0000:01:00.0');

interface Seen {
  uid: number;
  facts: HostFacts;
}

describe('as an ordinary user', () => {
  const lookAs = (root: string): Seen => {
    chmodSync(root, 0o755);
    const text = execFileSync(
      process.execPath,
      ['--import', './test/typescript.mjs', 'test/host/ordinary-look.ts', root],
      { encoding: 'utf8', maxBuffer: 1 << 24 },
    );
    return JSON.parse(text) as Seen;
  };

  test('what may not be read is unknown and never "no", and the look says who looked', () => {
    const tree = machines.intelDesktop();
    for (const file of [
      'resource',
      'driver_override',
      'numa_node',
      'reset_method',
      'revision',
      'power/runtime_status',
      'boot_vga',
      'label',
    ])
      chmodSync(`${tree.root}${card}/${file}`, 0);
    const shut = [
      '/sys/firmware/efi/efivars',
      '/sys/kernel/boot_params/data',
      '/sys/kernel/security/lockdown',
      '/proc/interrupts',
      '/proc/cmdline',
      '/sys/firmware/acpi/tables',
      '/sys/class/iommu',
      '/proc/self/mountinfo',
    ];
    for (const place of shut) chmodSync(tree.root + place, 0);
    const { uid, facts } = lookAs(tree.root);
    for (const place of shut) chmodSync(tree.root + place, 0o755);
    expect(uid).not.toBe(0);
    sound(facts);
    const found = cardOf(facts);
    expect([...(found?.unknown ?? [])].sort()).toEqual([
      'bars',
      'bootVga',
      'driverOverride',
      'link',
      'numaNode',
      'power',
      'resetMethods',
      'revision',
      'slot',
    ]);
    expect(found).toMatchObject({ revision: null, bars: [], bootVga: null, resetMethods: null, link: null });
    expect(facts.firmware.secureBoot).toMatchObject({ value: null });
    expect(facts.firmware.setupOnRestart.value).toBeNull();
    expect(facts.firmware.lockdown).toEqual({ value: null, from: '/sys/kernel/security/lockdown' });
    expect(facts.iommu.interruptRemapping).toEqual({ value: null, from: '/proc/interrupts' });
    expect(facts.iommu.table).toEqual({ value: null, from: '/sys/firmware/acpi/tables' });
    expect(facts.iommu.units.value).toBeNull();
    expect(facts.iommu.acsOverride.value).toBeNull();
    expect(facts.kernel.args).toEqual({ value: null, from: '/proc/cmdline' });
    expect(facts.system.immutable.value).toBeNull();
    expect(facts.system.mounts.value).toBeNull();
    expect(facts.holdersComplete).toBe(false);
  });

  test.each(['', '/uevent'])(
    'a function whose folder%s is shut makes the list incomplete, and the others are still told',
    (file) => {
      const tree = machines.intelDesktop();
      chmodSync(`${tree.root}${card}${file}`, 0);
      const { uid, facts } = lookAs(tree.root);
      chmodSync(`${tree.root}${card}${file}`, 0o755);
      expect(uid).not.toBe(0);
      expect(facts.pci.complete).toBe(false);
      expect(facts.pci.functions).toHaveLength(5);
      expect(facts.missing.map((one) => one.what)).toContain('pci-functions');
    },
  );

  test.each([machines.intelDesktop, machines.amdTwoCards, machines.systemdBootArch, machines.sleepingLaptop])(
    'sees the same as whoever started this test, where nothing is shut (machine %#)',
    (plant) => {
      const tree = plant();
      const { facts } = lookAs(tree.root);
      const mine = look(tree.root);
      // Who looked is all that may differ: root sees every process.
      expect({ ...facts, holdersComplete: mine.holdersComplete, missing: mine.missing }).toEqual(
        JSON.parse(JSON.stringify(mine)),
      );
    },
  );

  test('a group whose members may not be listed makes the groups incomplete', () => {
    const tree = machines.intelDesktop();
    chmodSync(`${tree.root}/sys/kernel/iommu_groups/1/devices`, 0);
    const { facts } = lookAs(tree.root);
    chmodSync(`${tree.root}/sys/kernel/iommu_groups/1/devices`, 0o755);
    expect(facts.iommu.groupsComplete).toBe(false);
  });
});

test('links that lead in circles end, and say so', () => {
  const tree = machines.intelDesktop();
  tree.put('/sys/bus/pci/devices/0000:05:00.0', { link: '0000:05:00.0' });
  tree.put('/sys/class/drm/card7', { link: 'card8' });
  tree.put('/sys/class/drm/card8', { link: 'card7' });
  unlinkSync(`${tree.root}/etc/os-release`);
  unlinkSync(`${tree.root}/usr/lib/os-release`);
  tree.put('/etc/os-release', { link: '../usr/lib/os-release' });
  tree.put('/usr/lib/os-release', { link: '../../etc/os-release' });
  const facts = look(tree.root);
  expect(liveMachine(tree.root).text('/etc/os-release')).toEqual({ at: 'unreadable', why: 'loop' });
  expect(facts.system.distribution.value).toBeNull();
  expect(facts.pci.complete).toBe(false);
  expect(facts.pci.functions).toHaveLength(6);
});

test('no link of a recorded tree leads out of it', () => {
  const tree = machines.intelDesktop();
  const outside = machines.biosDesktop();
  outside.put('/secret', 'outside\n');
  rmSync(`${tree.root}/etc/os-release`);
  tree.put('/etc/os-release', { link: `${outside.root}/secret` });
  rmSync(`${tree.root}/proc/fb`);
  tree.put('/proc/fb', { link: `${'../'.repeat(30)}${outside.root.slice(1)}/secret` });
  tree.put('/outside', { link: outside.root });
  const machine = liveMachine(tree.root);
  expect(machine.text('/etc/os-release').at).toBe('absent');
  expect(machine.text('/outside/secret').at).toBe('absent');
  expect(machine.names('/outside').at).toBe('absent');
  expect(machine.real('/outside/secret').at).toBe('absent');
  expect(machine.text(`/${'../'.repeat(20)}proc/cmdline`).at).toBe('is');
});

test('a FIFO or a folder in the place of an attribute is not a file, and nobody waits for it', () => {
  const tree = machines.intelDesktop();
  for (const file of ['resource', 'driver_override', 'power/runtime_status']) {
    rmSync(`${tree.root}${card}/${file}`);
    execFileSync('mkfifo', [`${tree.root}${card}/${file}`]);
  }
  rmSync(`${tree.root}${card}/reset_method`);
  mkdirSync(`${tree.root}${card}/reset_method`);
  rmSync(`${tree.root}/proc/cpuinfo`);
  execFileSync('mkfifo', [`${tree.root}/proc/cpuinfo`]);
  const started = Date.now();
  const facts = look(tree.root);
  expect(Date.now() - started).toBeLessThan(5000);
  expect(cardOf(facts)?.unknown).toEqual(
    expect.arrayContaining(['bars', 'driverOverride', 'power', 'resetMethods', 'link']),
  );
  expect(facts.cpu.flags).toEqual({ value: null, from: '/proc/cpuinfo' });
  expect(liveMachine(tree.root).text('/proc/cpuinfo')).toEqual({ at: 'unreadable', why: 'not-a-file' });
});

test('a file larger than its limit is left alone and what it would have said is unknown', () => {
  const tree = machines.intelDesktop();
  for (const place of [
    '/proc/cmdline',
    '/usr/share/misc/pci.ids',
    '/lib/modules/6.12.95-amd64/modules.alias',
    `${card}/resource`,
    '/proc/cpuinfo',
  ])
    truncateSync(tree.root + place, 8 * 2 ** 30);
  const started = Date.now();
  const facts = look(tree.root);
  expect(Date.now() - started).toBeLessThan(5000);
  expect(liveMachine(tree.root).text('/proc/cmdline')).toEqual({ at: 'unreadable', why: 'too-large' });
  expect(facts.kernel.args.value).toBeNull();
  expect(cardOf(facts)?.unknown).toEqual(expect.arrayContaining(['bars', 'modules']));
  expect(cardOf(facts)?.name).toBeNull();
});

test('a file of procfs is read to its end although it says it is empty', () => {
  const maps = liveMachine().text('/proc/self/maps');
  expect(maps.at === 'is' && maps.value.length).toBeGreaterThan(4096);
});

test('functions and processes that vanish between being listed and being read are gone, not half there', () => {
  for (const after of ['names', 'uevent', 'power/runtime_status', 'resource'] as const) {
    const tree = machines.intelDesktop();
    const base = liveMachine(tree.root);
    const gone = (): void => rmSync(tree.root + card, { recursive: true, force: true });
    const machine: Machine = {
      ...base,
      names(path) {
        const listed = base.names(path);
        if (after === 'names' && path === card) gone();
        return listed;
      },
      text(path, limit) {
        const read = base.text(path, limit);
        if (path === `${card}/${after}`) gone();
        return read;
      },
    };
    const facts = sound(probe(machine));
    const found = cardOf(facts);
    expect(found, after).toBeUndefined();
    expect(facts.pci).toMatchObject({ complete: true, functions: { length: 5 } });
  }
});

test('binary content everywhere is no fact, and nothing falls over it', () => {
  const bytes = Buffer.from(Array.from({ length: 3000 }, (_, index) => (index * 7919) % 256));
  const base = liveMachine(machines.intelDesktop().root);
  const facts = sound(
    probe({
      ...base,
      text: () => ({ at: 'is', value: bytes.toString('utf8') }),
      bytes: () => ({ at: 'is', value: bytes }),
    }),
  );
  expect(facts.pci.functions).toEqual([]);
  expect(facts.pci.complete).toBe(false);
  expect(facts.firmware.lockdown.value).toBeNull();
});

test('a name with control characters, escapes and directions comes out as one plain line', () => {
  const tree = machines.intelDesktop();
  writeFileSync(
    `${tree.root}/usr/share/misc/pci.ids`,
    '10de  NVIDIA\u001b]0;owned\u0007 \u202eCorp\u0000\n\t2206  GA102\r\u009b2J<b>\u2028x\n',
  );
  const found = cardOf(look(tree.root));
  expect(found?.vendorName).toBe('NVIDIA ]0;owned Corp');
  expect(found?.name).toBe('GA102 2J<b> x');
});

test('without pci.ids the names come from udev, and without both there are none', () => {
  const tree = machines.intelDesktop();
  unlinkSync(`${tree.root}/usr/share/misc/pci.ids`);
  expect(cardOf(look(tree.root))?.name).toBeNull();
  tree.put(
    '/run/udev/data/+pci:0000:01:00.0',
    'E:ID_VENDOR_FROM_DATABASE=NVIDIA Corporation\nE:ID_MODEL_FROM_DATABASE=GA102\n',
  );
  expect(cardOf(look(tree.root))).toMatchObject({ vendorName: 'NVIDIA Corporation', name: 'GA102' });
});

const anyLook = fc.oneof(
  { weight: 6, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constant<Look<string>>({ at: 'absent' }) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('permission', 'io', 'too-large', 'not-a-file', 'loop')
      .map((why): Look<string> => ({ at: 'unreadable', why: why as 'io' })),
  },
  {
    weight: 2,
    arbitrary: fc.string({ unit: 'binary', maxLength: 400 }).map((value): Look<string> => ({ at: 'is', value })),
  },
  {
    weight: 2,
    arbitrary: fc
      .integer({ min: -(2 ** 40), max: 2 ** 40 })
      .map((value): Look<string> => ({ at: 'is', value: String(value) })),
  },
);

test('whatever a machine answers, the probe does not throw and what it tells fits the contract', () => {
  const base = liveMachine(machines.intelDesktop().root);
  fc.assert(
    fc.property(fc.array(anyLook, { minLength: 40, maxLength: 120 }), (answers) => {
      let turn = 0;
      const next = (): Look<string> | undefined => answers[turn++ % answers.length];
      const names = (path: string): Look<readonly string[]> => {
        const answer = next();
        if (answer?.at !== 'is') return answer ?? base.names(path);
        const listed = base.names(path);
        return listed.at === 'is' ? { at: 'is', value: [...listed.value, answer.value] } : listed;
      };
      const machine: Machine = {
        ...base,
        text: (path, limit) => next() ?? base.text(path, limit),
        bytes(path, limit) {
          const answer = next();
          if (answer === undefined) return base.bytes(path, limit);
          return answer.at === 'is' ? { at: 'is', value: Buffer.from(answer.value) } : answer;
        },
        names,
        target: (path) => next() ?? base.target(path),
        real: (path) => next() ?? base.real(path),
        run: () => next() ?? { at: 'absent' },
        env: { XDG_SESSION_TYPE: 'x\u001b11', SNAP: undefined },
      };
      sound(probe(machine));
    }),
    { numRuns: 150 },
  );
});

test('a tree that is not there at all is a machine of which nothing is known', () => {
  const facts = look('/nonexistent-tree');
  expect(facts.pci).toEqual({ functions: [], complete: false });
  expect(facts.firmware.mode.value).toBeNull();
  expect(facts.iommu.groups.value).toBeNull();
  expect(facts.holdersComplete).toBe(false);
});

test('a symbolic link planted as the last part is read inside the tree only when it stays there', () => {
  const tree = machines.intelDesktop();
  symlinkSync('/etc/shadow', `${tree.root}${card}/serial`);
  expect(liveMachine(tree.root).text(`${card}/serial`).at).toBe('absent');
});
