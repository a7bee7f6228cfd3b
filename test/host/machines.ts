// SPDX-License-Identifier: GPL-3.0-or-later
import { bootParams, loadOption, plantTree, wide, type Tree } from './tree';

export const globalGuid = '8be4df61-93ca-11d2-aa0d-00e098032b8c';
export const loaderGuid = '4a67b082-0a4c-41cf-b6c7-440b29bb8c4f';
const MEM = 0x40200;
const MEM64 = 0x14220c;
const ids = `# names
10de  NVIDIA Corporation
\t2206  GA102 [GeForce RTX 3080]
\t\t1043 87b3  Some board
\t1aef  GA102 High Definition Audio Controller
1002  Advanced Micro Devices, Inc. [AMD/ATI]
\t73bf  Navi 21 [Radeon RX 6800/6800 XT / 6900 XT]
8086  Intel Corporation
\t4680  AlderLake-S GT1
C 03  Display controller
`;

function x86(tree: Tree, vendor: 'GenuineIntel' | 'AuthenticAMD', flags: string, release: string): void {
  tree.put(
    '/proc/cpuinfo',
    `processor\t: 0\nvendor_id\t: ${vendor}\nmodel name\t: Test  CPU @ 3GHz\nflags\t\t: fpu lm ${flags}\n\nprocessor\t: 1\n`,
  );
  tree.put('/proc/sys/kernel/osrelease', `${release}\n`);
  tree.put('/proc/sys/kernel/arch', 'x86_64\n');
  tree.put('/proc/meminfo', 'MemTotal:       32768000 kB\nMemFree: 1 kB\nMemAvailable:   16384000 kB\n');
  tree.put('/proc/modules', 'vfio_pci 16384 0 - Live 0x0\nkvm_intel 1 0 - Live 0x0\n');
  tree.put(
    '/proc/self/mountinfo',
    '22 1 8:2 / / rw,relatime shared:1 - ext4 /dev/sda2 rw\n30 22 8:1 / /boot/efi rw,relatime - vfat /dev/sda1 rw\n',
  );
  tree.put('/proc/interrupts', '            CPU0\n  1:    9   IR-IO-APIC    1-edge  i8042\n');
  tree.put('/run/systemd/system/.keep', '');
  tree.put('/usr/share/misc/pci.ids', ids);
  tree.put('/sys/firmware/acpi/tables/FACP', '');
}

/** The nodes of a card as the kernel lays them: folders below the function, links in the class. */
export function drmCard(tree: Tree, folder: string, index: number): void {
  for (const [name, minor] of [
    [`card${index}`, index],
    [`renderD${128 + index}`, 128 + index],
  ] as const) {
    tree.put(`${folder}/drm/${name}/dev`, `226:${minor}\n`);
    tree.put(`${folder}/drm/${name}/device`, { link: '../..' });
    tree.put(`/sys/class/drm/${name}`, { link: `../../..${folder}/drm/${name}` });
  }
}

