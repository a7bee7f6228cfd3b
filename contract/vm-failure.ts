// SPDX-License-Identifier: GPL-3.0-or-later

/** Causes of what libvirt and QEMU refuse. Sentences `vm.failure.<code>` (the cause) and `vm.failure.<code>.next` (what to do). */
export const vmFailureCodes = [
  'group-not-viable',
  'vfio-container',
  'no-iommu',
  'vfio-node-missing',
  'vfio-permission',
  'device-in-use',
  'card-busy',
  'memory-lock',
  'address-width',
  'not-detached',
  'cannot-reset',
  'device-unreadable',
  'device-gone',
  'no-rom',
  'not-an-endpoint',
  'acs-missing',
  'slot-taken',
  'mdev-missing',
  'no-firmware',
  'no-variables',
  'smm-missing',
  'tpm-missing',
  'tpm-died',
  'no-memory',
  'no-huge-pages',
  'bad-pin',
  'cpu-feature',
  'board-unknown',
  'kvm-missing',
  'image-missing',
  'image-permission',
  'image-locked',
  'image-format',
  'no-direct-io',
  'network-inactive',
  'network-missing',
  'input-missing',
  'no-spice',
  'audio-module',
  'apparmor-denied',
  'libvirt-unreachable',
  'not-allowed',
  'vm-busy',
  'hook-refused',
  'schema',
  'name-taken',
  'no-agent',
  'vm-missing',
  'already-running',
  'not-running',
  'nvram-left',
  'emulator-died',
] as const;
export type VmFailureCode = (typeof vmFailureCodes)[number];

export interface VmFailure {
  readonly code: VmFailureCode;
  /** Short strings of the text: an address, a name, a path. */
  readonly detail: Readonly<Record<string, string>>;
}
