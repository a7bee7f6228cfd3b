// SPDX-License-Identifier: GPL-3.0-or-later
import { rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { HandAct } from '../../contract/hand-off';
import type { PciAddress } from '../../contract/pci';
import { lookAtHand } from '../../host/hand-off/look';
import { isTrue, unitRuns } from '../../host/hand-off/truth';
import { belowDisk, belowUsb } from '../../host/holders/below';
import { endingWith } from '../../host/holders/desktop';
import { isQuiet, openedByVfio, vmRuns } from '../../host/holders/quiet';
import { liveMachine } from '../../host/live';
import type { Machine } from '../../host/machine';
import { plantTree, type Tree } from './tree';

const at = (text: string): PciAddress => text as PciAddress;
const [gpu, sound] = [at('0000:01:00.0'), at('0000:01:00.1')];
const uuid = '3f8f1a52-0a4e-4b0e-9d0e-6c1f6d1a0001';

function machine(): { tree: Tree; eyes: () => Machine } {
  const tree = plantTree();
  tree.function(['0000:00:01.0', gpu], { id: '10de:2206', class: '030000', subsystem: '1043:8888', driver: 'nvidia', group: 7, files: { driver_override: '(null)\n', 'power/control': 'auto\n', 'power/runtime_status': 'active\n', reset_method: 'flr bus\n' } });
  tree.function(['0000:00:01.0', sound], { id: '10de:1aef', class: '040300', driver: 'snd_hda_intel', group: 7 });
  tree.put('/sys/module/nvidia/refcnt', '12\n');
  tree.put('/sys/module/nvidia/version', '580.95.05\n');
  tree.put('/sys/module/nvidia/holders/nvidia_modeset', '');
  tree.put('/sys/class/vtconsole/vtcon1/name', '(M) frame buffer device\n');
  tree.put('/sys/class/vtconsole/vtcon1/bind', '1\n');
  tree.put('/proc/sys/kernel/osrelease', '6.12.9-arch1-1\n');
  tree.put('/sys/fs/cgroup/system.slice/nvidia-persistenced.service/cgroup.events', 'populated 1\nfrozen 0\n');
  tree.put('/sys/fs/cgroup/system.slice/lactd.service/cgroup.events', 'populated 0\nfrozen 0\n');
  tree.put('/sys/fs/cgroup/system.slice/system-ly.slice/ly@tty2.service/cgroup.events', 'populated 1\n');
  tree.put('/etc/systemd/system/display-manager.service', { link: '/usr/lib/systemd/system/ly@tty2.service' });
  return { tree, eyes: () => liveMachine(tree.root) };
}

describe('the look before a hand-off', () => {
  test('has identity, driver, power, group, modules, consoles and services of the card', () => {
    const { eyes } = machine();
    const { look } = lookAtHand(eyes(), [gpu]);
    expect(look.functions.get(gpu)).toMatchObject({ vendor: '10de', device: '2206', subsystemVendor: '1043', subsystemDevice: '8888', class: '0300', driver: 'nvidia', override: null, power: 'auto', group: 7, resetMethods: ['flr', 'bus'], virtualFunctions: 0 });
    expect(look.besides).toEqual([sound]);
    expect(look.modules.get('nvidia')).toEqual({ module: 'nvidia', references: 12, holders: ['nvidia_modeset'], version: '580.95.05' });
    expect(look.consoles).toEqual([{ console: 'vtcon1', name: '(M) frame buffer device', bound: true }]);
    expect(look.kernel).toEqual({ major: 6, minor: 12 });
    expect(look.vfio).toBe(false);
    expect(look.manager).toEqual({ unit: 'ly@tty2.service', runs: true });
    expect(look.services.filter((one) => one.runs).map((one) => one.unit)).toEqual(['nvidia-persistenced.service']);
  });

  test('has the threads that are online and what each slice of the host is kept to, where the kernel has the controller', () => {
    const { tree, eyes } = machine();
    tree.put('/sys/devices/system/cpu/online', '0-3\n');
    for (const slice of ['user.slice', 'init.scope']) tree.put(`/sys/fs/cgroup/${slice}/cgroup.procs`, '');
    tree.put('/sys/fs/cgroup/user.slice/cpuset.cpus', '0-1\n');
    expect(lookAtHand(eyes(), [gpu]).look.processors).toEqual({ online: [0, 1, 2, 3], slices: [] });
    tree.put('/sys/fs/cgroup/cgroup.controllers', 'cpuset cpu io\n');
    expect(lookAtHand(eyes(), [gpu]).look.processors.slices).toEqual([{ slice: 'user.slice', threads: '0-1' }, { slice: 'system.slice', threads: '' }, { slice: 'init.scope', threads: '' }]);
  });

  test('tells a log-in screen it does not know from none', () => {
    const { tree, eyes } = machine();
    rmSync(`${tree.root}/etc/systemd/system/display-manager.service`);
    expect(lookAtHand(eyes(), [gpu]).look.manager).toBe('none');
    tree.put('/etc/systemd/system/display-manager.service', { link: '/usr/lib/systemd/system/my-own.service' });
    expect(lookAtHand(eyes(), [gpu]).look.manager).toBe('unknown');
  });

  test('has nothing of a function that is gone', () => {
    expect(lookAtHand(machine().eyes(), [at('0000:09:00.0')]).look.functions.size).toBe(0);
  });
});

describe('whether a change is true', () => {
  /** Nothing here changes the tree, so one is enough. */
  let one: { readonly eyes: () => Machine } | undefined;
  const true_: readonly HandAct[] = [
    { act: 'timer', on: false },
    { act: 'service', unit: 'nvidia-persistenced.service', runs: true },
    { act: 'service', unit: 'lactd.service', runs: false },
    { act: 'service', unit: 'ly@tty2.service', runs: true },
    { act: 'console', console: 'vtcon1', bound: true },
    { act: 'override', device: gpu, driver: null },
    { act: 'module', module: 'nvidia', loaded: true },
    { act: 'module', module: 'nvidia_uvm', loaded: false },
    { act: 'power', device: gpu, control: 'auto' },
    { act: 'unbind', device: gpu, driver: 'vfio-pci' },
    { act: 'bind', device: gpu, driver: 'nvidia' },
    { act: 'bind', device: gpu, driver: null },
  ];
  test.each(true_.map((act) => [JSON.stringify(act), act] as const))('%s is, and its opposite is not', (_, act) => {
    const { eyes } = one ?? machine();
    one ??= { eyes };
    expect(isTrue(eyes(), act)).toBe(true);
    const not: HandAct = 'on' in act ? { ...act, on: !act.on } : 'runs' in act ? { ...act, runs: !act.runs } : 'bound' in act ? { ...act, bound: !act.bound } : 'loaded' in act ? { ...act, loaded: !act.loaded } : act.act === 'power' ? { ...act, control: 'on' } : act.act === 'override' ? { ...act, driver: 'vfio-pci' } : act.act === 'unbind' ? { ...act, driver: 'nvidia' } : { act: 'bind', device: gpu, driver: 'vfio-pci' };
    expect(isTrue(eyes(), not)).toBe(false);
  });

  test('of a service in the unified half of a mixed hierarchy too', () => {
    const { tree, eyes } = machine();
    tree.put('/sys/fs/cgroup/unified/system.slice/ollama.service/cgroup.events', 'populated 1\n');
    expect(unitRuns(eyes(), 'ollama.service')).toBe(true);
    expect(unitRuns(eyes(), 'dcgm.service')).toBe(false);
  });
});

describe('a text console', () => {
  const console = (bound: boolean): HandAct => ({ act: 'console', console: 'vtcon1', bound });
  test('that went with the last frame buffer draws no more, and there is nothing to bring back until there is one', () => {
    const { tree, eyes } = machine();
    rmSync(`${tree.root}/sys/class/vtconsole/vtcon1`, { recursive: true });
    tree.put('/sys/class/vtconsole/vtcon0/name', '(M) dummy device\n');
    tree.put('/sys/class/vtconsole/vtcon0/bind', '1\n');
    tree.put('/proc/fb', '');
    expect([isTrue(eyes(), console(false)), isTrue(eyes(), console(true))]).toEqual([true, true]);
    tree.put('/proc/fb', '0 amdgpudrmfb\n');
    expect(isTrue(eyes(), console(true))).toBe(false);
  });
  test('that came back under another number draws as well', () => {
    const { tree, eyes } = machine();
    tree.put('/sys/class/vtconsole/vtcon1/name', '(S) dummy device\n');
    tree.put('/sys/class/vtconsole/vtcon0/name', '(M) frame buffer device\n');
    tree.put('/sys/class/vtconsole/vtcon0/bind', '0\n');
    tree.put('/proc/fb', '0 amdgpudrmfb\n');
    expect(isTrue(eyes(), console(true))).toBe(false);
    tree.put('/sys/class/vtconsole/vtcon0/bind', '1\n');
    expect(isTrue(eyes(), console(true))).toBe(true);
  });
});

describe('what ends with the log-in screen', () => {
  const note = (user: number, type: string, more = ''): string => `# This is private data. Do not parse.\nUID=${user}\nUSER=someone\nTYPE=${type}\n${more}`;
  function seated(): ReturnType<typeof machine> {
    const here = machine();
    here.tree.put('/run/systemd/sessions/2', note(1000, 'wayland', 'SEAT=seat0\nREMOTE=0\n'));
    here.tree.put('/run/systemd/sessions/2.ref', '');
    here.tree.put('/proc/10/cgroup', '0::/system.slice/system-ly.slice/ly@tty2.service\n');
    here.tree.put('/proc/11/cgroup', '0::/user.slice/user-1000.slice/session-2.scope\n');
    here.tree.put('/proc/12/cgroup', '0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-x.scope\n');
    here.tree.put('/proc/13/cgroup', '0::/user.slice/user-1001.slice/user@1001.service/app.slice/app-x.scope\n');
    here.tree.put('/proc/14/cgroup', '0::/system.slice/ollama.service\n');
    return here;
  }
  const manager = { unit: 'ly@tty2.service', runs: true };
  const all = [10, 11, 12, 13, 14, 15];
  test('is its own, the session it opened, and the services of its person', () => {
    expect([...endingWith(seated().eyes(), manager, all)]).toEqual([10, 11, 12]);
  });
  test('is not what a text or ssh session of the same person keeps, nor what lingers', () => {
    const { tree, eyes } = seated();
    tree.put('/run/systemd/sessions/5', note(1000, 'tty', 'SEAT=seat0\nREMOTE=0\n'));
    expect([...endingWith(eyes(), manager, all)]).toEqual([10, 11]);
    rmSync(`${tree.root}/run/systemd/sessions/5`);
    tree.put('/var/lib/systemd/linger/someone', '');
    expect([...endingWith(eyes(), manager, all)]).toEqual([10, 11]);
  });
  test('is nothing where no log-in screen runs, and no more than its own where logind keeps no notes', () => {
    const { tree, eyes } = seated();
    for (const none of ['none', 'unknown', { ...manager, runs: false }] as const) expect(endingWith(eyes(), none, all).size).toBe(0);
    rmSync(`${tree.root}/run/systemd/sessions`, { recursive: true });
    expect([...endingWith(eyes(), manager, all)]).toEqual([10]);
  });
});

describe('what stands below a controller', () => {
  const disk = at('0000:03:00.0');
  test('is told by mount, swap and what is stacked on a partition', () => {
    const { tree, eyes } = machine();
    const folder = '/sys/devices/pci0000:00/0000:00:02.0/0000:03:00.0/nvme/nvme0/nvme0n1';
    tree.put(`${folder}/dev`, '259:0\n');
    for (const [part, number] of [['nvme0n1p1', '259:1'], ['nvme0n1p2', '259:2'], ['nvme0n1p3', '259:3']] as const) {
      tree.put(`${folder}/${part}/dev`, `${number}\n`);
      tree.put(`/sys/class/block/${part}`, { link: `../../..${folder}/${part}` });
    }
    tree.put('/sys/class/block/nvme0n1', { link: `../../..${folder}` });
    tree.put('/sys/block/nvme0n1', { link: `../..${folder}` });
    tree.put(`${folder}/nvme0n1p3/holders/dm-0`, '');
    tree.put('/proc/self/mountinfo', '22 1 259:1 / /home rw - ext4 /dev/nvme0n1p1 rw\n23 1 8:1 / / rw - ext4 /dev/sda1 rw\n');
    tree.put('/proc/swaps', 'Filename Type Size Used Priority\n/dev/nvme0n1p2 partition 1 0 -2\n');
    expect(belowDisk(eyes(), disk).map(({ kind, name }) => [kind, name])).toEqual([['mount', '/home'], ['swap', '/dev/nvme0n1p2'], ['mount', '/dev/dm-0']]);
    expect(belowDisk(eyes(), gpu)).toEqual([]);
  });

  test('is a keyboard, and not a hub or a stick', () => {
    const { tree, eyes } = machine();
    const usb = at('0000:01:00.2');
    const folder = '/sys/devices/pci0000:00/0000:00:01.0/0000:01:00.2/usb3/3-1';
    tree.put(`${folder}/product`, 'Keyboard K1\n');
    tree.put(`${folder}/3-1:1.0/bInterfaceClass`, '03\n');
    tree.put(`${folder}/3-1:1.1/bInterfaceClass`, '03\n');
    tree.put('/sys/devices/pci0000:00/0000:00:01.0/0000:01:00.2/usb3/3-0:1.0/bInterfaceClass', '09\n');
    for (const name of ['3-1', '3-1:1.0', '3-1:1.1']) tree.put(`/sys/bus/usb/devices/${name}`, { link: `../../../devices/pci0000:00/0000:00:01.0/0000:01:00.2/usb3/${name === '3-1' ? '3-1' : `3-1/${name}`}` });
    tree.put('/sys/bus/usb/devices/3-0:1.0', { link: '../../../devices/pci0000:00/0000:00:01.0/0000:01:00.2/usb3/3-0:1.0' });
    expect(belowUsb(eyes(), usb).map(({ kind, name }) => [kind, name])).toEqual([['input', 'Keyboard K1']]);
    expect(belowUsb(eyes(), gpu)).toEqual([]);
  });
});

describe('who has VFIO open', () => {
  test('is nobody where the driver has no references, and is looked for where it has', () => {
    const { tree, eyes } = machine();
    tree.put('/sys/module/vfio_pci/refcnt', '0\n');
    expect(isQuiet(eyes(), [gpu], 'vfio')).toBe(true);
    expect(openedByVfio(eyes(), [gpu])).toEqual([]);
  });

  test('a VM runs by its QEMU, whatever else names its uuid', () => {
    const { tree, eyes } = machine();
    tree.put('/proc/100/comm', 'grep\n');
    tree.put('/proc/100/cmdline', `grep\0-uuid\0${uuid}\0`);
    expect(vmRuns(eyes(), uuid)).toBe(false);
    tree.put('/proc/200/comm', 'qemu-system-x86\n');
    tree.put('/proc/200/cmdline', `/usr/bin/qemu-system-x86_64\0-name\0x\0-uuid\0${uuid}\0-m\x001024\0`);
    expect(vmRuns(eyes(), uuid)).toBe(true);
    expect(vmRuns(eyes(), uuid.replace('0001', '0002'))).toBe(false);
  });
});
