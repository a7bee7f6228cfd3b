// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import { hostFacts, type HostFacts } from '../../../contract/facts';
import type { PciFunction } from '../../../contract/pci';
import { readDump, type Understood } from '../../../core/read/dump';

function read(text: string): HostFacts {
  const result = readDump(text);
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return hostFacts.parse(result.value.facts);
}

function understood(text: string): Understood {
  const result = readDump(text);
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return result.value.understood;
}

function at(facts: HostFacts, address: string): PciFunction {
  const found = facts.pci.functions.find((fn) => fn.address === address);
  if (found === undefined) throw new Error(`no ${address} in ${facts.pci.functions.map((fn) => fn.address).join(' ')}`);
  return found;
}

const card =
  '01:00.0 VGA compatible controller [0300]: NVIDIA Corporation AD102 [GeForce RTX 4090] [10de:2684] (rev a1)';
const sound =
  '01:00.1 Audio device [0403]: NVIDIA Corporation AD102 High Definition Audio Controller [10de:22ba] (rev a1)';
const root = '00:00.0 Host bridge [0600]: Intel Corporation Device [8086:a700] (rev 01)';
const port = '00:01.0 PCI bridge [0604]: Intel Corporation Device [8086:a70d] (rev 01)';
const isa = '00:1f.0 ISA bridge [0601]: Intel Corporation Device [8086:7a04] (rev 11)';
const small = [root, port, isa, card, sound].join('\n');

describe('one function, in every form people paste it', () => {
  test.each([
    ['lspci -nn', card],
    ['lspci -Dnn', `0000:${card}`],
    ['lspci -n', '01:00.0 0300: 10de:2684 (rev a1)'],
    [
      'lspci -nnmm',
      '01:00.0 "VGA compatible controller [0300]" "NVIDIA Corporation [10de]" "AD102 [GeForce RTX 4090] [2684]" -ra1 "Maker [1462]" "Device [5103]"',
    ],
    [
      'lspci -vmmnn',
      'Slot:\t01:00.0\nClass:\tVGA compatible controller [0300]\nVendor:\tNVIDIA Corporation [10de]\nDevice:\tAD102 [GeForce RTX 4090] [2684]\nSVendor:\tMSI [1462]',
    ],
    [
      'pvesh of Proxmox',
      '│ 0x030000 │ 0x2684 │ 0000:01:00.0 │ 12 │ 0x10de │ AD102 [GeForce RTX 4090] │ │ 0x5103 │ │ 0x1462 │ │',
    ],
    [
      'a list of Unraid',
      'IOMMU group 1:\t[8086:a70d] 00:01.0 PCI bridge: Intel Corporation Device\n\t[10de:2684] 01:00.0 VGA compatible controller: NVIDIA Corporation AD102 (rev a1)',
    ],
    ['a quoted mail', `> ${card}`],
    ['cat -n', `     7\t${card}`],
    ['grep -n', `12:${card}`],
    ['a coloured terminal', `\u001b[31m01:00.0\u001b[0m${card.slice(7)}`],
    ['a bullet list', `- ${card}`],
    ['no-break spaces', card.replaceAll(' ', '\u00a0')],
    ['capital letters', card.replace('10de:2684', '10DE:2684')],
    ['a line broken by a mail program', `${card.slice(0, 76)}\n${card.slice(76)}`],
    [
      'a group script with ids in front',
      'Group 14:\t[10de:2684] [R] 01:00.0  VGA compatible controller  AD102 [GeForce RTX 4090]',
    ],
    ['a kernel log', '[    0.5] pci 0000:01:00.0: [10de:2684] type 00 class 0x030000 PCIe Legacy Endpoint'],
    ['a journal', 'Jan 02 03:04:05 host kernel: pci 0000:01:00.0: [10de:2684] type 00 class 0x030000'],
  ])('%s', (_, text) => {
    const fn = at(read(text), '0000:01:00.0');
    expect([fn.vendor, fn.device, fn.class]).toEqual(['10de', '2684', '0300']);
  });

  test('an address of a domain above ffff is kept', () => {
    expect(
      at(read('10000:e1:00.0 Non-Volatile memory controller [0108]: Samsung Device [144d:a808]'), '10000:e1:00.0')
        .class,
    ).toBe('0108');
  });

  test('maker and device are parted where the maker is known', () => {
    const fn = at(read(card), '0000:01:00.0');
    expect([fn.vendorName, fn.name]).toEqual(['NVIDIA Corporation', 'AD102 [GeForce RTX 4090]']);
  });
});

