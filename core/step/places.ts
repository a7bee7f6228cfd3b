// SPDX-License-Identifier: GPL-3.0-or-later
import type { Place } from '../../contract/plan';
import { hookTablePath } from './own/hook';

/** Root's own folder: one sub-folder a transaction. */
export const storeFolder = '/var/lib/switchyard';
/** Where a transaction keeps what only root may read. */
export const privateFolder = (transaction: string): string => `${storeFolder}/${transaction}/private`;
/** Copies of what was there before, by the name an UndoRecord gives them. */
export const beforeFolder = (transaction: string): string => `${privateFolder(transaction)}/before`;

/** The configuration mkinitramfs reads at every ordinary build: initramfs-tools(7). */
export const initramfsConfigFolder = '/etc/initramfs-tools';
/** Paths inside that folder, the same in its private copy. */
export const earlyScriptName = 'scripts/init-top/00-switchyard';
export const earlyHookName = 'hooks/switchyard';

/** Files beside a place while its successor is made; in the same folder, so that a rename is all that is left to do. */
export const besideSuffix = '.switchyard';

/** Names a file may have beside it while it is replaced, or until the next good start; whoever undoes takes them away. */
export function leftoversOf(path: string): readonly string[] {
  const cut = path.lastIndexOf('/') + 1;
  const hidden = `${path.slice(0, cut)}.${path.slice(cut)}`;
  return [
    `${hidden}${besideSuffix}-new`,
    `${path}${besideSuffix}`,
    `${path}${besideSuffix}.new`,
    `${path}${besideSuffix}-old`,
  ];
}

const fixed: Readonly<Record<string, string>> = {
  'grub-default': '/etc/default/grub',
  'grub-drop-in': '/etc/default/grub.d/60-switchyard.cfg',
  'grub-config': '/boot/grub/grub.cfg',
  'grub-custom': '/boot/grub/custom.cfg',
  'grub-env': '/boot/grub/grubenv',
  'early-script': `${initramfsConfigFolder}/${earlyScriptName}`,
  'early-hook': `${initramfsConfigFolder}/${earlyHookName}`,
  'modprobe-config': '/etc/modprobe.d/switchyard.conf',
  'modules-load': '/etc/modules-load.d/switchyard.conf',
  sysctl: '/etc/sysctl.d/60-switchyard.conf',
  limits: '/etc/security/limits.d/60-switchyard.conf',
  'unit-drop-in': '/etc/systemd/system/user@.service.d/60-switchyard.conf',
  'udev-rule': '/etc/udev/rules.d/70-switchyard.rules',
  tmpfiles: '/etc/tmpfiles.d/60-switchyard.conf',
  'libvirt-hook': '/etc/libvirt/hooks/qemu.d/50-switchyard',
  'hook-table': hookTablePath,
  'apparmor-rule': '/etc/apparmor.d/local/abstractions/libvirt-qemu',
};

export const defaultImage = (kernel: string): Place => `default-image:${kernel}`;
export const trialImage = (kernel: string): Place => `trial-image:${kernel}`;
/** File names of the images of a kernel, in /boot and as the loader's configuration writes them. */
export const defaultImageName = (kernel: string): string => `initrd.img-${kernel}`;
export const trialImageName = (kernel: string): string => `initrd.img-${kernel}-switchyard`;

/** The one table of paths. A place without a path is a bug of the caller: contract/plan.ts has checked its grammar. */
export function pathOf(place: Place, transaction: string): string {
  const path = fixed[place];
  if (path !== undefined) return path;
  if (place === 'trial-config') return `${privateFolder(transaction)}/initramfs-tools`;
  if (place.startsWith('default-image:')) return `/boot/${defaultImageName(place.slice('default-image:'.length))}`;
  if (place.startsWith('trial-image:')) return `/boot/${trialImageName(place.slice('trial-image:'.length))}`;
  throw new Error(`no path for place ${place}`);
}

/** Places that shape every start: before *keep* nothing of ours may be in them (decision 6). */
export function actsOnEveryStart(place: Place): boolean {
  return !(
    place === 'trial-config' ||
    place === 'grub-custom' ||
    place === 'grub-env' ||
    place.startsWith('trial-image:')
  );
}

/** Places a boot loader reads without replaying a journal: they are swapped whole, and flushed (security rule 7b). */
export function isReadByLoader(place: Place): boolean {
  return place === 'grub-config' || place === 'grub-custom' || place === 'grub-env' || place.includes('-image:');
}

/** Places that hold an image: told by stat and never shown as text. */
export const isImage = (place: Place): boolean => place.includes('-image:');
