// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';

type Chassis = NonNullable<HostFacts['machine']['chassis']['value']>;
type Cpu = NonNullable<HostFacts['cpu']['vendor']['value']>;
type Distribution = NonNullable<HostFacts['system']['distribution']['value']>;
type BootLoader = NonNullable<HostFacts['system']['bootLoader']['value']>;
type Initramfs = NonNullable<HostFacts['system']['initramfs']['value']>;

/** `form_factor` of a machine file. */
export function chassisNamed(name: string | null): Chassis | null {
  switch (name) {
    case 'desktop':
    case 'laptop':
    case 'server':
    case 'sbc':
    case 'vm':
      return name;
    default:
      return name === null ? null : 'other';
  }
}

const armMakers = /ampere|arm|broadcom|rockchip|cavium|marvell|apple|qualcomm|nvidia|hisilicon|phytium|nxp/i;

/** A CPU maker's name; the architecture follows only where the maker leaves no choice. */
export function cpuNamed(name: string | null): { readonly vendor: Cpu | null; readonly architecture: string | null } {
  if (name === null) return { vendor: null, architecture: null };
  if (/intel/i.test(name)) return { vendor: 'intel', architecture: 'x86_64' };
  if (/hygon/i.test(name)) return { vendor: 'hygon', architecture: 'x86_64' };
  if (/amd|authentic/i.test(name)) return { vendor: 'amd', architecture: 'x86_64' };
  return armMakers.test(name) ? { vendor: 'arm', architecture: 'aarch64' } : { vendor: 'other', architecture: null };
}

const distributions: readonly (readonly [RegExp, string, readonly string[]])[] = [
  [/proxmox/i, 'proxmox', ['debian']],
  [/mint/i, 'linuxmint', ['ubuntu', 'debian']],
  [/pop!?_?os/i, 'pop', ['ubuntu', 'debian']],
  [/tuxedo/i, 'tuxedo', ['ubuntu', 'debian']],
  [/ubuntu/i, 'ubuntu', ['debian']],
  [/debian/i, 'debian', []],
  [/fedora/i, 'fedora', []],
  [/rocky|alma|centos|rhel|red ?hat/i, 'rhel', ['fedora']],
  [/manjaro/i, 'manjaro', ['arch']],
  [/endeavour/i, 'endeavouros', ['arch']],
  [/arch|garuda|cachy/i, 'arch', []],
  [/suse/i, 'opensuse', ['suse']],
  [/nixos/i, 'nixos', []],
  [/gentoo/i, 'gentoo', []],
  [/alpine/i, 'alpine', []],
  [/void/i, 'void', []],
];

/** A distribution by the name a person wrote; an unknown name keeps its words and gets no id that could be mistaken. */
export function distributionNamed(name: string | null): Distribution | null {
  if (name === null) return null;
  const row = distributions.find(([pattern]) => pattern.test(name));
  const version = /\d+(\.\d+)?/.exec(name)?.[0] ?? null;
  return { id: row?.[1] ?? 'unknown', like: [...(row?.[2] ?? [])], version, name };
}

export function bootLoaderNamed(name: string | null): BootLoader | null {
  if (name === null) return null;
  if (/^grub/i.test(name)) return 'grub';
  if (/^systemd-boot$/i.test(name)) return 'systemd-boot';
  if (/refind/i.test(name)) return 'refind';
  if (/limine/i.test(name)) return 'limine';
  return /linux$/i.test(name) ? 'syslinux' : 'other';
}

export function initramfsNamed(name: string | null): Initramfs | null {
  switch (name) {
    case 'initramfs-tools':
    case 'dracut':
    case 'mkinitcpio':
    case 'booster':
    case 'mkinitfs':
      return name;
    default:
      return name === null ? null : 'other';
  }
}
