// SPDX-License-Identifier: GPL-3.0-or-later

/** What sits in a slot. Functions are QEMU device models standing in for a card and its neighbours. */
type Slot =
  /** A graphics card with its sound function, alone behind a root port with ACS. */
  | { readonly kind: 'card'; readonly model: 'ati-vga' | 'secondary-vga' | 'VGA' }
  /** A port without ACS: a conventional bridge with a card and a network card share one group with the port. */
  | { readonly kind: 'shared' }
  /** A switch on the card: graphics behind one downstream port, sound behind its sibling, on another bus. */
  | { readonly kind: 'switch' }
  /** A network card that can make seven virtual functions. */
  | { readonly kind: 'sriov' }
  | { readonly kind: 'usb' };

export interface Topology {
  readonly firmware: 'bios' | 'uefi';
  readonly loader: 'grub' | 'systemd-boot';
  /** `strict`: caching mode, which makes the kernel use strict translation. */
  readonly iommu: 'intel' | 'intel-strict' | 'none';
  readonly slots: readonly Slot[];
  /** No screen but those of the slots: the computer's only card is one that can be handed over. */
  readonly onlySlots?: true;
  /** Debian packages that only this machine has beside those of the image. */
  readonly packages?: readonly string[];
}

/**
 * The machines of the lab, as data. AMD's and virtio's IOMMU do not work under QEMU without KVM:
 * recorded machines of the corpus stand for them.
 */
export const topologies = {
  'intel-one-card': { firmware: 'bios', loader: 'grub', iommu: 'intel', slots: [{ kind: 'card', model: 'ati-vga' }, { kind: 'usb' }, { kind: 'sriov' }, { kind: 'shared' }] },
  'intel-two-cards': { firmware: 'bios', loader: 'grub', iommu: 'intel', slots: [{ kind: 'card', model: 'ati-vga' }, { kind: 'card', model: 'ati-vga' }] },
  // By UEFI: SeaBIOS sets half a gibibyte below 4 GiB aside for each port with a slot, and finds no room for these.
  'intel-switch': { firmware: 'uefi', loader: 'grub', iommu: 'intel-strict', slots: [{ kind: 'switch' }, { kind: 'usb' }] },
  // QEMU's VGA has a driver in Linux (bochs-drm) that draws a console and a desktop and lets go of the card; xdm is the log-in screen with the fewest packages.
  'intel-only-card': { firmware: 'bios', loader: 'grub', iommu: 'intel', slots: [{ kind: 'card', model: 'VGA' }], onlySlots: true, packages: ['xdm', 'xserver-xorg-core'] },
  'no-iommu': { firmware: 'bios', loader: 'grub', iommu: 'none', slots: [{ kind: 'card', model: 'ati-vga' }] },
  'uefi-one-card': { firmware: 'uefi', loader: 'grub', iommu: 'intel', slots: [{ kind: 'card', model: 'ati-vga' }] },
  'systemd-boot': { firmware: 'uefi', loader: 'systemd-boot', iommu: 'intel', slots: [{ kind: 'card', model: 'ati-vga' }] },
} as const satisfies Readonly<Record<string, Topology>>;
export type TopologyName = keyof typeof topologies;
export const topologyNames = Object.keys(topologies).filter((name): name is TopologyName => name in topologies);

const iommuDevice: Readonly<Record<Topology['iommu'], readonly string[]>> = {
  intel: ['-device', 'intel-iommu,intremap=on,aw-bits=48'],
  'intel-strict': ['-device', 'intel-iommu,intremap=on,caching-mode=on,aw-bits=48'],
  none: [],
};

/** QEMU arguments of the machine itself: everything that a snapshot is bound to. */
export function machineArgs(topology: Topology): readonly string[] {
  return [
    ...['-machine', 'q35', '-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-m', '3072'],
    ...['-display', 'none', '-vga', 'none', '-nodefaults', '-no-user-config'],
    ...iommuDevice[topology.iommu],
    ...(topology.onlySlots === true ? [] : ['-device', 'VGA,id=bootvga,bus=pcie.0,addr=01.0']),
    ...['-device', 'virtio-rng-pci,bus=pcie.0,addr=04.0'],
    ...topology.slots.flatMap((slot, index) => slotArgs(slot, index)),
  ];
}

function slotArgs(slot: Slot, index: number): readonly string[] {
  const port = `rp${index}`;
  const root = (more: string): string[] => [
    '-device',
    `pcie-root-port,id=${port},bus=pcie.0,addr=10.${index.toString(16)},chassis=${index + 1}${index === 0 ? ',multifunction=on' : ''}${more}`,
  ];
  const sound = (bus: string, address: string): string[] => [
    ...['-audiodev', `none,id=sound${index}`],
    ...['-device', `intel-hda,id=hda${index},bus=${bus},addr=${address}`, '-device', `hda-output,bus=hda${index}.0,audiodev=sound${index}`],
  ];
  switch (slot.kind) {
    case 'card':
      return [...root(''), '-device', `${slot.model},id=gpu${index},bus=${port},addr=00.0,multifunction=on`, ...sound(port, '00.1')];
    case 'shared':
      return [
        ...root(',disable-acs=on'),
        ...['-device', `pcie-pci-bridge,id=br${index},bus=${port}`, '-device', `secondary-vga,id=gpu${index},bus=br${index},addr=01.0`],
        ...['-device', `e1000,id=e${index},bus=br${index},addr=02.0,romfile=`],
      ];
    case 'switch':
      return [
        ...root(''),
        ...['-device', `x3130-upstream,id=up${index},bus=${port}`],
        ...['-device', `xio3130-downstream,id=da${index},bus=up${index},chassis=${index + 64},slot=1,addr=00.0`],
        ...['-device', `xio3130-downstream,id=db${index},bus=up${index},chassis=${index + 65},slot=2,addr=01.0`],
        ...['-device', `ati-vga,id=gpu${index},bus=da${index}`],
        ...sound(`db${index}`, '00.0'),
      ];
    case 'sriov':
      return [...root(''), '-netdev', `user,id=net${index},restrict=on`, '-device', `igb,id=igb${index},netdev=net${index},bus=${port},romfile=`];
    case 'usb':
      return [...root(''), '-device', `qemu-xhci,id=usb${index},bus=${port}`, '-device', `usb-kbd,bus=usb${index}.0`];
  }
}

/** UEFI variables live in a file beside the disk; qcow2, because a RAM snapshot wants every writable disk to hold its part. */
export function firmwareArgs(topology: Topology, variables: string): readonly string[] {
  if (topology.firmware === 'bios') return [];
  return [
    ...['-drive', `if=pflash,format=raw,readonly=on,file=${firmware.code}`],
    ...['-drive', `if=pflash,format=qcow2,file=${variables}`],
  ];
}

/** The distribution's UEFI and its empty variables. */
export const firmware = { code: '/usr/share/OVMF/OVMF_CODE_4M.fd', variables: '/usr/share/OVMF/OVMF_VARS_4M.fd' } as const;
