// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciFunction } from '../../contract/pci';
import { ourNamespace } from '../../core/vm/domain';

/** libvirt's words for giving a function to a VM. libvirt.org/formatdomain.html#pci-devices. */
const hostdev = ({ address }: PciFunction, managed: 'yes' | 'no'): string => {
  const [, domain = '', bus = '', slot = '', fn = ''] = /^([0-9a-f]+):([0-9a-f]+):([0-9a-f]+)\.([0-7])$/.exec(address) ?? [];
  return `<hostdev mode="subsystem" type="pci" managed="${managed}"><source><address domain="0x${domain}" bus="0x${bus}" slot="0x${slot}" function="0x${fn}"/></source></hostdev>`;
};

/** Words of a definition that pin its one virtual CPU to a thread of the host, which it wants for itself. */
export const apartOn = (thread: number): string =>
  `<metadata><switchyard:vm xmlns:switchyard="${ourNamespace}" schema="1" threads="apart"/></metadata><cputune><vcpupin vcpu="0" cpuset="${String(thread)}"/></cputune>`;

/** A line of sh that defines a VM which runs its firmware only, with these functions of the host; `more` devices, and `around` them. */
export function defineVm(name: string, functions: readonly PciFunction[], { managed = 'yes', more = '', around = '' }: { readonly managed?: 'yes' | 'no'; readonly more?: string; readonly around?: string } = {}): string {
  const xml =
    `<domain type="qemu"><name>${name}</name><memory unit="MiB">256</memory><vcpu>1</vcpu>${around}<os><type arch="x86_64" machine="q35">hvm</type></os><features><acpi/></features>` +
    `<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>${functions.map((one) => hostdev(one, managed)).join('')}${more}</devices></domain>`;
  return `printf '%s' '${xml}' > /tmp/${name}.xml && virsh -q define /tmp/${name}.xml > /dev/null;`;
}
