// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../contract/facts';
import { makeDisk, mountAt, type Disk } from './disk';
import { find, folderAt, linkAt, writeAt } from './files';
import { checkpoint } from './flush';
import { writeForeignImage, writeForeignLoader } from './foreign';
import { printBlock } from './grub';
import { grubConfig, type BootVolume } from './grub-mkconfig';
import { buildImage, printImage, type ImageBase } from './image';
import type { Hardware } from './kernel';
import type { Parts } from './parts';
import { pciIdsText } from './pci-names';
import { modaliasLine } from './sysfs-pci';

/** A machine's installation: its disk, and what of it programs and loader need to know. */
export interface Installation {
  readonly disk: Disk;
  readonly volume: BootVolume;
  readonly image: ImageBase;
  readonly distributor: string;
  /** Mode a new grub.cfg gets: Debian 13's grub-mkconfig leaves it to root alone. */
  readonly configMode: number;
}

const uuid = '3f1c9a52-7b0e-4d6e-9c2a-5e8d1f0b7a64';

/** A freshly installed system of the chosen parts, as its installer leaves it. */
export function install(facts: HostFacts, parts: Parts, hardware: readonly Hardware[]): Installation {
  const disk = makeDisk(parts['boot-volume'] === 'root-btrfs' ? 'btrfs' : 'ext4');
  const own = parts['boot-volume'] === 'own-ext4';
  if (own) mountAt(disk, folderAt(disk, '/boot').id, { type: 'ext4', at: '/boot' });
  if (parts.firmware === 'uefi') mountAt(disk, folderAt(disk, '/boot/efi').id, { type: 'vfat', at: '/boot/efi' });
  const volume: BootVolume = {
    mount: own ? '/boot' : '',
    root: parts['boot-volume'] === 'root-lvm' ? '/dev/mapper/vg-root' : `UUID=${uuid}`,
    uuid,
    writable: !['root-btrfs', 'root-lvm', 'root-zfs'].includes(parts['boot-volume']),
    modules: ['part_gpt', parts['boot-volume'] === 'root-btrfs' ? 'btrfs' : 'ext2'],
  };
  const early = parts['early-graphics'] === 'in-image';
  const drivers = hardware.flatMap((one) => one.drivers.slice(0, 1).flatMap((driver) => (driver.module === null ? [] : [{ module: driver.module, class: one.class }])));
  const image: ImageBase = { microcode: parts.microcode === 'in-image', modules: [...new Set(drivers.filter((one) => /^(?:01|02|0c03)/.test(one.class) || (early && one.class.startsWith('03'))).map((one) => one.module))].sort() };
  const installation: Installation = { disk, volume, image, distributor: nameOf(parts.distribution), configMode: parts.distribution === 'debian 13' ? 0o600 : 0o444 };
  writeSystem(installation, facts, parts);
  writeKernels(installation, parts, hardware);
  if (parts.generator === 'initramfs-tools') writeGenerator(installation, parts);
  else writeForeignImage(disk, parts, image);
  if (parts.loader === 'grub') writeLoader(installation, facts, parts);
  else writeForeignLoader(disk, parts);
  checkpoint(disk);
  return installation;
}

const nameOf = (distribution: string): string => {
  const id = distribution.split(' ')[0] ?? 'linux';
  return id === 'debian' ? 'Debian GNU/Linux' : id.charAt(0).toUpperCase() + id.slice(1);
};

/** Releases with a kernel in /boot: the running one and, when there are two, an older one. */
const kernelsOf = (parts: Parts): readonly string[] => (parts.kernels === 'two' ? [parts.kernel, `5.10.0-33${parts.kernel.replace(/^[\d.]+(?:-\d+)?(?=\D|$)/, '')}`.replace(/[^0-9A-Za-z.+~_-]/g, '')] : [parts.kernel]);

