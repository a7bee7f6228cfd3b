// SPDX-License-Identifier: GPL-3.0-or-later
import type { VmHost, VmVersion } from '../../../contract/vm-host';

const version = (text: string): VmVersion => {
  const [major = 0, minor = 0, patch = 0] = text.split('.').map(Number);
  return { major, minor, patch };
};

const common = ['relaxed', 'vapic', 'spinlocks', 'vpindex', 'runtime', 'synic', 'stimer', 'reset', 'vendor_id', 'frequencies', 'reenlightenment', 'tlbflush', 'ipi', 'evmcs', 'avic'];

/** A host with everything a desktop distribution ships, by the versions of its libvirt and QEMU. */
export function hostWith(libvirt: string, qemu: string, change: Partial<VmHost> = {}): VmHost {
  const told = version(libvirt).major >= 9;
  const newer = version(libvirt).major > 10 || (version(libvirt).major === 10 && version(libvirt).minor >= 7);
  return {
    schema: 1,
    connection: 'system',
    libvirt: version(libvirt),
    qemu: version(qemu),
    emulator: '/usr/bin/qemu-system-x86_64',
    accelerated: true,
    board: null,
    maxVcpus: 288,
    efi: true,
    secureLoader: true,
    hostPassthrough: true,
    cpuVendor: 'amd',
    graphics: ['sdl', 'vnc', 'spice', 'egl-headless'],
    video: ['vga', 'cirrus', 'vmvga', 'virtio', 'none', 'bochs', 'ramfb'],
    hyperv: told ? [...common, ...(newer ? ['emsr_bitmap', 'xmm_input'] : [])] : null,
    tpmModels: ['tpm-tis', 'tpm-crb'],
    tpmBackends: ['passthrough', 'emulator'],
    hostdevKinds: ['usb', 'pci', 'scsi'],
    pciBackends: ['default', 'vfio'],
    memorySources: ['file', 'anonymous', 'memfd'],
    redirdev: true,
    iommufd: null,
    steadyClock: true,
    apicv: true,
    ...change,
  };
}

/** The pairs the distributions ship: Ubuntu 22.04, Debian 12, Ubuntu 24.04, Debian 13, Debian testing. */
export const versions = [
  ['8.0.0', '6.2.0'],
  ['9.0.0', '7.2.22'],
  ['10.0.0', '8.2.2'],
  ['11.3.0', '10.0.13'],
  ['12.8.0', '11.1.2'],
] as const;
