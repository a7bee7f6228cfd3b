// SPDX-License-Identifier: GPL-3.0-or-later
import type { VmHost, VmVersion } from '../../contract/vm-host';

/** From which libvirt, and where it matters QEMU, a part of the XML is known. Source: libvirt's release notes and manual, QEMU's. */
const gates = {
  /** `<os firmware='efi'>` with features chosen by libvirt. */
  'firmware-features': { libvirt: [7, 2] },
  'hyperv-avic': { libvirt: [8, 10], qemu: [6, 2] },
  'hyperv-fast-input': { libvirt: [10, 7], qemu: [7, 1] },
  'tlbflush-children': { libvirt: [11, 0], qemu: [7, 1] },
  'allocation-threads': { libvirt: [8, 2] },
  'physical-bits': { libvirt: [8, 7] },
  'audio-pipewire': { libvirt: [9, 10], qemu: [8, 1] },
  'iommufd': { libvirt: [12, 2], qemu: [9, 0] },
} as const satisfies Record<string, { libvirt: readonly [number, number]; qemu?: readonly [number, number] }>;
export type Gate = keyof typeof gates;

const from = (version: VmVersion, [major, minor]: readonly [number, number]): boolean => version.major > major || (version.major === major && version.minor >= minor);

/** Whether this machine's libvirt and QEMU know a part of the XML. */
export function knows(host: VmHost, gate: Gate): boolean {
  const needed: { readonly libvirt: readonly [number, number]; readonly qemu?: readonly [number, number] } = gates[gate];
  return from(host.libvirt, needed.libvirt) && (needed.qemu === undefined || from(host.qemu, needed.qemu));
}

/** The oldest libvirt and QEMU for which XML is drawn. */
export const floor = { libvirt: [8, 0], qemu: [6, 2] } as const;
export const isNewEnough = (host: VmHost): boolean => from(host.libvirt, floor.libvirt) && from(host.qemu, floor.qemu);

/** True when a list names it, or when the host's libvirt is too old to have told the list. */
export const mayUse = (list: readonly string[] | null, name: string): boolean => list === null || list.includes(name);