function writeSystem({ disk }: Installation, facts: HostFacts, parts: Parts): void {
  const [id = 'linux', version] = parts.distribution.split(' ');
  const stated = facts.system.distribution.value;
  const like = stated?.like ?? (id === 'ubuntu' ? ['debian'] : []);
  writeAt(disk, '/usr/lib/os-release', `PRETTY_NAME="${stated?.name ?? parts.distribution}"\nNAME="${nameOf(parts.distribution)}"\nID=${id}\n${version === undefined ? '' : `VERSION_ID="${version}"\n`}${like.length === 0 ? '' : `ID_LIKE="${like.join(' ')}"\n`}`);
  linkAt(disk, '/etc/os-release', '../usr/lib/os-release');
  for (const name of ['bin', 'sbin', 'lib']) {
    folderAt(disk, `/usr/${name}`);
    linkAt(disk, `/${name}`, `usr/${name}`);
  }
  writeAt(disk, '/usr/share/misc/pci.ids', pciIdsText(facts));
  writeAt(disk, '/etc/machine-id', '2f6a7c1e9b3d4850a1c2e3f405162738\n', { mode: 0o444 });
  writeAt(disk, '/var/lib/dpkg/status', packages(['grub-common', 'initramfs-tools', 'qemu-system-x86', 'libvirt-daemon', 'libvirt-clients', 'ovmf', 'swtpm']));
  linkAt(disk, '/etc/systemd/system/display-manager.service', '/usr/lib/systemd/system/gdm3.service');
  for (const folder of ['/var/lib/dpkg', '/home/user', '/root', '/proc', '/sys', '/dev', '/run', '/tmp', '/etc/modules-load.d', '/etc/sysctl.d', '/etc/udev/rules.d', '/etc/libvirt/hooks', '/etc/libvirt/qemu/networks/autostart', '/etc/libvirt/storage/autostart', '/etc/modprobe.d', '/etc/security/limits.d', '/etc/tmpfiles.d']) folderAt(disk, folder);
  writeAt(disk, '/etc/passwd', 'root:x:0:0:root:/root:/bin/bash\nuser:x:1000:1000:User,,,:/home/user:/bin/bash\n');
  writeAt(disk, '/etc/group', 'root:x:0:\ninput:x:104:\nkvm:x:105:\nlibvirt:x:106:\nuser:x:1000:\n');
  writeAt(disk, '/etc/libvirt/qemu/networks/default.xml', '<network>\n  <name>default</name>\n</network>\n', { mode: 0o600 });
  writeAt(disk, '/etc/apparmor.d/local/abstractions/libvirt-qemu', '');
  folderAt(disk, '/home/user', { uid: 1000, gid: 1000, mode: 0o700 });
  folderAt(disk, '/root', { mode: 0o700 });
  folderAt(disk, '/tmp', { mode: 0o1777 });
  const programs = ['cp', 'sync', 'systemctl', 'udevadm', 'dd', 'flock', 'rm', 'sh', 'qemu-system-x86_64', 'virsh', 'swtpm', 'gpasswd'];
  for (const name of programs) writeAt(disk, `/usr/bin/${name}`, '\u007fELF\n', { mode: 0o755 });
  for (const name of ['modprobe', 'libvirtd']) writeAt(disk, `/usr/sbin/${name}`, '\u007fELF\n', { mode: 0o755 });
  writeAt(disk, '/usr/share/OVMF/OVMF_CODE_4M.fd', '\u007fFD\n');
}

const packages = (names: readonly string[]): string => names.map((name) => `Package: ${name}\nStatus: install ok installed\nVersion: 1:2.12-9\n\n`).join('');

function writeKernels({ disk }: Installation, parts: Parts, hardware: readonly Hardware[]): void {
  for (const kernel of kernelsOf(parts)) {
    writeAt(disk, `/boot/vmlinuz-${kernel}`, `kernel ${kernel}\n`);
    const byItself = parts.processor === 'intel' && parts.iommu === 'on';
    writeAt(disk, `/boot/config-${kernel}`, `CONFIG_VFIO=m\nCONFIG_VFIO_PCI=m\nCONFIG_VFIO_IOMMU_TYPE1=m\nCONFIG_INTEL_IOMMU=y\n${byItself ? 'CONFIG_INTEL_IOMMU_DEFAULT_ON=y\n' : '# CONFIG_INTEL_IOMMU_DEFAULT_ON is not set\n'}CONFIG_AMD_IOMMU=y\n`);
    const folder = `/usr/lib/modules/${kernel}`;
    writeAt(disk, `${folder}/modules.builtin`, 'kernel/drivers/pci/pcie/pcieport.ko\n');
    writeAt(disk, `${folder}/modules.alias`, hardware.flatMap((one) => one.drivers.flatMap((driver) => (driver.module === null ? [] : [modaliasLine(one, driver.module)]))).join(''));
    writeAt(disk, `${folder}/modules.dep`, ['kernel/drivers/vfio/pci/vfio-pci.ko.xz', 'kernel/drivers/vfio/vfio.ko.xz', 'kernel/drivers/vfio/vfio_iommu_type1.ko.xz'].map((name) => `${name}:\n`).join(''));
    for (const name of ['vfio.ko.xz', 'vfio_iommu_type1.ko.xz', 'pci/vfio-pci.ko.xz', 'pci/vfio-pci-core.ko.xz']) writeAt(disk, `${folder}/kernel/drivers/vfio/${name}`, 'module\n');
  }
}

