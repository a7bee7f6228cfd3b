// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import { hostFacts, type HostFacts } from '../../contract/facts';
import type { PciFunction } from '../../contract/pci';
import { liveMachine } from '../../host/live';
import { probe } from '../../host/probe';
import * as machines from './machines';
import type { Tree } from './tree';
import { bootParams } from './tree';
import { watched } from './watched';

function look(tree: Tree): HostFacts {
  const facts = probe(liveMachine(tree.root));
  expect(hostFacts.safeParse(facts).error?.issues ?? []).toEqual([]);
  return facts;
}

function at(facts: HostFacts, address: string): PciFunction {
  const found = facts.pci.functions.find((one) => one.address === address);
  if (found === undefined) throw new Error(`no ${address}`);
  return found;
}

describe('an Intel desktop with two graphics functions', () => {
  const facts = look(machines.intelDesktop());

  test('tells each function with its place, ids, driver, group, BARs and names', () => {
    expect(facts.pci.complete).toBe(true);
    expect(facts.pci.functions.map((one) => one.address)).toEqual([
      '0000:00:00.0',
      '0000:00:01.0',
      '0000:00:02.0',
      '0000:00:14.0',
      '0000:01:00.0',
      '0000:01:00.1',
    ]);
    expect(at(facts, '0000:01:00.0')).toMatchObject({
      vendor: '10de',
      device: '2206',
      subsystemVendor: '1043',
      subsystemDevice: '87b3',
      class: '0300',
      progIf: '00',
      revision: 'a1',
      vendorName: 'NVIDIA Corporation',
      name: 'GA102 [GeForce RTX 3080]',
      header: 'endpoint',
      upstream: ['0000:00:01.0'],
      driver: 'nouveau',
      driverOverride: null,
      modules: ['nouveau', 'nvidia-drm'],
      iommuGroup: 1,
      bootVga: true,
      resetMethods: ['bus'],
      link: { speed: '16.0 GT/s PCIe', width: 16, maxSpeed: '16.0 GT/s PCIe', maxWidth: 16 },
      power: { state: 'D0', runtime: 'active', control: 'on', d3coldAllowed: true },
      numaNode: null,
      hasRom: true,
      linked: ['0000:01:00.1'],
      slotLabel: 'Onboard slot',
      unknown: [],
      from: '/sys/bus/pci/devices/0000:01:00.0',
    });
    expect(at(facts, '0000:01:00.0').bars).toEqual([
      {
        index: 0,
        start: 'a0000000',
        size: 16 << 20,
        kind: 'memory',
        prefetchable: false,
        wide: false,
        resizableTo: null,
      },
      {
        index: 1,
        start: '6000000000',
        size: 256 << 20,
        kind: 'memory',
        prefetchable: true,
        wide: true,
        resizableTo: [8, 9, 10, 11, 12, 13, 14].map((bit) => 2 ** (bit + 20)),
      },
      {
        index: 3,
        start: '6010000000',
        size: 32 << 20,
        kind: 'memory',
        prefetchable: true,
        wide: true,
        resizableTo: null,
      },
      { index: 5, start: '5000', size: 128, kind: 'io', prefetchable: false, wide: false, resizableTo: null },
      { index: 6, start: 'a1000000', size: 512 << 10, kind: 'rom', prefetchable: true, wide: false, resizableTo: null },
    ]);
    expect(at(facts, '0000:00:01.0')).toMatchObject({
      header: 'bridge',
      buses: { secondary: 1, subordinate: 1 },
      resetMethods: [],
    });
  });

  test('names the boot display by the firmware framebuffer, before the weaker flag', () => {
    expect(facts.display.bootDisplay).toEqual({ value: '0000:01:00.0', from: '/sys/kernel/boot_params/data' });
  });

  test('tells which card drives a lit screen, and leaves write-back out', () => {
    expect(facts.display.connectors.value).toEqual([
      { name: 'eDP-1', gpu: '0000:00:02.0', status: 'disconnected', enabled: false, internal: true },
      { name: 'HDMI-A-1', gpu: '0000:01:00.0', status: 'connected', enabled: true, internal: false },
    ]);
    expect(facts.display.cards.value?.[1]).toEqual({ name: 'card1', device: '0000:01:00.0', render: 'renderD129' });
    expect(facts.display.framebuffers.value).toEqual([{ name: 'nouveaudrmfb', device: '0000:01:00.0' }]);
    expect(facts.display.consoles.value).toEqual([{ name: '(M) frame buffer device', bound: true }]);
  });

  test('tells firmware, Secure Boot, lockdown and the way into the settings', () => {
    expect(facts.firmware).toMatchObject({
      mode: { value: 'uefi' },
      secureBoot: { value: true },
      lockdown: { value: 'integrity', from: '/sys/kernel/security/lockdown' },
      setupOnRestart: { value: true },
    });
  });

  test('names GRUB by what firmware started, although nothing calls itself GRUB', () => {
    expect(facts.system.bootLoader).toEqual({ value: 'grub', from: '/sys/firmware/efi/efivars/BootCurrent' });
    expect(facts.system.loaderOneShot.value).toBeNull();
    expect(facts.system.bootEntry).toEqual({ value: '/boot/vmlinuz-6.12.95-amd64', from: '/proc/cmdline' });
  });

  test('names the generator that owns the image, not the other one that is installed', () => {
    expect(facts.system.initramfs).toEqual({ value: 'initramfs-tools', from: '/usr/sbin/update-initramfs' });
    expect(facts.system.initramfsImage.value).toBe('/boot/initrd.img-6.12.95-amd64');
  });

  test('tells the IOMMU from units, groups, table and interrupts', () => {
    expect(facts.iommu).toMatchObject({
      units: { value: ['dmar0'] },
      table: { value: 'DMAR' },
      groupsComplete: true,
      interruptRemapping: { value: true },
    });
    expect(facts.iommu.groups.value?.find((group) => group.id === 1)).toEqual({
      id: 1,
      members: ['0000:00:01.0', '0000:01:00.0', '0000:01:00.1'],
      type: 'DMA-FQ',
      reserved: [{ start: '0x00000000fee00000', end: '0x00000000feefffff', kind: 'msi' }],
    });
  });

  test('tells performance from efficiency cores, and one cache once', () => {
    expect(facts.cpu.topology.value?.threads.map((thread) => thread.kind)).toEqual([
      'performance',
      'performance',
      'efficiency',
      'efficiency',
    ]);
    expect(
      facts.cpu.topology.value?.threads.map((thread) => [thread.core, thread.node, thread.lastLevelCache]),
    ).toEqual([
      [0, 0, 0],
      [0, 0, 0],
      [2, 0, 0],
      [3, 0, 0],
    ]);
    expect(facts.cpu.topology.value?.caches).toEqual([{ level: 3, sizeKiB: 30720, threads: [0, 1, 2, 3] }]);
  });

  test('keeps quoted kernel arguments whole and reads memory, huge pages and options', () => {
    expect(facts.kernel.args.value?.at(-1)).toBe('"a b=c d"');
    expect(facts.kernel.config.value).toEqual({ CONFIG_INTEL_IOMMU: 'y', CONFIG_IOMMUFD: 'n', CONFIG_VFIO_PCI: 'm' });
    expect(facts.memory.total.value).toBe(32768000 * 1024);
    expect(facts.memory.hugePages.value).toEqual([{ sizeKiB: 2048, node: null, total: 8, free: 5 }]);
    expect(facts.system.distribution.value).toEqual({
      id: 'debian',
      like: [],
      version: '12',
      name: 'Debian GNU/Linux 12 (bookworm)',
    });
    expect(facts.machine.chassis.value).toBe('desktop');
    expect(facts.machine.virtualised.value).toBe('none');
  });

  test('lets no control or direction character of a name through', () => {
    expect(facts.machine.product.value).toBe('PRIME [31m Z690');
  });

  test('does not call a tool absent or present without saying where it looked', () => {
    expect(facts.virtualisation.qemu).toEqual({ present: false, version: null, from: '/usr/bin/qemu-system-x86_64' });
    expect(facts.virtualisation.kvmOpens).toEqual({ value: false, from: '/dev/kvm' });
  });
});

