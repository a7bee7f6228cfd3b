// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciAddress } from '../../contract/pci';
import { integer, line } from '../fact';
import { lookAtHolders } from '../holders';
import type { Machine } from '../machine';
import { pciFolder } from '../pci';
import { lookAtFunction } from '../pci-function';

/** Processes only; consoles and kernel users are somewhere else. */
export function isQuiet(machine: Machine, devices: readonly PciAddress[], of: 'own' | 'vfio'): boolean {
  // Each open device holds its driver's module (vfio_df_device_first_open): no reference, no need to ask every process.
  if (of === 'vfio') return integer(machine, '/sys/module/vfio_pci/refcnt') === 0 || openedByVfio(machine, devices).length === 0;
  const functions = devices.flatMap((address) => {
    const one = lookAtFunction(machine, pciFolder, address, null);
    return typeof one === 'string' ? [] : [one];
  });
  const wanted = new Set<string>(devices);
  const { holders } = lookAtHolders(machine, { pci: { functions, complete: true }, machine: onHost });
  return holders.value !== null && holders.value.every((one) => !wanted.has(one.device));
}

/** Our own process is on the host itself: libvirt's hooks and systemd's units run there. */
export const onHost = { vendor: none(), product: none(), boardVendor: none(), board: none(), firmwareVersion: none(), chassis: none(), virtualised: none(), container: { value: 'none', from: null } };
function none(): { value: null; from: null } {
  return { value: null, from: null };
}

/** Who has a group or device node of VFIO open that belongs to one of these; by number, because paths differ between namespaces. */
export function openedByVfio(machine: Machine, devices: readonly PciAddress[]): readonly { readonly pid: number; readonly device: PciAddress }[] {
  const nodes = new Map<number, PciAddress>();
  for (const device of devices) for (const number of vfioNodes(machine, device)) nodes.set(number, device);
  if (nodes.size === 0) return [];
  const pids = machine.names('/proc');
  if (pids.at !== 'is') return [];
  return pids.value
    .filter((name) => /^[1-9]\d{0,9}$/.test(name))
    .flatMap((pid) => {
      const files = machine.names(`/proc/${pid}/fd`);
      for (const file of files.at === 'is' ? files.value : []) {
        const target = machine.target(`/proc/${pid}/fd/${file}`);
        if (target.at !== 'is' || !target.value.includes('vfio')) continue;
        const stat = machine.stat(`/proc/${pid}/fd/${file}`, 'follow');
        const device = stat.at === 'is' ? nodes.get(stat.value.rdev) : undefined;
        if (device !== undefined) return [{ pid: Number(pid), device }];
      }
      return [];
    });
}

function vfioNodes(machine: Machine, device: PciAddress): readonly number[] {
  const link = machine.target(`${pciFolder}/${device}/iommu_group`);
  const group = link.at === 'is' ? link.value.slice(link.value.lastIndexOf('/') + 1) : null;
  const cdevs = machine.names(`${pciFolder}/${device}/vfio-dev`);
  const places = [...(group !== null && /^\d{1,6}$/.test(group) ? [`/dev/vfio/${group}`] : []), ...(cdevs.at === 'is' ? cdevs.value.map((name) => `/dev/vfio/devices/${name}`) : [])];
  return places.flatMap((place) => {
    const stat = machine.stat(place);
    return stat.at === 'is' && stat.value.kind === 'device' ? [stat.value.rdev] : [];
  });
}

/** Whether QEMU of this VM lives, by its command line: libvirt gives `-uuid` to every one. */
export function vmRuns(machine: Machine, uuid: string): boolean {
  const pids = machine.names('/proc');
  if (pids.at !== 'is') return true;
  return pids.value.some((pid) => /^[1-9]\d{0,9}$/.test(pid) && /^(?:qemu|kvm)/.test(line(machine, `/proc/${pid}/comm`) ?? '') && (line(machine, `/proc/${pid}/cmdline`) ?? '').includes(`\0-uuid\0${uuid}`));
}
