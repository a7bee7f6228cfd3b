// SPDX-License-Identifier: GPL-3.0-or-later
import type { World } from '../world';
import { did, option, refuses, type Call, type Said } from './answer';

/** Debian 12's own, as libvirt 9.0.0 with QEMU 7.2.22 told them, without the models of processors and the lists nobody here reads. */
const versions = ['Compiled against library: libvirt 9.0.0', 'Using library: libvirt 9.0.0', 'Using API: QEMU 9.0.0', 'Running hypervisor: QEMU 7.2.22', 'Running against daemon: 9.0.0', '', ''].join('\n');

const list = (name: string, values: readonly string[]): string => (values.length === 0 ? `<enum name='${name}'/>` : `<enum name='${name}'>${values.map((one) => `<value>${one}</value>`).join('')}</enum>`);

function capabilities(type: 'kvm' | 'qemu', { vendor, vfio }: { readonly vendor: string; readonly vfio: boolean }): string {
  const hyperv = ['relaxed', 'vapic', 'spinlocks', 'vpindex', 'runtime', 'synic', 'stimer', 'reset', 'vendor_id', 'frequencies', 'reenlightenment', 'tlbflush', 'ipi', 'evmcs', 'avic'];
  return `<domainCapabilities>
  <path>/usr/bin/qemu-system-x86_64</path>
  <domain>${type}</domain>
  <machine>pc-q35-7.2</machine>
  <arch>x86_64</arch>
  <vcpu max='288'/>
  <os supported='yes'>
    ${list('firmware', ['efi'])}
    <loader supported='yes'>${list('type', ['rom', 'pflash'])}${list('readonly', ['yes', 'no'])}${list('secure', ['yes', 'no'])}</loader>
  </os>
  <cpu>
    <mode name='host-passthrough' supported='${type === 'kvm' ? 'yes' : 'no'}'/>
    <mode name='host-model' supported='yes'><vendor>${vendor}</vendor></mode>
  </cpu>
  <memoryBacking supported='yes'>${list('sourceType', ['file', 'anonymous', 'memfd'])}</memoryBacking>
  <devices>
    <graphics supported='yes'>${list('type', ['sdl', 'vnc', 'spice', 'egl-headless', 'dbus'])}</graphics>
    <video supported='yes'>${list('modelType', ['vga', 'cirrus', 'vmvga', 'qxl', 'virtio', 'none', 'bochs', 'ramfb'])}</video>
    <hostdev supported='yes'>${list('subsysType', ['usb', 'pci', 'scsi'])}${list('pciBackend', vfio ? ['default', 'vfio'] : [])}</hostdev>
    <tpm supported='yes'>${list('model', ['tpm-tis', 'tpm-crb'])}${list('backendModel', ['passthrough', 'emulator', 'external'])}</tpm>
    <redirdev supported='yes'>${list('bus', ['usb'])}</redirdev>
  </devices>
  <features>
    <hyperv supported='yes'>${list('features', type === 'kvm' ? hyperv : ['spinlocks', 'vendor_id'])}</hyperv>
  </features>
</domainCapabilities>
`;
}

export const abilityCalls: Readonly<Record<string, (call: Call) => Said>> = {
  version: () => did(versions),
  domcapabilities({ world, words }) {
    const type = option(words, '--virttype') === 'kvm' ? 'kvm' : 'qemu';
    if (type === 'kvm' && !hasKvm(world)) return refuses('failed to get emulator capabilities', "invalid argument: KVM is not supported by '/usr/bin/qemu-system-x86_64' on this host");
    const { vendor } = world.build.facts.cpu;
    // libvirt lists the backend where the kernel has groups (virHostdev: IOMMU groups and /dev/vfio/vfio).
    const vfio = [...(world.kernel?.byGroup.keys() ?? [])].length > 0;
    return did(capabilities(type, { vendor: vendor.value === 'intel' ? 'Intel' : 'AMD', vfio }));
  },
};

/** A record that does not say whether KVM opens has it where the processor can. */
function hasKvm({ build }: World): boolean {
  const { virtualisation, cpu } = build.facts;
  return virtualisation.kvmOpens.value ?? cpu.virtualisation.value !== 'none';
}