describe('an AMD machine with two identical cards', () => {
  const facts = look(machines.amdTwoCards());

  test('tells them apart by their way through switches, driver and override', () => {
    expect(at(facts, '0000:03:00.0').upstream).toEqual(['0000:00:01.1', '0000:01:00.0', '0000:02:00.0']);
    expect(at(facts, '0000:0d:00.0')).toMatchObject({
      driver: 'vfio-pci',
      driverOverride: 'vfio-pci',
      bootVga: false,
      resetMethods: ['flr', 'bus'],
    });
    expect(facts.display.bootDisplay).toEqual({
      value: '0000:03:00.0',
      from: '/sys/bus/pci/devices/0000:03:00.0/boot_vga',
    });
  });

  test('takes the loader from its own word and the generator from the image', () => {
    expect(facts.system.bootLoader.value).toBe('grub');
    expect(facts.system.loaderVersion.value).toBe('GRUB 2.12');
    expect(facts.system.initramfs).toEqual({ value: 'dracut', from: '/usr/bin/dracut' });
    expect(facts.iommu.table.value).toBe('IVRS');
  });
});

describe('a laptop whose card sleeps', () => {
  const tree = machines.sleepingLaptop();

  test('is read without opening anything that would wake the card or its port', () => {
    const { machine, opened } = watched(liveMachine(tree.root));
    const facts = probe(machine);
    expect(at(facts, '0000:01:00.0').power).toEqual({
      state: 'D3cold',
      runtime: 'suspended',
      control: 'auto',
      d3coldAllowed: true,
    });
    const asleep = opened.filter((path) => /0000:00:06\.0\//.test(path));
    expect(asleep.length).toBeGreaterThan(10);
    expect(
      asleep.filter((path) => /\/(config|rom|(current|max)_link_\w+|resource\d_resize|\w+_bus_number)$/.test(path)),
    ).toEqual([]);
  });

  test('opens no config space at all, not even of what is awake', () => {
    const { machine, opened } = watched(liveMachine(tree.root));
    probe(machine);
    expect(opened.filter((path) => /devices\/.*\/config$/.test(path))).toEqual([]);
    expect(opened.some((path) => path.endsWith('0000:00:02.0/current_link_speed'))).toBe(true);
  });

  test('says unknown for what it did not ask, and knows the rest', () => {
    const facts = look(tree);
    const card = at(facts, '0000:01:00.0');
    expect(card.unknown).toEqual(expect.arrayContaining(['link', 'bars']));
    expect(card.link).toBeNull();
    expect(at(facts, '0000:00:06.0')).toMatchObject({
      header: 'bridge',
      buses: null,
      unknown: expect.arrayContaining(['buses', 'link']) as string[],
    });
    expect(card.bars.map((bar) => bar.size)).toEqual([16 << 20, 256 << 20]);
    expect(facts.machine.chassis.value).toBe('laptop');
  });

  test.each(['power/runtime_status', 'power_state'])(
    'is not touched either when %s cannot be trusted to say "awake"',
    (file) => {
      const other = machines.sleepingLaptop();
      const base = liveMachine(other.root);
      const { machine, opened } = watched({
        ...base,
        text: (path, limit) =>
          path.endsWith(`0000:01:00.0/${file}`) ? { at: 'unreadable', why: 'permission' } : base.text(path, limit),
      });
      probe(machine);
      expect(opened.filter((path) => /0000:01:00\.0\/(config|current_link_speed)$/.test(path))).toEqual([]);
    },
  );
});

test('a machine in VMD mode shows domain 10000 with its own root', () => {
  const facts = look(machines.vmdWorkstation());
  expect(facts.pci.functions.map((one) => one.address)).toEqual(['0000:00:0e.0', '10000:e0:06.0', '10000:e1:00.0']);
  expect(at(facts, '10000:e1:00.0').upstream).toEqual(['10000:e0:06.0']);
});

test('a machine started by a BIOS has no Secure Boot, no firmware settings entry, and GRUB by its type', () => {
  const facts = look(machines.biosDesktop());
  expect(facts.firmware).toMatchObject({
    mode: { value: 'bios' },
    secureBoot: { value: false },
    setupOnRestart: { value: false },
    lockdown: { value: null },
  });
  expect(facts.system.bootLoader).toEqual({ value: 'grub', from: '/proc/cmdline' });
  expect(facts.display.bootDisplay.from).toBe('/sys/bus/pci/devices/0000:00:05.0/boot_vga');
  expect(at(facts, '0000:00:05.0').unknown).toContain('resetMethods');
});

test('systemd-boot is named with its version, its one-shot ability and the entry it started, though GRUB is installed', () => {
  const facts = look(machines.systemdBootArch());
  expect(facts.system.bootLoader.value).toBe('systemd-boot');
  expect(facts.system.loaderVersion.value).toBe('systemd-boot 257.7-1-arch');
  expect(facts.system.loaderOneShot.value).toBe(true);
  expect(facts.system.bootEntry.value).toBe('arch.conf');
  expect(facts.system.initramfs).toEqual({ value: 'mkinitcpio', from: '/etc/mkinitcpio.d/linux.preset' });
  expect(facts.firmware.secureBoot.value).toBe(false);
});

test('a guest is a VM by its processor and its maker', () => {
  const facts = look(machines.virtualGuest());
  expect(facts.machine.virtualised).toEqual({ value: 'kvm', from: '/sys/class/dmi/id/sys_vendor' });
  expect(facts.machine.chassis.value).toBe('vm');
  expect(facts.iommu.table.value).toBe('none');
  expect(facts.cpu.virtualisation.value).toBe('none');
});

test.each([
  ['/.flatpak-info', '[Application]\n', 'flatpak'],
  ['/run/.containerenv', '', 'podman'],
  ['/.dockerenv', '', 'docker'],
  ['/run/systemd/container', 'systemd-nspawn\n', 'systemd-nspawn'],
  ['/proc/1/environ', 'TERM=x\0container=lxc\0', 'lxc'],
])('a container is known by %s', (path, content, kind) => {
  const tree = machines.virtualGuest();
  tree.put(path, content);
  expect(look(tree).machine.container).toEqual({ value: kind, from: path });
});

test('the kernel named by DRM itself wins over every other sign of the boot display', () => {
  const tree = machines.intelDesktop();
  tree.put('/sys/class/drm/card0/boot_display', '1\n');
  expect(look(tree).display.bootDisplay).toEqual({ value: '0000:00:02.0', from: '/sys/class/drm/card0/boot_display' });
});

test('the firmware framebuffer device wins over its address', () => {
  const tree = machines.intelDesktop();
  tree.put('/sys/devices/pci0000:00/0000:00:02.0/simple-framebuffer.0/uevent', '');
  tree.put('/sys/bus/platform/devices/simple-framebuffer.0', {
    link: '../../../devices/pci0000:00/0000:00:02.0/simple-framebuffer.0',
  });
  expect(look(tree).display.bootDisplay.value).toBe('0000:00:02.0');
});

test('a framebuffer that no BAR holds says nothing, and the flag answers', () => {
  const tree = machines.biosDesktop();
  tree.put('/sys/firmware/efi/.keep', '');
  tree.put('/sys/kernel/boot_params/data', bootParams(0x70, 0x123400000000n));
  expect(look(tree).display.bootDisplay.from).toBe('/sys/bus/pci/devices/0000:00:05.0/boot_vga');
});

test.each([
  ['a kexec start', 208, 'other'],
  ['a kernel that QEMU was handed', 176, 'direct'],
])('%s names no installed loader', (_, type, loader) => {
  const tree = machines.biosDesktop();
  tree.put('/proc/sys/kernel/bootloader_type', `${type}\n`);
  expect(look(tree).system.bootLoader.value).toBe(loader);
});

test('a board with a device tree and no UEFI is not called a BIOS machine', () => {
  const tree = machines.biosDesktop();
  tree.put('/sys/firmware/devicetree/base/model', 'Rockchip RK3399\0');
  const facts = look(tree);
  expect(facts.firmware.mode.value).toBeNull();
  expect(facts.firmware.secureBoot.value).not.toBe(true);
  expect(facts.machine.product.value).toBe('Rockchip RK3399');
});