/** Debian, GRUB, i915 and an RTX 3080 that firmware showed its picture on; P and E cores. */
export function intelDesktop(): Tree {
  const tree = plantTree();
  x86(tree, 'GenuineIntel', 'vmx', '6.12.95-amd64');
  tree.put('/proc/cmdline', 'BOOT_IMAGE=/boot/vmlinuz-6.12.95-amd64 root=UUID=1 quiet intel_iommu=on "a b=c d"\n');
  tree.put('/proc/sys/kernel/bootloader_type', '114\n');
  tree.put('/etc/os-release', { link: '../usr/lib/os-release' });
  tree.put('/usr/lib/os-release', 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n');
  tree.put('/boot/initrd.img-6.12.95-amd64', 'image');
  tree.put('/usr/sbin/update-initramfs', '#!/bin/sh\n# not dracut\nmkinitramfs -o x\n');
  tree.put('/usr/sbin/mkinitramfs', '#!/bin/sh\n');
  tree.put('/usr/bin/dracut', 'installed, but not the owner of the image');
  tree.put(
    '/lib/modules/6.12.95-amd64/modules.alias',
    'alias pci:v000010DEd*sv*sd*bc03sc00i* nouveau\nalias pci:v000010DEd*sv*sd*bc03sc00i00* nvidia-drm\nalias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci\nalias pci:v00008086d00004680sv*sd*bc03sc*i* i915\n',
  );
  tree.put('/boot/config-6.12.95-amd64', 'CONFIG_INTEL_IOMMU=y\n# CONFIG_IOMMUFD is not set\nCONFIG_VFIO_PCI=m\n');
  tree.put('/sys/class/dmi/id/sys_vendor', 'ASUS\n');
  tree.put('/sys/class/dmi/id/product_name', 'PRIME\u001b[31m Z690\u202e\n');
  tree.put('/sys/class/dmi/id/board_vendor', 'ASUSTeK COMPUTER INC.\n');
  tree.put('/sys/class/dmi/id/chassis_type', '3\n');
  tree.put('/sys/firmware/acpi/tables/DMAR', '');
  tree.put('/sys/class/iommu/dmar0', { link: '../../devices/virtual/iommu/dmar0' });
  tree.variable('BootCurrent', globalGuid, Buffer.from([1, 0]));
  tree.variable('Boot0001', globalGuid, loadOption('debian', '\\EFI\\debian\\shimx64.efi'));
  tree.variable('SecureBoot', globalGuid, Buffer.from([1]));
  tree.variable('OsIndicationsSupported', globalGuid, Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]));
  tree.put('/sys/kernel/security/lockdown', 'none [integrity] confidentiality\n');
  tree.put('/sys/kernel/boot_params/data', bootParams(0x70, 0x6000000000n));
  tree.function(['pci0000:00', '0000:00:00.0'], { id: '8086:4660', class: '060000', group: 0, pcie: false });
  tree.function(['pci0000:00', '0000:00:01.0'], {
    id: '8086:460d',
    class: '060400',
    driver: 'pcieport',
    group: 1,
    files: { secondary_bus_number: '1\n', subordinate_bus_number: '1\n' },
  });
  const igpu = tree.function(['pci0000:00', '0000:00:02.0'], {
    id: '8086:4680',
    class: '030000',
    driver: 'i915',
    group: 2,
    bars: [[0x6100000000n, 0x1000000n, MEM64]],
    files: { boot_vga: '0\n' },
  });
  const gpu = tree.function(['pci0000:00', '0000:00:01.0', '0000:01:00.0'], {
    id: '10de:2206',
    class: '030000',
    subsystem: '1043:87b3',
    driver: 'nouveau',
    group: 1,
    bars: [
      [0xa0000000n, 0x1000000n, MEM],
      [0x6000000000n, 0x10000000n, MEM64],
      [0n, 0n, 0],
      [0x6010000000n, 0x2000000n, MEM64],
      [0n, 0n, 0],
      [0x5000n, 0x80n, 0x40101],
      [0xa1000000n, 0x80000n, 0x46200],
    ],
    files: {
      boot_vga: '1\n',
      reset_method: 'bus\n',
      rom: '',
      resource1_resize: '0000000000007f00\n',
      'consumer:pci:0000:01:00.1': { link: '../x' },
      label: 'Onboard\u0007 slot\n',
    },
  });
  const sound = tree.function(['pci0000:00', '0000:00:01.0', '0000:01:00.1'], {
    id: '10de:1aef',
    class: '040300',
    driver: 'snd_hda_intel',
    group: 1,
  });
  tree.function(['pci0000:00', '0000:00:14.0'], {
    id: '8086:7ae0',
    class: '0c0330',
    driver: 'xhci_hcd',
    group: 3,
    pcie: false,
  });
  drmCard(tree, igpu, 0);
  drmCard(tree, gpu, 1);
  tree.put(`${sound}/sound/card1/controlC1/dev`, '116:7\n');
  tree.put('/sys/class/sound/controlC1', { link: `../../..${sound}/sound/card1/controlC1` });
  tree.put('/sys/class/drm/card1-HDMI-A-1/status', 'connected\n');
  tree.put('/sys/class/drm/card1-HDMI-A-1/enabled', 'enabled\n');
  tree.put('/sys/class/drm/card0-eDP-1/status', 'disconnected\n');
  tree.put('/sys/class/drm/card0-eDP-1/enabled', 'disabled\n');
  tree.put('/sys/class/drm/card0-Writeback-1/status', 'unknown\n');
  tree.put('/proc/fb', '0 nouveaudrmfb\n');
  tree.put('/sys/class/graphics/fb0/device', { link: `../../../..${gpu}` });
  tree.put('/sys/class/vtconsole/vtcon1/name', '(M) frame buffer device\n');
  tree.put('/sys/class/vtconsole/vtcon1/bind', '1\n');
  for (const cpu of [0, 1, 2, 3]) {
    const place = `/sys/devices/system/cpu/cpu${cpu}`;
    tree.put(`${place}/topology/physical_package_id`, '0\n');
    tree.put(`${place}/topology/core_id`, `${cpu < 2 ? 0 : cpu}\n`);
    tree.put(`${place}/cache/index3/level`, '3\n');
    tree.put(`${place}/cache/index3/type`, 'Unified\n');
    tree.put(`${place}/cache/index3/size`, '30720K\n');
    tree.put(`${place}/cache/index3/shared_cpu_list`, '0-3\n');
  }
  tree.put('/sys/devices/system/cpu/online', '0-3\n');
  tree.put('/sys/devices/cpu_core/cpus', '0-1\n');
  tree.put('/sys/devices/cpu_atom/cpus', '2-3\n');
  tree.put('/sys/devices/system/node/node0/cpulist', '0-3\n');
  tree.put(
    '/sys/devices/system/node/node0/meminfo',
    'Node 0 MemTotal:       32768000 kB\nNode 0 MemFree:        100 kB\n',
  );
  tree.put('/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages', '8\n');
  tree.put('/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages', '5\n');
  return tree;
}

