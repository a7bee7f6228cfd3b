// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciFunction } from '../contract/pci';

/** A driver and the module that brings it; null when it is built into the kernel. */
export interface Driver {
  readonly driver: string;
  readonly module: string | null;
}

/** Modules whose driver has another name than they have themselves (kernel sources). */
const driverOfModule: Readonly<Record<string, string>> = {
  vfio_pci: 'vfio-pci',
  xhci_pci: 'xhci_hcd',
  ehci_pci: 'ehci-pci',
  ohci_pci: 'ohci-pci',
  i2c_i801: 'i801_smbus',
  i2c_piix4: 'piix4_smbus',
  intel_lpss_pci: 'intel-lpss',
  i2c_nvidia_gpu: 'nvidia-gpu',
  virtio_pci: 'virtio-pci',
  bochs: 'bochs-drm',
  i2c_designware_pci: 'i2c-designware-pci',
};

/** Modules that another one needs first. */
const needs: Readonly<Record<string, readonly string[]>> = {
  vfio_pci: ['irqbypass', 'vfio', 'vfio_pci_core'],
  vfio_iommu_type1: ['vfio'],
  vfio_pci_core: ['irqbypass', 'vfio'],
};
export const neededBy = (module: string): readonly string[] => needs[module] ?? [];

/** `-` and `_` are the same in module names (host.md 5.0). */
export const moduleName = (name: string): string => name.replaceAll('-', '_');
const driverName = (module: string): string => driverOfModule[module] ?? module;

/** Modules that never come by themselves on a distribution that also has the first choice. */
const shy = new Set(['nvidiafb', 'nvidia_drm', 'nova_core', 'vfio_pci', 'snd_soc_avs', 'snd_sof_pci_intel_skl']);

/**
 * The driver a function has when nobody interferes, first, then others that could drive it.
 * A recorded driver wins; without one the modules of the dump; without these what such a device usually has.
 */
export function driversOf(hardware: PciFunction): readonly Driver[] {
  const modules = hardware.modules.map(moduleName);
  const recorded = hardware.driver === 'vfio-pci' || hardware.driver === 'pci-stub' ? null : hardware.driver;
  const able = modules.filter((module) => module !== 'vfio_pci').map((module): Driver => ({ driver: driverName(module), module }));
  if (recorded !== null) {
    const known = able.find((one) => moduleName(one.driver) === moduleName(recorded));
    const first = { driver: recorded, module: known === undefined ? usualModule(recorded) : known.module };
    return [first, ...able.filter((one) => one !== known)];
  }
  if (!hardware.unknown.includes('driver') && hardware.driver === null) return [];
  const bold = able.filter((one) => one.module === null || !shy.has(one.module));
  if (bold.length > 0) return [...bold, ...able.filter((one) => !bold.includes(one))];
  const usual = usualDriver(hardware);
  return usual === null ? [] : [usual];
}

/** Drivers that are part of every kernel this rehearsal knows. */
const builtIn = new Set(['pcieport', 'agpgart-intel', 'agpgart-amd64', 'shpchp', 'intel_idle', 'pci-stub']);
const usualModule = (driver: string): string | null => {
  const special = Object.entries(driverOfModule).find(([, name]) => name === driver);
  return builtIn.has(driver) ? null : (special?.[0] ?? moduleName(driver));
};

const byVendor: Readonly<Record<string, string>> = { '10de': 'nouveau', '1002': 'amdgpu', '8086': 'i915', '1a03': 'ast', '102b': 'mgag200', '1af4': 'virtio_pci', '1234': 'bochs', '1013': 'cirrus' };
const byClass: Readonly<Record<string, string>> = { '0403': 'snd_hda_intel', '0c03': 'xhci_pci', '0108': 'nvme', '0106': 'ahci', '0200': 'e1000e' };

/** What such a device is usually driven by, when the dump does not say: an assumption, named as one. */
export function usualDriver(hardware: PciFunction): Driver | null {
  if (hardware.header === 'bridge' || hardware.class === '0604') return { driver: 'pcieport', module: null };
  const module = hardware.class.startsWith('03') ? byVendor[hardware.vendor] : byClass[hardware.class];
  return module === undefined ? null : { driver: driverName(module), module };
}