describe('what several places say about one function comes together', () => {
  const facts = read(`$ lspci -nn
${small}
$ lspci -nnk -s 01:00
${card}
\tSubsystem: Micro-Star International Co., Ltd. [MSI] Device [1462:5103]
\tKernel driver in use: vfio-pci
\tKernel modules: nvidiafb, nouveau
$ find /sys/kernel/iommu_groups/ -type l
/sys/kernel/iommu_groups/2/devices/0000:01:00.0
/sys/kernel/iommu_groups/2/devices/0000:01:00.1
/sys/kernel/iommu_groups/2/devices/0000:00:01.0
/sys/kernel/iommu_groups/0/devices/0000:00:00.0
/sys/kernel/iommu_groups/1/devices/0000:00:1f.0
$ dmesg | grep vga
[    0.4] pci 0000:01:00.0: vgaarb: setting as boot VGA device
[    0.4] pci 0000:01:00.0: BAR 1 [mem 0x6000000000-0x63ffffffff 64bit pref]
`);
  const fn = at(facts, '0000:01:00.0');

  test('ids from one listing, driver from another, group from a third, boot display from the log', () => {
    expect([fn.driver, fn.subsystemVendor, fn.iommuGroup, fn.bootVga]).toEqual(['vfio-pci', '1462', 2, true]);
    expect(fn.modules).toEqual(['nvidiafb', 'nouveau']);
    expect(fn.bars).toEqual([
      {
        index: 1,
        start: '6000000000',
        size: 17179869184,
        kind: 'memory',
        prefetchable: true,
        wide: true,
        resizableTo: null,
      },
    ]);
    expect(facts.display.bootDisplay).toEqual({ value: '0000:01:00.0', from: 'kernel log line 19' });
  });

  test('the machine and its groups are whole, and every fact says where it was read', () => {
    expect([facts.pci.complete, facts.iommu.groupsComplete]).toEqual([true, true]);
    expect(fn.from).toBe('lspci line 5');
    expect(facts.iommu.groups.from).toBe('IOMMU groups line 16');
  });

  test('the driver of a function no listing with drivers spoke of is unknown, not none', () => {
    expect(at(facts, '0000:01:00.1').unknown).toContain('driver');
    expect(fn.unknown).not.toContain('driver');
  });
});

test('names of one listing and numbers of another come together', () => {
  const fn = at(
    read(
      '01:00.0 VGA compatible controller: NVIDIA Corporation AD102 (rev a1)\n\n$ lspci -n\n01:00.0 0300: 10de:2684 (rev a1)',
    ),
    '0000:01:00.0',
  );
  expect([fn.device, fn.vendorName, fn.name]).toEqual(['2684', 'NVIDIA Corporation', 'AD102']);
});

describe('a paste that lost its line ends', () => {
  const bodies = `${card}\n\tSubsystem: MSI Device [1462:5103]\n\tKernel driver in use: nvidia\n\tKernel modules: nouveau, nvidia\n${sound}\n\tSubsystem: MSI Device [1462:5104]\n\tKernel driver in use: snd_hda_intel`;
  const glued = (text: string): HostFacts => read(text.replaceAll(/\n\t?/g, ' '));

  test('gives every function its own ids', () => {
    const facts = glued(small);
    expect(facts.pci.functions.map((fn) => `${fn.address} ${fn.vendor}:${fn.device}`)).toEqual(
      read(small).pci.functions.map((fn) => `${fn.address} ${fn.vendor}:${fn.device}`),
    );
  });

  test('does not take a subsystem for the device, nor the next one’s driver for its own', () => {
    const facts = glued(bodies);
    expect(at(facts, '0000:01:00.0')).toMatchObject({
      vendor: '10de',
      device: '2684',
      subsystemVendor: '1462',
      subsystemDevice: '5103',
      driver: 'nvidia',
      modules: ['nouveau', 'nvidia'],
    });
    expect(at(facts, '0000:01:00.1')).toMatchObject({
      device: '22ba',
      subsystemDevice: '5104',
      driver: 'snd_hda_intel',
    });
  });

  test.each([
    ['headings', `IOMMU Group 0:\n\t${root}\nIOMMU Group 7:\n\t${card}\n\t${sound}`],
    ['numbers on every line', `IOMMU Group 0 ${root}\nIOMMU Group 7 ${card}\nIOMMU Group 7 ${sound}`],
  ])('keeps the groups of %s', (_, text) => {
    expect(glued(text).iommu.groups.value).toMatchObject([
      { id: 0, members: ['0000:00:00.0'] },
      { id: 7, members: ['0000:01:00.0', '0000:01:00.1'] },
    ]);
  });
});