/** Fedora, two identical Radeons behind their on-card switches; the first is lit, the second bound to vfio-pci. */
export function amdTwoCards(): Tree {
  const tree = plantTree();
  x86(tree, 'AuthenticAMD', 'svm', '6.17.4-200.fc42.x86_64');
  tree.put('/proc/cmdline', 'BOOT_IMAGE=(hd0,gpt2)/vmlinuz-6.17.4-200.fc42.x86_64 root=UUID=2 rhgb\n');
  tree.put('/proc/sys/kernel/bootloader_type', '33\n');
  tree.put('/usr/lib/os-release', 'ID=fedora\nVERSION_ID=42\nPRETTY_NAME="Fedora Linux 42"\n');
  tree.put('/boot/initramfs-6.17.4-200.fc42.x86_64.img', 'image');
  tree.put('/usr/bin/dracut', '#!/bin/sh\n');
  tree.variable('LoaderInfo', loaderGuid, wide('GRUB 2.12'));
  tree.put('/sys/firmware/acpi/tables/IVRS', '');
  tree.put('/sys/class/iommu/ivhd0', { link: '../../devices/x' });
  tree.put('/sys/class/dmi/id/chassis_type', '7\n');
  for (const [root, bus, driver] of [
    ['0000:00:01.1', 1, 'amdgpu'],
    ['0000:00:03.1', 11, 'vfio-pci'],
  ] as const) {
    const at = (offset: number): string => (bus + offset).toString(16).padStart(2, '0');
    const path = ['pci0000:00', root, `0000:${at(0)}:00.0`, `0000:${at(1)}:00.0`];
    tree.function(path.slice(0, 2), { id: '1022:1483', class: '060400', driver: 'pcieport', group: bus });
    tree.function(path.slice(0, 3), { id: '1002:1478', class: '060400', driver: 'pcieport', group: bus + 1 });
    tree.function(path, { id: '1002:1479', class: '060400', driver: 'pcieport', group: bus + 2 });
    tree.function([...path, `0000:${at(2)}:00.0`], {
      id: '1002:73bf',
      class: '030000',
      driver,
      group: bus + 3,
      bars: [[bus === 1 ? 0x7800000000n : 0x7000000000n, 0x400000000n, MEM64]],
      files: {
        boot_vga: bus === 1 ? '1\n' : '0\n',
        reset_method: 'flr bus\n',
        driver_override: driver === 'vfio-pci' ? 'vfio-pci\n' : '(null)\n',
      },
    });
    tree.function([...path, `0000:${at(2)}:00.1`], {
      id: '1002:ab28',
      class: '040300',
      driver: driver === 'vfio-pci' ? driver : 'snd_hda_intel',
      group: bus + 4,
    });
  }
  return tree;
}

