// SPDX-License-Identifier: GPL-3.0-or-later
import * as z from 'zod';
import { deviceIdentity } from './identity';
import { pciAddress } from './pci';
import { grantedGroup, hugePageSize, libvirtName, loginName } from './setting';

const id = z.string().regex(/^[a-z][a-z0-9-]{0,47}$/);
/** Done at once, without a trial: no start of the machine depends on it to reach a screen. */
const now = z.literal('now');
const head = { phase: now, id };
/** A kernel module or one of its parameters, as modprobe.d(5) spells them. */
const word = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,47}$/);
const value = z.string().regex(/^[A-Za-z0-9_.:,-]{1,128}$/);

export const modprobeContent = z.strictObject({
  options: z.array(z.strictObject({ module: word, name: word, value })).max(32),
  /** `softdep <module> pre: <before>`. */
  before: z.array(z.strictObject({ module: word, before: word })).max(32),
});
export type ModprobeContent = z.infer<typeof modprobeContent>;

/** Memory a process may lock: KiB, or null without limit. */
const memlockKiB = z.number().int().min(65_536).max(17_179_869_184).nullable();

/** A function our hook moves. `single`, the same for all of one slot: its move ends the desktop, and what is done where a driver then hangs. */
export const managedFunction = deviceIdentity.extend({ single: z.enum(['leave-stuck', 'restart-when-stuck']).exactOptional() });
export type ManagedFunction = z.infer<typeof managedFunction>;

/** Whole files of ours in folders that the system reads, each with its own closed content. */
export const ownContents = {
  'modprobe-config': modprobeContent,
  'modules-load': z.array(word).min(1).max(32),
  /** vm.nr_hugepages: pages of 2 MiB of every start, spread over all NUMA nodes. */
  sysctl: z.strictObject({ hugePages: z.number().int().min(1).max(8_388_608) }),
  limits: z.strictObject({ group: grantedGroup, memlockKiB }),
  /** A drop-in of `user@.service`: limits.d does not reach what a person's own service manager starts. */
  'unit-drop-in': z.strictObject({ memlockKiB }),
  /** `vfio`: a group that may open VFIO's nodes. `silent`: sound functions that sound servers leave alone, because they move with a VM. */
  'udev-rule': z.strictObject({ vfio: grantedGroup.optional(), silent: z.array(pciAddress).min(1).max(16).optional() }),
  tmpfiles: z.strictObject({ sharedMemory: grantedGroup }),
  'hook-table': z.array(managedFunction).min(1).max(64),
  'libvirt-hook': z.literal('hook'),
  /** Our lines in the local addition of libvirt's AppArmor abstraction: the administrator's file, so a block. */
  'apparmor-rule': z.array(z.enum(['shared-memory'])).min(1).max(8),
} as const;
export type OwnPlace = keyof typeof ownContents;
export type OwnContent<P extends OwnPlace> = z.infer<(typeof ownContents)[P]>;
const isOwnPlace = (name: string): name is OwnPlace => Object.hasOwn(ownContents, name);
export const ownPlaces: readonly OwnPlace[] = Object.keys(ownContents).filter(isOwnPlace);

/** What our files hold now; left out where a plan is not about them, null where there is none. */
export const ownNow = z.strictObject({
  'modprobe-config': ownContents['modprobe-config'].nullable().optional(),
  'modules-load': ownContents['modules-load'].nullable().optional(),
  sysctl: ownContents.sysctl.nullable().optional(),
  limits: ownContents.limits.nullable().optional(),
  'unit-drop-in': ownContents['unit-drop-in'].nullable().optional(),
  'udev-rule': ownContents['udev-rule'].nullable().optional(),
  tmpfiles: ownContents.tmpfiles.nullable().optional(),
  'hook-table': ownContents['hook-table'].nullable().optional(),
  'libvirt-hook': ownContents['libvirt-hook'].nullable().optional(),
  'apparmor-rule': ownContents['apparmor-rule'].nullable().optional(),
});
export type OwnNow = z.infer<typeof ownNow>;

/** Content null: our file goes. */
const fileSteps = [
  z.strictObject({ kind: z.literal('modprobe-config'), ...head, content: ownContents['modprobe-config'].nullable() }),
  z.strictObject({ kind: z.literal('modules-load'), ...head, content: ownContents['modules-load'].nullable() }),
  z.strictObject({ kind: z.literal('sysctl'), ...head, content: ownContents.sysctl.nullable() }),
  z.strictObject({ kind: z.literal('limits'), ...head, content: ownContents.limits.nullable() }),
  z.strictObject({ kind: z.literal('unit-drop-in'), ...head, content: ownContents['unit-drop-in'].nullable() }),
  z.strictObject({ kind: z.literal('udev-rule'), ...head, content: ownContents['udev-rule'].nullable() }),
  z.strictObject({ kind: z.literal('tmpfiles'), ...head, content: ownContents.tmpfiles.nullable() }),
  z.strictObject({ kind: z.literal('hook-table'), ...head, content: ownContents['hook-table'].nullable() }),
  z.strictObject({ kind: z.literal('libvirt-hook'), ...head, content: ownContents['libvirt-hook'].nullable() }),
  z.strictObject({ kind: z.literal('apparmor-rule'), ...head, content: ownContents['apparmor-rule'].nullable() }),
] as const;

/** What the kernel or a program keeps: contract/setting.ts. */
const settingSteps = [
  z.strictObject({ kind: z.literal('move-device'), ...head, device: deviceIdentity, to: z.enum(['vfio-pci', 'host']) }),
  z.strictObject({ kind: z.literal('huge-pages'), ...head, sizeKiB: hugePageSize, numa: z.number().int().min(0).max(1023).nullable(), count: z.number().int().min(0).max(8_388_608) }),
  z.strictObject({ kind: z.literal('autostart'), ...head, of: z.enum(['network', 'pool']), name: libvirtName, /** Only where a restore leads it back: otherwise on. */ to: z.enum(['on', 'off']).exactOptional() }),
  z.strictObject({ kind: z.literal('membership'), ...head, group: grantedGroup, uid: z.number().int().min(1).max(4_294_967_294), user: loginName, /** Only where a restore leads it back: otherwise in. */ to: z.enum(['in', 'out']).exactOptional() }),
] as const;

/** Every step that needs no trial. */
export const stepsNow = [...fileSteps, ...settingSteps] as const;