describe('lspci -vv', () => {
  const facts = read(`${card} (prog-if 00 [VGA controller])
\tSubsystem: Maker Device [1462:5103]
\tPhysical Slot: 4
\tNUMA node: 1
\tIOMMU group: 12
\tRegion 0: Memory at f2000000 (32-bit, non-prefetchable) [size=16M]
\tRegion 1: Memory at 6000000000 (64-bit, prefetchable) [size=16G]
\tRegion 5: I/O ports at 6000 [size=128]
\tExpansion ROM at f3000000 [virtual] [disabled] [size=512K]
\tCapabilities: [60] Power Management version 3
\t\tStatus: D3 NoSoftRst+ PME-Enable- DSel=0 DScale=0 PME-
\t\tLnkCap:\tPort #0, Speed 16GT/s, Width x16, ASPM L1, Exit Latency L1 <4us
\t\tLnkSta:\tSpeed 2.5GT/s (downgraded), Width x8 (downgraded)
\tCapabilities: [bb0 v1] Physical Resizable BAR
\t\tBAR 1: current size: 16GB, supported: 64MB 128MB 16GB 32GB
\tCapabilities: [bcc v1] Single Root I/O Virtualization (SR-IOV)
\t\tInitial VFs: 7, Total VFs: 7, Number of VFs: 2, Function Dependency Link: 00
\tKernel driver in use: nvidia
`);
  const fn = at(facts, '0000:01:00.0');

  test('gives what its body says', () => {
    expect(fn).toMatchObject({
      progIf: '00',
      slotLabel: '4',
      numaNode: 1,
      iommuGroup: 12,
      hasRom: true,
      driver: 'nvidia',
      power: { state: 'D3' },
      link: { speed: '2.5GT/s', width: 8, maxSpeed: '16GT/s', maxWidth: 16 },
      sriov: { total: 7, now: 2 },
    });
    expect(fn.bars.map((bar) => [bar.index, bar.size])).toEqual([
      [0, 16777216],
      [1, 17179869184],
      [5, 128],
      [6, 524288],
    ]);
    expect(fn.bars[1]?.resizableTo).toEqual([67108864, 134217728, 17179869184, 34359738368]);
  });

  test('leaves unknown what it cannot say', () => {
    expect(fn.unknown).toEqual(
      expect.arrayContaining(['resetMethods', 'driverOverride', 'bootVga', 'mdev', 'topology']),
    );
    expect(fn.unknown).not.toEqual(expect.arrayContaining(['bars']));
  });
});

