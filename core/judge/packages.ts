// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import type { Next } from '../../contract/finding';
import { todo } from './finding';

export const partNames = ['qemu', 'libvirt', 'virsh', 'ovmf', 'swtpm'] as const;
export type Part = (typeof partNames)[number];

interface Family {
  readonly ids: readonly string[];
  readonly command: string;
  readonly packages: Readonly<Record<Part, string>>;
}

/** How each family of distributions calls the parts. Sources: the distributions' package lists. */
const families: readonly Family[] = [
  {
    ids: ['debian', 'ubuntu', 'linuxmint', 'pop', 'proxmox', 'tuxedo', 'raspbian', 'kali', 'zorin', 'elementary', 'neon'],
    command: 'sudo apt-get install',
    packages: { qemu: 'qemu-system-x86 qemu-utils', libvirt: 'libvirt-daemon-system', virsh: 'libvirt-clients', ovmf: 'ovmf', swtpm: 'swtpm swtpm-tools' },
  },
  {
    ids: ['fedora', 'rhel', 'centos', 'rocky', 'almalinux', 'nobara'],
    command: 'sudo dnf install',
    packages: { qemu: 'qemu-kvm', libvirt: 'libvirt-daemon-kvm', virsh: 'libvirt-client', ovmf: 'edk2-ovmf', swtpm: 'swtpm swtpm-tools' },
  },
  {
    ids: ['arch', 'manjaro', 'endeavouros', 'garuda', 'cachyos', 'artix'],
    command: 'sudo pacman -S --needed',
    packages: { qemu: 'qemu-desktop', libvirt: 'libvirt dnsmasq', virsh: 'libvirt', ovmf: 'edk2-ovmf', swtpm: 'swtpm' },
  },
  {
    ids: ['opensuse', 'suse', 'sles', 'opensuse-tumbleweed', 'opensuse-leap'],
    command: 'sudo zypper install',
    packages: { qemu: 'qemu-x86', libvirt: 'libvirt-daemon-qemu', virsh: 'libvirt-client', ovmf: 'qemu-ovmf-x86_64', swtpm: 'swtpm' },
  },
  {
    ids: ['alpine', 'postmarketos'],
    command: 'sudo apk add',
    packages: { qemu: 'qemu-system-x86_64 qemu-modules qemu-img', libvirt: 'libvirt-daemon libvirt-qemu', virsh: 'libvirt-client', ovmf: 'ovmf', swtpm: 'swtpm' },
  },
  {
    ids: ['gentoo'],
    command: 'sudo emerge --ask --noreplace',
    packages: { qemu: 'app-emulation/qemu', libvirt: 'app-emulation/libvirt', virsh: 'app-emulation/libvirt', ovmf: 'sys-firmware/edk2-bin', swtpm: 'app-crypt/swtpm' },
  },
];

const arm: Readonly<Partial<Record<Part, string>>> = { qemu: 'qemu-system-arm qemu-utils', ovmf: 'qemu-efi-aarch64' };

/** One line that installs all the missing parts on this distribution; systems that are not changed by a package manager get their own words. */
export function installLine(facts: HostFacts, parts: readonly Part[]): Next {
  const names = parts.join(', ');
  const immutable = facts.system.immutable.value;
  const distribution = facts.system.distribution.value;
  if (immutable === 'nixos' || distribution?.id === 'nixos') return todo('next-install-nixos', { parts: names });
  const family = familyNamed(distribution);
  if (family === undefined) return todo('next-install-by-name', { parts: names });
  const packages = packagesOf(family, facts, parts);
  switch (immutable) {
    case null:
    case 'no':
      return todo('next-install', { parts: names }, `${family.command} ${packages}`);
    case 'ostree':
      return todo('next-install', { parts: names }, `sudo rpm-ostree install ${packages}`);
    case 'transactional':
      return todo('next-install', { parts: names }, `sudo transactional-update pkg install ${packages}`);
    default:
      return todo('next-install-by-name', { parts: names });
  }
}

function familyNamed(distribution: HostFacts['system']['distribution']['value']): Family | undefined {
  if (distribution === null) return undefined;
  return [distribution.id, ...distribution.like].map((id) => families.find((family) => family.ids.includes(id))).find((family) => family !== undefined);
}

function packagesOf(family: Family, facts: HostFacts, parts: readonly Part[]): string {
  const debianArm = facts.cpu.architecture.value === 'aarch64' && family.command.includes('apt-get') ? arm : {};
  return [...new Set(parts.flatMap((part) => (debianArm[part] ?? family.packages[part]).split(' ')))].join(' ');
}
