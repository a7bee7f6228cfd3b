// SPDX-License-Identifier: GPL-3.0-or-later
import * as z from 'zod';
import { deviceIdentity } from './identity';
import { vmUuid } from './vm';

/** Sizes of huge pages that can be asked for, in KiB (kernel doc hugetlbpage.rst): 2 MiB while the machine runs, 1 GiB best at its start. */
export const hugePageSizes = [2048, 1_048_576] as const;
export const hugePageSize = z.union([z.literal(2048), z.literal(1_048_576)]);
export type HugePageSize = z.infer<typeof hugePageSize>;

/** Groups that open something a VM needs; no other group is ever given to anybody. */
export const grantedGroups = ['libvirt', 'kvm', 'input'] as const;
export const grantedGroup = z.enum(grantedGroups);
export type GrantedGroup = z.infer<typeof grantedGroup>;

/** A login name as useradd(8) makes them; it becomes an argument, so its grammar is narrow. */
export const loginName = z.string().regex(/^[a-z_][a-z0-9_-]{0,31}$/);
/** A libvirt network or pool; it becomes an argument and part of a file's name. */
export const libvirtName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/);

/** Something of the machine that is no file of ours: one value, that the kernel or a program keeps, and that can be looked up again. */
export const setting = z.discriminatedUnion('setting', [
  /** Which driver has a function, and which one may: `OVERRIDE DRIVER`, `-` for none. Gone with the next start. */
  z.strictObject({ setting: z.literal('driver'), device: deviceIdentity }),
  /** How many pages are in the pool, of one NUMA node or (null) of all. Gone with the next start. */
  z.strictObject({ setting: z.literal('huge-pages'), sizeKiB: hugePageSize, numa: z.number().int().min(0).max(1023).nullable() }),
  /** Whether libvirt starts a network or pool by itself: `on` or `off`. */
  z.strictObject({ setting: z.literal('autostart'), of: z.enum(['network', 'pool']), name: libvirtName }),
  /** Whether a person is in a group, by /etc/group: `in` or `out`. */
  z.strictObject({ setting: z.literal('membership'), group: grantedGroup, uid: z.number().int().min(1).max(4_294_967_294), user: loginName }),
  /** A VM's firmware variables and TPM state, as digests: `NVRAM TPM`, `-` for none. Where they lie libvirt says (core/read/vm-places.ts). */
  z.strictObject({ setting: z.literal('vm-state'), vm: vmUuid }),
]);
export type Setting = z.infer<typeof setting>;
export type SettingOf<K extends Setting['setting']> = Extract<Setting, { readonly setting: K }>;

/** A value as it was found, or what it is to become: words of a driver's or group's grammar, or a number. */
export const settingValue = z.string().regex(/^[A-Za-z0-9_.-]{1,64}(?: [A-Za-z0-9_.-]{1,64})?$/);