describe('listings made of fields', () => {
  test('a record of lspci -vmmnnk gives driver, modules, subsystem and group', () => {
    const text = [
      'Slot:\t01:00.0',
      'Class:\tVGA compatible controller [0300]',
      'Vendor:\tNVIDIA Corporation [10de]',
      'Device:\tAD102 [GeForce RTX 4090] [2684]',
      'SVendor:\tMicro-Star International Co., Ltd. [MSI] [1462]',
      'SDevice:\tDevice [5103]',
      'Rev:\ta1',
      'Driver:\tnvidia',
      'Module:\tnouveau',
      'Module:\tnvidia',
      'NUMANode:\t1',
      'IOMMUGroup:\t12',
      '',
      'Slot:\t01:00.1',
      'Class:\tAudio device [0403]',
      'Vendor:\tNVIDIA Corporation [10de]',
      'Device:\tAD102 High Definition Audio Controller [22ba]',
    ].join('\n');
    expect(at(read(text), '0000:01:00.0')).toMatchObject({
      subsystemVendor: '1462',
      subsystemDevice: '5103',
      driver: 'nvidia',
      modules: ['nouveau', 'nvidia'],
      numaNode: 1,
      iommuGroup: 12,
      name: 'AD102 [GeForce RTX 4090]',
    });
    expect(at(read(text), '0000:01:00.1').class).toBe('0403');
  });

  test('a row of Proxmox gives class, ids and group, and -1 is no group', () => {
    const facts = read(
      '│ 0x030000 │ 0x2684 │ 0000:01:00.0 │ 12 │ 0x10de │ AD102 │\n│ 0x060000 │ 0xa700 │ 0000:00:00.0 │ -1 │ 0x8086 │ Host │',
    );
    expect([at(facts, '0000:01:00.0').iommuGroup, at(facts, '0000:00:00.0').iommuGroup]).toEqual([12, null]);
    expect(at(facts, '0000:01:00.0').progIf).toBe('00');
  });

  test('a list of Unraid gives the group of every function under its heading', () => {
    const facts = read(
      'IOMMU group 1:\t[8086:a70d] 00:01.0 PCI bridge: Intel Corporation Device (rev 01)\n\t[10de:2684] 01:00.0 VGA compatible controller: NVIDIA Corporation AD102 (rev a1)\nIOMMU group 2:\t[8086:7a04] 00:1f.0 ISA bridge: Intel Corporation Device',
    );
    expect(facts.iommu.groups.value).toMatchObject([
      { id: 1, members: ['0000:00:01.0', '0000:01:00.0'] },
      { id: 2, members: ['0000:00:1f.0'] },
    ]);
  });

  test('a group script that lists USB devices between functions keeps the group', () => {
    const facts = read(
      'Group 4:\t[8086:a36d] [R] 00:14.0  USB controller  Cannon Lake PCH USB 3.1 xHCI\nUSB:\t\t[1d6b:0002]\t\t Bus 001 Device 001 Linux Foundation 2.0 root hub\n\t\t[8086:a36f]     00:14.2  RAM memory  Cannon Lake PCH Shared SRAM',
    );
    expect(facts.iommu.groups.value?.[0]?.members).toEqual(['0000:00:14.0', '0000:00:14.2']);
    expect(at(facts, '0000:00:14.2').class).toBe('0500');
  });
});

describe('IOMMU groups', () => {
  test.each([
    ['a heading and indented entries', `IOMMU Group 7:\n\t${card}\n\t${sound}`],
    ['a heading and entries that lost their indentation', `IOMMU Group 7:\n${card}\n${sound}\n\n${root}`],
    ['a heading without a colon', `IOMMU group 7\n  ${card}\n  ${sound}`],
    ['a number on every line', `IOMMU Group 7 ${card}\nIOMMU Group 7 ${sound}`],
    ['Group:', `Group:  7   0000:${card}   Driver: nvidia\nGroup:  7   0000:${sound}   Driver: snd_hda_intel`],
    ['ls -R', `/sys/kernel/iommu_groups/7/devices:\n0000:01:00.0  0000:01:00.1\n\n${card}\n${sound}`],
    [
      'ls -l',
      `lrwxrwxrwx 1 root root 0 Jan 1 00:00 /sys/kernel/iommu_groups/7/devices/0000:01:00.0 -> ../../../../devices/pci0000:00/0000:00:01.0/0000:01:00.0\n/sys/kernel/iommu_groups/7/devices/0000:01:00.1\n${small}`,
    ],
    [
      'readlink',
      `/sys/bus/pci/devices/0000:01:00.0/iommu_group -> ../../../kernel/iommu_groups/7\n/sys/bus/pci/devices/0000:01:00.1/iommu_group -> ../../../kernel/iommu_groups/7\n${small}`,
    ],
    [
      'a new kernel log',
      `[ 1.0] pci 0000:01:00.0: Adding to iommu group 7\n[ 1.0] pci 0000:01:00.1: Adding to iommu group 7\n${small}`,
    ],
    [
      'an old kernel log',
      `iommu: Adding device 0000:01:00.0 to group 7\niommu: Adding device 0000:01:00.1 to group 7\n${small}`,
    ],
  ])('%s', (_, text) => {
    const facts = read(text);
    expect(facts.iommu.groups.value?.find((group) => group.id === 7)?.members).toEqual([
      '0000:01:00.0',
      '0000:01:00.1',
    ]);
    expect([at(facts, '0000:01:00.0').iommuGroup, at(facts, '0000:01:00.1').iommuGroup]).toEqual([7, 7]);
  });

  test('a listing that follows the last group does not join it', () => {
    const facts = read(`IOMMU Group 0:\n${root}\nIOMMU Group 1:\n${port}\n${card}\n${small}`);
    expect(at(facts, '0000:00:1f.0').iommuGroup).toBeNull();
    expect(at(facts, '0000:01:00.0').iommuGroup).toBe(1);
  });

  test('a function listed in two groups has no group and the contradiction is named', () => {
    const facts = read(`IOMMU Group 1 ${card}\nIOMMU Group 2 ${card}`);
    expect(at(facts, '0000:01:00.0').iommuGroup).toBeNull();
    expect(at(facts, '0000:01:00.0').unknown).toContain('iommuGroup');
    expect(facts.missing.map(({ what }) => what)).toContain('groups-contradict');
    expect(facts.iommu.groupsComplete).toBe(false);
  });

  test.each([
    ['ls', '$ ls /sys/kernel/iommu_groups/\n$ '],
    ['find | wc', '$ find /sys/kernel/iommu_groups -type l | wc -l\n0\n$ '],
  ])('none at all is said by %s that prints nothing', (_, text) => {
    expect(read(`${small}\n${text}`).iommu.groups.value).toEqual([]);
    expect(read(small).iommu.groups.value).toBeNull();
  });

  test('a command that was typed but whose output is missing says nothing', () => {
    expect(read(`${small}\n$ find /sys/kernel/iommu_groups -type l`).iommu.groups.value).toBeNull();
    expect(read(`### find /sys/kernel/iommu_groups -type l\n### lspci\n${small}`).iommu.groups.value).toBeNull();
  });
});

