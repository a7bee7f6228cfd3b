// SPDX-License-Identifier: GPL-3.0-or-later
import * as z from 'zod';

/** A version as libvirt and QEMU count: major, minor, patch. */
export const vmVersion = z.strictObject({ major: z.number().int().min(0).max(999), minor: z.number().int().min(0).max(999), patch: z.number().int().min(0).max(999) });
export type VmVersion = z.infer<typeof vmVersion>;

const words = z.array(z.string().max(64)).max(256);
/** A list the host's libvirt may be too old to tell; null then means *not told*, never "none". */
const told = words.nullable();

/**
 * What the libvirt and QEMU of a machine can do, as they told it themselves (`virsh version`, `virsh domcapabilities`).
 * Names are libvirt's own: `vnc`, `bochs`, `tpm-crb` ...
 */
export const vmHost = z.strictObject({
  schema: z.literal(1),
  connection: z.enum(['system', 'session']),
  libvirt: vmVersion,
  qemu: vmVersion,
  emulator: z.string().max(1024),
  /** Whether these abilities are those of `type='kvm'`; false: only emulation works here. */
  accelerated: z.boolean(),
  /** The board that `q35` stands for: `pc-q35-9.2`; null when not told. */
  board: z.string().max(64).nullable(),
  maxVcpus: z.number().int().positive().nullable(),
  /** Firmware chosen by libvirt itself (`<os firmware='efi'>`). */
  efi: z.boolean(),
  /** Whether a Secure Boot build can be chosen. */
  secureLoader: z.boolean(),
  hostPassthrough: z.boolean(),
  /** Vendor of the host's processor as the host model names it. */
  cpuVendor: z.enum(['intel', 'amd', 'other']).nullable(),
  graphics: told,
  video: told,
  /** Since libvirt 9.0. */
  hyperv: told,
  tpmModels: told,
  tpmBackends: told,
  /** Kinds of host devices: `usb`, `pci`, `scsi`, `mdev` ... */
  hostdevKinds: told,
  /** Empty: this host has no working VFIO. */
  pciBackends: told,
  memorySources: told,
  redirdev: z.boolean().nullable(),
  /** Whether the host's time stamp counter never stops (`nonstop_tsc`); null unknown. Read from the machine, not told by libvirt. */
  steadyClock: z.boolean().nullable(),
  /** Whether KVM delivers interrupts without leaving the guest (APICv, AVIC); null unknown. Read from the machine. */
  apicv: z.boolean().nullable(),
  /** Since libvirt 12.1. */
  iommufd: z.boolean().nullable(),
});
export type VmHost = z.infer<typeof vmHost>;
