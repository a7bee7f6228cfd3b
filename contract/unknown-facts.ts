// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from './facts';
import type { PciAddress, PciFunction } from './pci';

/** A fact nobody has read yet; `from` names the place that was asked in vain. */
export const unknownFact = (from: string | null = null): { value: null; from: string | null } => ({
  value: null,
  from,
});

const no = unknownFact;
const tool = (): HostFacts['virtualisation']['qemu'] => ({ present: null, version: null, from: null });

/** Facts in which everything is unknown and nothing is complete: where every reader of a machine starts. */
export function unknownFacts(source: HostFacts['source']): HostFacts {
  return {
    schema: 1,
    source,
    machine: {
      vendor: no(),
      product: no(),
      boardVendor: no(),
      board: no(),
      firmwareVersion: no(),
      chassis: no(),
      virtualised: no(),
      container: no(),
    },
    firmware: { mode: no(), secureBoot: no(), lockdown: no(), setupOnRestart: no() },
    cpu: { architecture: no(), vendor: no(), model: no(), virtualisation: no(), flags: no(), topology: no() },
    memory: { total: no(), available: no(), nodes: no(), hugePages: no(), transparentHugePages: no() },
    kernel: { release: no(), args: no(), modules: no(), builtin: no(), config: no(), bootloaderType: no(), log: no() },
    iommu: {
      units: no(),
      groups: no(),
      groupsComplete: false,
      interruptRemapping: no(),
      unsafeInterrupts: no(),
      table: no(),
      acsOverride: no(),
    },
    pci: { functions: [], complete: false },
    display: unknownDisplay(),
    holders: no(),
    holdersComplete: false,
    system: unknownSystem(),
    virtualisation: unknownVirtualisation(),
    missing: [],
  };
}

function unknownDisplay(): HostFacts['display'] {
  return {
    connectors: no(),
    cards: no(),
    framebuffers: no(),
    consoles: no(),
    bootDisplay: no(),
    manager: no(),
    session: no(),
    remote: no(),
  };
}

function unknownSystem(): HostFacts['system'] {
  return {
    distribution: no(),
    immutable: no(),
    init: no(),
    bootLoader: no(),
    loaderVersion: no(),
    loaderOneShot: no(),
    bootEntry: no(),
    mounts: no(),
    initramfsImage: no(),
    initramfs: no(),
    secureModule: no(),
    powerManagers: no(),
  };
}

function unknownVirtualisation(): HostFacts['virtualisation'] {
  return {
    kvmOpens: no(),
    nested: no(),
    libvirt: tool(),
    qemu: tool(),
    ovmf: tool(),
    swtpm: tool(),
    virsh: tool(),
    vfioModules: no(),
    iommufd: no(),
  };
}

/** A function of which only the address is known, and where that was read. */
export const unknownFunction = (address: PciAddress, from: string): PciFunction => ({
  address,
  vendor: '0000',
  device: '0000',
  subsystemVendor: null,
  subsystemDevice: null,
  class: '0000',
  progIf: null,
  revision: null,
  vendorName: null,
  name: null,
  header: null,
  upstream: [],
  buses: null,
  driver: null,
  driverOverride: null,
  modules: [],
  iommuGroup: null,
  bootVga: null,
  resetMethods: null,
  bars: [],
  link: null,
  power: null,
  numaNode: null,
  sriov: null,
  physicalFunction: null,
  mdevTypes: null,
  hasRom: null,
  linked: [],
  slotLabel: null,
  unknown: [],
  from,
});