describe('whether the listing is the whole machine', () => {
  test('a listing from the host bridge on, with everything a PC cannot lack, is whole', () => {
    expect(read(small).pci.complete).toBe(true);
  });

  test.each([
    ['one card alone', `${card}\n${sound}`],
    ['a listing with [...]', `${small}\n[...]`],
    [
      'a listing that breaks off in a line',
      small.slice(0, -20).replace(sound, sound.slice(0, 30)) + '\n01:00.1 Audio dev',
    ],
    ['a listing cut before bus 1', [root, port, isa].join('\n')],
    ['a filtered command', `$ lspci -nn | grep -v USB\n${small}`],
    ['a chosen slot', `$ lspci -nns 01:00\n${card}`],
    ['a slot that begins at function 1', [root, port, isa, sound].join('\n')],
    ['buses without a bridge', [root, isa, card].join('\n')],
    ['no ISA bridge on a PC', [root, port, card].join('\n')],
    [
      'groups with numbers missing',
      `IOMMU Group 0:\n\t${root}\nIOMMU Group 5:\n\t${port}\n\t${card}\n\t${sound}\nIOMMU Group 6:\n\t${isa}`,
    ],
  ])('%s is not', (_, text) => {
    expect(read(text).pci.complete).toBe(false);
    expect(read(text).missing.map(({ what }) => what)).toContain('functions');
  });
});

