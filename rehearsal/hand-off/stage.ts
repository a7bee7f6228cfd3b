// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciAddress } from '../../contract/pci';
import { writeAt } from '../files';
import type { Rehearsal } from '../machine';
import { seat, type Desktop, type Seating } from './desktop';
import { deskViews } from './views';

/** Seats somebody at a machine that is up, with libvirt's hook and its table in place. Done again after each start. */
export function seatAt({ world }: Rehearsal, seating: Seating, table: string): Desktop {
  const { kernel, disk } = world;
  if (kernel === null) throw new Error('the machine is off');
  const desktop = seat(kernel, seating);
  world.computed = deskViews(kernel, desktop, world.computed);
  writeAt(disk, '/etc/libvirt/hooks/switchyard-devices', table, { mode: 0o644 });
  writeAt(disk, '/usr/bin/systemd-run', 'program\n', { mode: 0o755 });
  return desktop;
}

/** A definition as libvirt prints it, with these host devices; `apart`: threads of the host it is pinned to and wants for itself. */
export function definition(uuid: string, devices: readonly PciAddress[], apart: readonly number[] = []): string {
  const pins = apart.map((thread, vcpu) => `    <vcpupin vcpu='${vcpu}' cpuset='${thread}'/>\n`);
  const wish = apart.length === 0 ? '' : `  <metadata>\n    <switchyard:vm xmlns:switchyard='urn:switchyard:vm:1' schema='1' graphics='passthrough' threads='apart'/>\n  </metadata>\n  <cputune>\n${pins.join('')}  </cputune>\n`;
  const hosts = devices.map((address) => {
    const [domain, bus, rest = ''] = address.split(':');
    const [slot, fn] = rest.split('.');
    return `    <hostdev mode='subsystem' type='pci' managed='no'>\n      <driver name='vfio'/>\n      <source>\n        <address domain='0x${domain}' bus='0x${bus}' slot='0x${slot}' function='0x${fn}'/>\n      </source>\n      <address type='pci' domain='0x0000' bus='0x05' slot='0x00' function='0x0'/>\n    </hostdev>\n`;
  });
  return `<domain type='kvm'>\n  <name>win11</name>\n  <uuid>${uuid}</uuid>\n${wish}  <devices>\n${hosts.join('')}  </devices>\n</domain>\n`;
}
