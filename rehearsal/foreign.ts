// SPDX-License-Identifier: GPL-3.0-or-later
import type { Disk } from './disk';
import { writeAt } from './files';
import { printImage, type ImageBase } from './image';
import type { Parts } from './parts';

/**
 * Loaders and generators that no plan can be drawn for yet: they start the machine and can be told from what lies
 * around, so that a refusal names them. Nothing of theirs is claimed beyond that.
 */
const loaderNames: Readonly<Record<string, string>> = { 'systemd-boot': 'systemd-boot 257.9', refind: 'rEFInd 0.14.2', limine: 'Limine 9.3.0' };

/** UEFI variables such a loader leaves behind (host.md 1.8), by file name in efivarfs. */
export function loaderVariables(loader: string): ReadonlyMap<string, Uint8Array> {
  const guid = '4a67b082-0a4c-41cf-b6c7-440b29bb8c4f';
  const name = loaderNames[loader];
  if (name !== undefined) return new Map([[`LoaderInfo-${guid}`, wide(name)]]);
  return loader === 'uki' ? new Map([[`StubInfo-${guid}`, wide('systemd-stub 257.9')]]) : new Map();
}

/** Four attribute bytes, then UTF-16LE with its end mark. */
const wide = (text: string): Uint8Array => Uint8Array.from([6, 0, 0, 0, ...Buffer.from(`${text}\0`, 'utf16le')]);

/** /proc/sys/kernel/bootloader_type (host.md 5.1). */
export const loaderType = (loader: string): number => ({ grub: 114, 'proxmox-boot-tool': 114, syslinux: 49, direct: 176, other: 208 })[loader] ?? 33;

/** Whether such a loader puts `BOOT_IMAGE=` first on the command line. */
export const namesImage = (loader: string): boolean => loader === 'grub' || loader === 'syslinux' || loader === 'proxmox-boot-tool';

export function writeForeignLoader(disk: Disk, parts: Parts): void {
  if (parts.loader === 'proxmox-boot-tool') writeAt(disk, '/etc/kernel/proxmox-boot-uuids', '1A2B-3C4D\n');
}

/** The image where such a generator puts it, and the file that tells whose it is. Returns the image's path. */
export function writeForeignImage(disk: Disk, parts: Parts, image: ImageBase): string {
  const program = (path: string) => writeAt(disk, path, '\u007fELF\n', { mode: 0o755 });
  const path = foreignImage(parts);
  if (parts.generator === 'dracut') program('/usr/bin/dracut');
  else if (parts.generator === 'mkinitcpio' || parts.generator === 'booster') {
    program(`/usr/bin/${parts.generator}`);
    writeAt(disk, `/usr/lib/modules/${parts.kernel}/pkgbase`, 'linux\n');
    if (parts.generator === 'mkinitcpio') writeAt(disk, '/etc/mkinitcpio.d/linux.preset', "PRESETS=('default')\n");
  } else if (parts.generator === 'mkinitfs') program('/usr/sbin/mkinitfs');
  writeAt(disk, path, printImage({ kernel: parts.kernel, microcode: false, modules: image.modules, forced: [], files: [{ path: 'scripts/init-top/ORDER', mode: 0o644, text: '/scripts/init-top/udev "$@"\n' }] }));
  return path;
}

export function foreignImage(parts: Parts): string {
  switch (parts.generator) {
    case 'mkinitcpio':
      return '/boot/initramfs-linux.img';
    case 'booster':
      return '/boot/booster-linux.img';
    case 'mkinitfs':
      return `/boot/initramfs-${parts.kernel.split('-').at(-1) ?? ''}`;
    default:
      return `/boot/initramfs-${parts.kernel}.img`;
  }
}
