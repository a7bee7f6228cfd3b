// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../contract/facts';
import { readSwitch } from '../core/read/sysfs/numbers';
import { firstKnown, fromText, known, unknown } from './fact';
import type { Machine } from './machine';
import { packages } from './packages';

type Virtualisation = HostFacts['virtualisation'];
type Tool = Virtualisation['qemu'];

/** What a virtual machine needs from this system. */
export function lookAtVirtualisation(machine: Machine): Virtualisation {
  const versionOf = packages(machine);
  const kvm = machine.may('/dev/kvm', 'write');
  const modules = machine.names('/sys/module');
  const devices = machine.names('/dev');
  return {
    kvmOpens: kvm === null ? unknown('/dev/kvm') : known(kvm, '/dev/kvm'),
    nested: firstKnown(
      () => fromText(machine, '/sys/module/kvm_intel/parameters/nested', readSwitch),
      () => fromText(machine, '/sys/module/kvm_amd/parameters/nested', readSwitch),
    ),
    libvirt: lookForTool(
      machine,
      ['/usr/sbin/virtqemud', '/usr/sbin/libvirtd', '/usr/bin/virtqemud', '/usr/bin/libvirtd'],
      () => versionOf(['libvirt-daemon', 'libvirt-daemon-driver-qemu', 'libvirt']),
    ),
    qemu: lookForTool(
      machine,
      ['/usr/bin/qemu-system-x86_64', '/usr/libexec/qemu-kvm', '/usr/bin/qemu-system-aarch64'],
      () =>
        versionOf(['qemu-system-x86', 'qemu-base', 'qemu-desktop', 'qemu-full', 'qemu-system-arm']) ??
        asked(machine, 'qemu-version'),
    ),
    ovmf: lookForTool(machine, ovmfPlaces, () => versionOf(['ovmf', 'edk2-ovmf'])),
    swtpm: lookForTool(machine, ['/usr/bin/swtpm'], () => versionOf(['swtpm'])),
    virsh: lookForTool(
      machine,
      ['/usr/bin/virsh'],
      () => versionOf(['libvirt-clients', 'libvirt']) ?? asked(machine, 'virsh-version'),
    ),
    vfioModules:
      modules.at === 'is'
        ? known(
            modules.value
              .filter((name) => /^vfio/.test(name))
              .sort()
              .slice(0, 32),
            '/sys/module',
          )
        : unknown('/sys/module'),
    iommufd: devices.at === 'is' ? known(devices.value.includes('iommu'), '/dev/iommu') : unknown('/dev/iommu'),
  };
}

const ovmfPlaces = [
  '/usr/share/OVMF/OVMF_CODE_4M.fd',
  '/usr/share/OVMF/OVMF_CODE.fd',
  '/usr/share/edk2/x64/OVMF_CODE.4m.fd',
  '/usr/share/edk2/ovmf/OVMF_CODE.fd',
  '/usr/share/edk2/ovmf/OVMF_CODE_4M.qcow2',
  '/usr/share/qemu/ovmf-x86_64-4m-code.bin',
  '/usr/share/qemu/ovmf-x86_64-code.bin',
];

function lookForTool(machine: Machine, places: readonly string[], version: () => string | null): Tool {
  let hidden: string | null = null;
  for (const place of places) {
    const look = machine.stat(place, 'follow');
    if (look.at === 'is') return { present: true, version: version(), from: place };
    if (look.at === 'unreadable') hidden ??= place;
  }
  return { present: hidden === null ? false : null, version: null, from: hidden ?? places[0] ?? null };
}

/** A version from the program itself, where no file of the package system gave one. */
function asked(machine: Machine, program: 'qemu-version' | 'virsh-version'): string | null {
  const look = machine.run(program);
  return look.at === 'is' ? (/\d+(?:\.\d+){1,3}/.exec(look.value)?.[0] ?? null) : null;
}
