// SPDX-License-Identifier: GPL-3.0-or-later
import * as z from 'zod';
import { detail } from './judged';
import { pciAddress } from './pci';

/** What speaks for, against or beside a graphics mode on this machine, beyond what is known of its cards. Sentence `vm.mode.<code>`. */
export const vmModeCodes = [
  'always',
  'slow-without-kvm',
  'kvm-unknown',
  'libvirt-missing',
  'emulator-missing',
  'old-versions',
  'other-processor',
  'needs-system-rights',
  'vfio-not-ready',
  'no-gl-screen',
  'windows-no-3d',
  'no-drawing-card',
  'no-card',
  'no-such-card',
  'software-drawn',
] as const;
export type VmModeCode = (typeof vmModeCodes)[number];

const reason = z.strictObject({ code: z.string().min(1).max(96), detail, evidence: z.array(z.strictObject({ place: z.string().max(256), value: z.string().max(4096) })).max(256) });

/** One graphics mode on this machine: whether it can be had, with which card and how, why, and what it costs. */
export const vmMode = z.strictObject({
  mode: z.enum(['vga', 'virtio-3d', 'passthrough', 'mdev', 'sriov', 'none']),
  possible: z.enum(['yes', 'conditional', 'no', 'unknown']),
  card: z.strictObject({ address: pciAddress, name: z.string().max(1024) }).nullable(),
  /** How a whole card is given. */
  way: z.enum(['dedicated', 'on-demand', 'single-card']).nullable(),
  /** Of the card: codes of findings. */
  reasons: z.array(reason).max(64),
  costs: z.array(reason).max(64),
  /** Of the VM's programs. */
  notes: z.array(z.enum(vmModeCodes)).max(16),
});
export type VmMode = z.infer<typeof vmMode>;
