// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostSlice } from '../contract/hand-off';

/**
 * Every program the root helper may ever start, with typed arguments. helper/run.ts turns a call into one absolute path
 * and one argument list; a rehearsal plays it. Paths come from core/step/places or helper/store.
 */
export type ProgramCall =
  /** mkinitramfs -d <config> -o <output> <kernel>; without config: /etc/initramfs-tools. initramfs-tools(7). */
  | { readonly program: 'mkinitramfs'; readonly kernel: string; readonly output: string; readonly config: string | null }
  /** Names in an image. */
  | { readonly program: 'lsinitramfs'; readonly image: string }
  /** Unpacks an image into an empty folder of the store, to read back what is really in it. */
  | { readonly program: 'unmkinitramfs'; readonly image: string; readonly into: string }
  /** grub-mkconfig -o <output>: never the live file, it truncates its output in place. */
  | { readonly program: 'grub-mkconfig'; readonly output: string }
  | { readonly program: 'grub-script-check'; readonly file: string }
  | { readonly program: 'grub-editenv-create'; readonly file: string }
  | { readonly program: 'grub-editenv-list'; readonly file: string }
  | { readonly program: 'grub-editenv-set'; readonly file: string; readonly key: string; readonly value: string }
  | { readonly program: 'grub-editenv-unset'; readonly file: string; readonly key: string }
  /** File system, or abstraction (lvm, diskfilter ...), GRUB sees under a path. */
  | { readonly program: 'grub-probe'; readonly target: 'fs' | 'abstraction'; readonly path: string }
  /** cp --attributes-only --preserve=mode,ownership,xattr: labels and ACLs from the old file to the new one. */
  | { readonly program: 'copy-attributes'; readonly from: string; readonly to: string }
  /** getfattr: every extended attribute of a file, labels and ACLs among them; nothing is read back where it is not installed. */
  | { readonly program: 'read-attributes'; readonly path: string }
  /** rm -rf --one-file-system of a folder of the store that unmkinitramfs or we filled. */
  | { readonly program: 'remove-unpacked'; readonly folder: string }
  /** sync -f: the whole file system that holds a path. */
  | { readonly program: 'sync-filesystem'; readonly path: string }
  | { readonly program: 'modprobe'; readonly module: string }
  /** virsh net-autostart and pool-autostart: a link that libvirtd itself makes and knows of. */
  | { readonly program: 'virsh-autostart'; readonly of: 'network' | 'pool'; readonly name: string; readonly on: boolean }
  /** virsh domstate, and dumpxml --inactive, of a VM by its UUID. */
  | { readonly program: 'virsh-domain-state'; readonly vm: string }
  | { readonly program: 'virsh-domain-xml'; readonly vm: string }
  /** gpasswd(1) writes /etc/group and /etc/gshadow under their lock. */
  | { readonly program: 'gpasswd'; readonly user: string; readonly group: string; readonly add: boolean }
  /** modprobe -r: refuses while a module is in use. */
  | { readonly program: 'modprobe-remove'; readonly module: string }
  /** Services of contract/hand-off.ts alone. */
  | { readonly program: 'systemctl-start'; readonly unit: string }
  | { readonly program: 'systemctl-stop'; readonly unit: string }
  /** systemctl set-property --runtime AllowedCPUs= of a slice, until the next start. */
  | { readonly program: 'systemctl-allowed-threads'; readonly slice: HostSlice; readonly threads: string }
  /** systemd-run: a transient timer that starts `switchyard-helper take-back` until it is stopped. */
  | { readonly program: 'take-back-timer-start' }
  | { readonly program: 'take-back-timer-stop' }
  | { readonly program: 'systemctl-daemon-reload' }
  | { readonly program: 'systemctl-reboot' }
  | { readonly program: 'udevadm-reload' };

export type ProgramName = ProgramCall['program'];
export type ProgramCallOf<P extends ProgramName> = P extends ProgramName ? Extract<ProgramCall, { readonly program: P }> : never;

/** Milliseconds and bytes of standard output a program may take before it is ended and the step has failed. */
export const programLimits: Readonly<Record<ProgramName, { readonly time: number; readonly output: number }>> = {
  mkinitramfs: { time: 600_000, output: 65_536 },
  lsinitramfs: { time: 120_000, output: 4_194_304 },
  unmkinitramfs: { time: 300_000, output: 65_536 },
  'grub-mkconfig': { time: 300_000, output: 65_536 },
  'grub-script-check': { time: 30_000, output: 65_536 },
  'grub-editenv-create': { time: 30_000, output: 4096 },
  'grub-editenv-list': { time: 30_000, output: 4096 },
  'grub-editenv-set': { time: 30_000, output: 4096 },
  'grub-editenv-unset': { time: 30_000, output: 4096 },
  'grub-probe': { time: 60_000, output: 4096 },
  'copy-attributes': { time: 30_000, output: 4096 },
  'read-attributes': { time: 30_000, output: 262_144 },
  'remove-unpacked': { time: 60_000, output: 4096 },
  'sync-filesystem': { time: 120_000, output: 4096 },
  modprobe: { time: 60_000, output: 4096 },
  'modprobe-remove': { time: 20_000, output: 4096 },
  'systemctl-start': { time: 45_000, output: 4096 },
  'systemctl-stop': { time: 45_000, output: 4096 },
  'systemctl-allowed-threads': { time: 15_000, output: 4096 },
  'take-back-timer-start': { time: 15_000, output: 4096 },
  'take-back-timer-stop': { time: 15_000, output: 4096 },
  'virsh-autostart': { time: 30_000, output: 4096 },
  'virsh-domain-state': { time: 30_000, output: 4096 },
  'virsh-domain-xml': { time: 30_000, output: 1_048_576 },
  gpasswd: { time: 30_000, output: 4096 },
  'systemctl-daemon-reload': { time: 60_000, output: 4096 },
  'systemctl-reboot': { time: 30_000, output: 4096 },
  'udevadm-reload': { time: 30_000, output: 4096 },
};