describe('the system around', () => {
  test.each<[string, string, (facts: HostFacts) => unknown, unknown]>([
    ['hostnamectl', 'Chassis: laptop 💻', (facts) => facts.machine.chassis.value, 'laptop'],
    [
      'dmidecode',
      'Chassis Information\n\tManufacturer: X\n\tType: Notebook',
      (facts) => facts.machine.chassis.value,
      'laptop',
    ],
    [
      'inxi',
      'Machine:   Type: Laptop System: LENOVO product: 20QV v: ThinkPad X1',
      (facts) => facts.machine.chassis.value,
      'laptop',
    ],
    [
      'a battery in the log',
      '[ 1.0] ACPI: battery: Slot [BAT0] (battery present)',
      (facts) => facts.machine.chassis.value,
      'laptop',
    ],
    [
      'dmidecode board',
      'Base Board Information\n\tManufacturer: ASUS\n\tProduct Name: ROG',
      (facts) => [facts.machine.boardVendor.value, facts.machine.board.value],
      ['ASUS', 'ROG'],
    ],
    ['hypervisor in the log', '[ 0.0] Hypervisor detected: KVM', (facts) => facts.machine.virtualised.value, 'kvm'],
    ['lscpu', 'Hypervisor vendor:  Microsoft', (facts) => facts.machine.virtualised.value, 'microsoft'],
    ['systemd-detect-virt', '$ systemd-detect-virt\nnone', (facts) => facts.machine.virtualised.value, 'none'],
    [
      'cpuinfo',
      'flags\t\t: fpu vme svm sse',
      (facts) => [facts.cpu.virtualisation.value, facts.machine.virtualised.value],
      ['svm', 'none'],
    ],
    [
      'uname -a',
      'Linux box 6.12.1-arch1-1 #1 SMP PREEMPT_DYNAMIC Fri, 22 Nov 2024 x86_64 GNU/Linux',
      (facts) => facts.kernel.release.value,
      '6.12.1-arch1-1',
    ],
    [
      '/proc/cmdline',
      'BOOT_IMAGE=/vmlinuz root=UUID=1 ro "a=b c" -- init',
      (facts) => facts.kernel.args.value,
      ['BOOT_IMAGE=/vmlinuz', 'root=UUID=1', 'ro', '"a=b c"', '--', 'init'],
    ],
    [
      'os-release',
      'NAME="Arch Linux"\nPRETTY_NAME="Arch Linux"\nID=arch\nBUILD_ID=rolling',
      (facts) => facts.system.distribution.value,
      { id: 'arch', like: [], version: null, name: 'Arch Linux' },
    ],
    [
      'boot_vga of sysfs',
      `${small}\n/sys/bus/pci/devices/0000:01:00.0/boot_vga:1`,
      (facts) => facts.display.bootDisplay.value,
      '0000:01:00.0',
    ],
  ])('%s', (_, text, choose, wanted) => {
    expect(choose(read(text))).toEqual(wanted);
  });

  test('GRUB_CMDLINE of a file is not what the kernel was started with', () => {
    expect(read('GRUB_CMDLINE_LINUX_DEFAULT="quiet intel_iommu=on"').kernel.args.value).toBeNull();
  });

  test('the last boot VGA line of the log wins and the others are not it', () => {
    const facts = read(`${small}
[ 0.4] pci 0000:00:02.0: vgaarb: VGA device added: decodes=io+mem,owns=io+mem,locks=none
[ 0.4] pci 0000:00:02.0: vgaarb: setting as boot VGA device
[ 0.4] pci 0000:01:00.0: vgaarb: VGA device added: decodes=io+mem,owns=none,locks=none
[ 0.5] pci 0000:01:00.0: vgaarb: setting as boot VGA device (overriding previous)
00:02.0 VGA compatible controller [0300]: Intel Corporation Device [8086:a780]`);
    expect([at(facts, '0000:00:02.0').bootVga, at(facts, '0000:01:00.0').bootVga]).toEqual([false, true]);
  });

  test('a message of QEMU about a card is not its driver', () => {
    const facts = read(`${small}\nvfio 0000:01:00.0: group 1 is not viable`);
    expect(at(facts, '0000:01:00.0').driver).toBeNull();
  });
});

describe('what is missing is named', () => {
  test('one card alone asks for the rest, each with its command', () => {
    const facts = read(card);
    expect(facts.missing).toEqual(
      expect.arrayContaining([
        { what: 'functions', command: 'lspci -nnk' },
        { what: 'groups', command: 'find /sys/kernel/iommu_groups -type l' },
        { what: 'kernel-arguments', command: 'cat /proc/cmdline' },
        { what: 'chassis', command: 'hostnamectl' },
      ]),
    );
  });

  test('a listing without ids asks for -nn and invents none', () => {
    const facts = read('01:00.0 VGA compatible controller: NVIDIA Corporation AD102 [GeForce RTX 4090] (rev a1)');
    expect(facts.pci.functions).toEqual([]);
    expect(facts.missing.map(({ what }) => what)).toContain('ids');
  });

  test('what was understood is counted by kind, and the rest too', () => {
    const seen = understood(`hello\n$ lspci -nn\n${card}\n${sound}\nBOOT_IMAGE=/vmlinuz ro\nbye`);
    expect(seen).toEqual({
      kinds: [
        { what: 'lspci', count: 2 },
        { what: 'kernel-arguments', count: 1 },
      ],
      lines: 6,
      noise: 1,
      notUnderstood: 2,
      firstNotUnderstood: [1, 6],
    });
  });
});
