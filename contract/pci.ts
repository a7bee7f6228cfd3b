// SPDX-License-Identifier: GPL-3.0-or-later
import * as z from 'zod';

/** `dddd:bb:dd.f` in lower-case hex; the domain has 4 to 8 digits (Intel VMD gives `10000:e1:00.0`). Source: sysfs-bus-pci. */
export const pciAddress = z
  .string()
  .regex(/^[0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$/)
  .brand('PciAddress');
export type PciAddress = z.infer<typeof pciAddress>;

export const hex4 = z.string().regex(/^[0-9a-f]{4}$/);

/** The fields of a function that a source may have been silent about. `null` in such a field then means nothing at all. */
export const pciFieldNames = [
  'subsystem',
  'progIf',
  'driver',
  'driverOverride',
  'modules',
  'iommuGroup',
  'bootVga',
  'resetMethods',
  'bars',
  'link',
  'power',
  'numaNode',
  'sriov',
  'mdev',
  'rom',
  'topology',
  'revision',
  'buses',
  'linked',
  'physicalFunction',
  'slot',
] as const;
export const pciFieldName = z.enum(pciFieldNames);
export type PciFieldName = z.infer<typeof pciFieldName>;

export const pciBar = z.strictObject({
  /** Line of the `resource` file: 0-5 BARs, 6 expansion ROM. */
  index: z.number().int().min(0).max(6),
  /** Bus address, as hex text without 0x: BARs above 2^53 exist. */
  start: z.string().regex(/^[0-9a-f]{1,16}$/),
  /** Bytes. */
  size: z.number().nonnegative(),
  kind: z.enum(['io', 'memory', 'rom']),
  prefetchable: z.boolean(),
  wide: z.boolean(),
  /** Sizes the BAR can be resized to, in bytes, when the device has the Resizable BAR capability; else null. */
  resizableTo: z.array(z.number().positive()).max(64).nullable(),
});
export type PciBar = z.infer<typeof pciBar>;

export const pciFunction = z.strictObject({
  address: pciAddress,
  vendor: hex4,
  device: hex4,
  subsystemVendor: hex4.nullable(),
  subsystemDevice: hex4.nullable(),
  /** Base class and sub-class, e.g. `0300`. */
  class: hex4,
  progIf: z.string().regex(/^[0-9a-f]{2}$/).nullable(),
  revision: z.string().regex(/^[0-9a-f]{2}$/).nullable(),
  /** Vendor and device as pci.ids or the dump names them; null when nobody named it. */
  vendorName: z.string().max(256).nullable(),
  name: z.string().max(512).nullable(),
  /** `endpoint` = header type 0, `bridge` = header type 1, `cardbus` = 2; null unknown. */
  header: z.enum(['endpoint', 'bridge', 'cardbus']).nullable(),
  /** Bridges between the root bus and this function, nearest the root first; empty on the root bus; meaningless when 'topology' is unknown. */
  upstream: z.array(pciAddress).max(32),
  /** Bus numbers behind a bridge. */
  buses: z.strictObject({ secondary: z.number().int(), subordinate: z.number().int() }).nullable(),
  driver: z.string().max(64).nullable(),
  driverOverride: z.string().max(64).nullable(),
  /** Kernel modules that could drive it (modules.alias, or `Kernel modules:` of lspci). */
  modules: z.array(z.string().max(64)).max(32),
  iommuGroup: z.number().int().nonnegative().nullable(),
  bootVga: z.boolean().nullable(),
  resetMethods: z.array(z.string().max(32)).max(16).nullable(),
  bars: z.array(pciBar).max(8),
  link: z
    .strictObject({
      speed: z.string().max(32).nullable(),
      width: z.number().int().nullable(),
      maxSpeed: z.string().max(32).nullable(),
      maxWidth: z.number().int().nullable(),
    })
    .nullable(),
  power: z
    .strictObject({
      state: z.string().max(16).nullable(),
      runtime: z.string().max(16).nullable(),
      control: z.string().max(16).nullable(),
      d3coldAllowed: z.boolean().nullable(),
    })
    .nullable(),
  numaNode: z.number().int().nonnegative().nullable(),
  /** On a physical function: how many VFs it can have and has now. */
  sriov: z.strictObject({ total: z.number().int(), now: z.number().int() }).nullable(),
  /** On a virtual function: its physical function. */
  physicalFunction: pciAddress.nullable(),
  mdevTypes: z.array(z.strictObject({ id: z.string().max(128), name: z.string().max(128).nullable(), available: z.number().int().nullable() })).max(64).nullable(),
  hasRom: z.boolean().nullable(),
  /** Functions the kernel links to this one as consumer or supplier (GPU <-> its audio, USB, UCSI). */
  linked: z.array(pciAddress).max(16),
  /** Firmware's name of the slot, if any. */
  slotLabel: z.string().max(64).nullable(),
  unknown: z.array(pciFieldName).max(pciFieldNames.length),
  /** Where it was read: its sysfs folder, or `lspci line 12`, or `machine file`. A field's own file is this folder + the field's sysfs name. */
  from: z.string().max(256),
});
export type PciFunction = z.infer<typeof pciFunction>;