/** A laptop whose NVIDIA card and root port sleep in D3cold. */
export function sleepingLaptop(): Tree {
  const tree = plantTree();
  x86(tree, 'GenuineIntel', 'vmx', '6.8.0-45-generic');
  tree.put('/sys/class/dmi/id/chassis_type', '10\n');
  tree.put('/sys/class/power_supply/BAT0/type', 'Battery\n');
  tree.function(['pci0000:00', '0000:00:02.0'], {
    id: '8086:46a6',
    class: '030000',
    driver: 'i915',
    group: 0,
    files: { boot_vga: '1\n' },
  });
  tree.function(['pci0000:00', '0000:00:06.0'], {
    id: '8086:464d',
    class: '060400',
    driver: 'pcieport',
    group: 4,
    asleep: true,
    files: { secondary_bus_number: '1\n', subordinate_bus_number: '1\n' },
  });
  tree.function(['pci0000:00', '0000:00:06.0', '0000:01:00.0'], {
    id: '10de:2520',
    class: '030200',
    driver: 'nvidia',
    group: 4,
    asleep: true,
    bars: [
      [0x85000000n, 0x1000000n, MEM],
      [0x6000000000n, 0x10000000n, MEM64],
    ],
    files: { resource1_resize: '0000000000001fc0\n' },
  });
  return tree;
}

/** A workstation in VMD mode: its NVMe lives in domain 10000. */
export function vmdWorkstation(): Tree {
  const tree = plantTree();
  x86(tree, 'GenuineIntel', 'vmx', '6.12.95-amd64');
  tree.function(['pci0000:00', '0000:00:0e.0'], { id: '8086:467f', class: '010400', driver: 'vmd', group: 5 });
  tree.function(['pci0000:00', '0000:00:0e.0', 'pci10000:e0', '10000:e0:06.0'], {
    id: '8086:464d',
    class: '060400',
    driver: 'pcieport',
    group: 5,
  });
  tree.function(['pci0000:00', '0000:00:0e.0', 'pci10000:e0', '10000:e0:06.0', '10000:e1:00.0'], {
    id: '144d:a80a',
    class: '010802',
    driver: 'nvme',
    group: 5,
  });
  return tree;
}

/** Started by a legacy BIOS and GRUB, with a text screen. */
export function biosDesktop(): Tree {
  const tree = plantTree();
  x86(tree, 'AuthenticAMD', 'svm', '5.10.0-30-amd64');
  tree.put('/proc/cmdline', 'BOOT_IMAGE=/boot/vmlinuz-5.10.0-30-amd64 root=/dev/sda1 ro quiet\n');
  tree.put('/proc/sys/kernel/bootloader_type', '114\n');
  tree.put('/sys/kernel/boot_params/data', bootParams(0x22, 0n));
  tree.function(['pci0000:00', '0000:00:05.0'], { id: '10de:2206', class: '030000', files: { boot_vga: '1\n' } });
  return tree;
}

/** Arch with systemd-boot that started a type 1 entry; GRUB is installed too. */
export function systemdBootArch(): Tree {
  const tree = plantTree();
  x86(tree, 'AuthenticAMD', 'svm', '6.17.8-arch1-1');
  tree.put('/proc/cmdline', 'initrd=\\initramfs-linux.img root=PARTUUID=3 rw\n');
  tree.put('/proc/sys/kernel/bootloader_type', '33\n');
  tree.put('/etc/os-release', 'ID=arch\nPRETTY_NAME="Arch Linux"\n');
  tree.put('/boot/grub/grub.cfg', 'set default=0\n');
  tree.put('/boot/initramfs-linux.img', 'image');
  tree.put('/usr/lib/modules/6.17.8-arch1-1/pkgbase', 'linux\n');
  tree.put('/etc/mkinitcpio.d/linux.preset', 'PRESETS=(default)\n');
  tree.put('/usr/bin/mkinitcpio', '#!/bin/bash\n');
  tree.variable('LoaderInfo', loaderGuid, wide('systemd-boot 257.7-1-arch'));
  tree.variable('LoaderFeatures', loaderGuid, Buffer.from([0x7f, 0, 0, 0, 0, 0, 0, 0]));
  tree.variable('LoaderEntrySelected', loaderGuid, wide('arch.conf'));
  tree.variable('SecureBoot', globalGuid, Buffer.from([0]));
  return tree;
}

/** A QEMU guest without an IOMMU. */
export function virtualGuest(): Tree {
  const tree = plantTree();
  x86(tree, 'GenuineIntel', 'hypervisor', '6.1.0-30-amd64');
  tree.put('/sys/class/dmi/id/sys_vendor', 'QEMU\n');
  tree.put('/sys/class/dmi/id/product_name', 'Standard PC (Q35 + ICH9, 2009)\n');
  tree.put('/sys/class/dmi/id/chassis_type', '1\n');
  tree.function(['pci0000:00', '0000:00:01.0'], { id: '1234:1111', class: '030000', driver: 'bochs-drm', pcie: false });
  return tree;
}