function writeGenerator({ disk, image }: Installation, parts: Parts): void {
  for (const name of ['mkinitramfs', 'update-initramfs']) writeAt(disk, `/usr/sbin/${name}`, `#!/bin/sh\n# ${name} of initramfs-tools\n`, { mode: 0o755 });
  for (const name of ['lsinitramfs', 'unmkinitramfs']) writeAt(disk, `/usr/bin/${name}`, `#!/bin/sh\n# ${name} of initramfs-tools\n`, { mode: 0o755 });
  const config = '/etc/initramfs-tools';
  writeAt(disk, `${config}/initramfs.conf`, '#\n# initramfs.conf\n#\nMODULES=most\nBUSYBOX=auto\nCOMPRESS=zstd\nDEVICE=\nNFSROOT=auto\nRUNSIZE=10%\n');
  writeAt(disk, `${config}/update-initramfs.conf`, 'update_initramfs=yes\nbackup_initramfs=no\n');
  writeAt(disk, `${config}/modules`, '# List of modules that you want to include in your initramfs.\n');
  for (const folder of ['conf.d', 'hooks', 'scripts/init-top', 'scripts/init-premount', 'scripts/init-bottom', 'scripts/local-top']) folderAt(disk, `${config}/${folder}`);
  writeAt(disk, `${config}/conf.d/resume`, 'RESUME=none\n');
  const shared = '/usr/share/initramfs-tools';
  writeAt(disk, `${shared}/hook-functions`, '# functions for hooks\n');
  writeAt(disk, `${shared}/scripts/init-top/udev`, '#!/bin/sh -e\nPREREQS=""\nprereqs() { echo "$PREREQS"; }\ncase "$1" in\n  prereqs) prereqs; exit 0 ;;\nesac\nudevadm trigger --type=devices --action=add\nudevadm settle || true\n', { mode: 0o755 });
  writeAt(disk, `${shared}/scripts/init-top/all_generic_ide`, '#!/bin/sh\nPREREQ="udev"\nprereqs() { echo "$PREREQ"; }\ncase "$1" in\n  prereqs) prereqs; exit 0 ;;\nesac\nexit 0\n', { mode: 0o755 });
  writeAt(disk, '/etc/modprobe.d/amd64-microcode-blacklist.conf', 'blacklist microcode\n');
  for (const kernel of kernelsOf(parts)) {
    const built = buildImage(disk, { kernel, config, base: image });
    if (built !== null) writeAt(disk, `/boot/initrd.img-${kernel}`, printImage(built));
  }
}

function writeLoader({ disk, volume, distributor, configMode }: Installation, facts: HostFacts, parts: Parts): void {
  for (const name of ['grub-mkconfig', 'grub-probe', 'update-grub']) writeAt(disk, `/usr/sbin/${name}`, `#!/bin/sh\n# ${name}\nif [ -f /etc/default/grub ]; then . /etc/default/grub; fi\nfor x in /etc/default/grub.d/*.cfg; do . "$x"; done\n`, { mode: 0o755 });
  for (const name of ['grub-script-check', 'grub-editenv']) writeAt(disk, `/usr/bin/${name}`, '\u007fELF\n', { mode: 0o755 });
  const args = argumentsOf(facts, parts);
  writeAt(disk, '/etc/default/grub', `# If you change this file, run 'update-grub' afterwards to update\n# /boot/grub/grub.cfg.\n\nGRUB_DEFAULT=0\nGRUB_TIMEOUT=5\nGRUB_DISTRIBUTOR=\`lsb_release -i -s 2> /dev/null || echo Debian\`\nGRUB_CMDLINE_LINUX_DEFAULT="${args.join(' ')}"\nGRUB_CMDLINE_LINUX=""\n`.replace(/^GRUB_DISTRIBUTOR.*\n/m, `GRUB_DISTRIBUTOR="${distributor}"\n`));
  folderAt(disk, '/etc/default/grub.d');
  if (parts['other-settings'] === 'own-drop-ins') writeAt(disk, '/etc/default/grub.d/50-local.cfg', '# mine\nGRUB_CMDLINE_LINUX_DEFAULT="$GRUB_CMDLINE_LINUX_DEFAULT mitigations=auto"\nGRUB_TIMEOUT=2\n');
  if (parts['other-settings'] === 'own-custom') writeAt(disk, '/boot/grub/custom.cfg', "menuentry 'Memory test' --id memtest {\n\tlinux /boot/memtest86+x64.bin\n}\n");
  writeAt(disk, '/boot/grub/grubenv', printBlock(new Map()) ?? '', { mode: 0o644 });
  writeAt(disk, '/boot/grub/grub.cfg', grubConfig(disk, volume, distributor) ?? '', { mode: configMode });
  if (find(disk, '/boot/efi') !== null && parts.firmware === 'uefi') writeAt(disk, `/boot/efi/EFI/${parts.distribution.split(' ')[0] ?? 'linux'}/grubx64.efi`, 'MZ\n');
}

/** The recorded command line without what loaders add; a quoted or expanded word could not stand in the file as it is. */
export function argumentsOf(facts: HostFacts, parts: Parts): readonly string[] {
  const recorded = facts.kernel.args.value;
  if (recorded === null) return parts.iommu === 'on-by-argument' ? ['quiet', 'intel_iommu=on'] : ['quiet'];
  return recorded.filter((word) => !/^(?:BOOT_IMAGE|initrd|root)=|^ro$|^rw$/.test(word) && /^[\w.,:;/@%+=-]+$/.test(word));
}
