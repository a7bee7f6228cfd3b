// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';

/** What a person may have to look for in the firmware's settings. */
export type FirmwareTopic = 'virtualisation' | 'iommu' | 'above-4g' | 'uefi';
type Menu = Readonly<Record<FirmwareTopic, string>>;

/**
 * Menu words by maker and processor (host.md 2.1; hints only: names move between firmware versions). They are what the screen shows,
 * so they are not translated.
 */
const menus: readonly { readonly maker: RegExp; readonly name: string; readonly intel: Menu; readonly amd: Menu }[] = [
  {
    maker: /asus/i,
    name: 'ASUS',
    intel: {
      virtualisation: 'Advanced > CPU Configuration > Intel (VMX) Virtualization Technology',
      iommu: 'Advanced > System Agent (SA) Configuration > VT-d',
      'above-4g': 'Advanced > PCI Subsystem Settings > Above 4G Decoding, Re-Size BAR Support',
      uefi: 'Boot > CSM',
    },
    amd: {
      virtualisation: 'Advanced > CPU Configuration > SVM Mode',
      iommu: 'Advanced > AMD CBS > NBIO Common Options > IOMMU',
      'above-4g': 'Advanced > PCI Subsystem Settings > Above 4G Decoding, Re-Size BAR Support',
      uefi: 'Boot > CSM',
    },
  },
  {
    maker: /\bmsi\b|micro-star/i,
    name: 'MSI',
    intel: {
      virtualisation: 'OC > CPU Features > Intel Virtualization Tech',
      iommu: 'OC > CPU Features > Intel VT-D Tech',
      'above-4g': 'Settings > Advanced > PCIe/PCI Sub-system Settings > Above 4G memory, Re-Size BAR Support',
      uefi: 'Settings > Advanced > BIOS CSM/UEFI Mode',
    },
    amd: {
      virtualisation: 'OC > Advanced CPU Configuration > SVM Mode',
      iommu: 'Settings > Advanced > AMD CBS > IOMMU',
      'above-4g': 'Settings > Advanced > PCIe/PCI Sub-system Settings > Above 4G memory, Re-Size BAR Support',
      uefi: 'Settings > Advanced > BIOS CSM/UEFI Mode',
    },
  },
  {
    maker: /gigabyte|aorus/i,
    name: 'Gigabyte',
    intel: {
      virtualisation: 'Tweaker > Advanced CPU Settings > Intel VMX',
      iommu: 'Settings > Miscellaneous > VT-d',
      'above-4g': 'Settings > IO Ports > Above 4G Decoding, Re-Size BAR Support',
      uefi: 'Boot > CSM Support',
    },
    amd: {
      virtualisation: 'Tweaker > Advanced CPU Settings > SVM Mode',
      iommu: 'Settings > Miscellaneous > IOMMU (or AMD CBS > NBIO Common Options)',
      'above-4g': 'Settings > IO Ports > Above 4G Decoding, Re-Size BAR Support',
      uefi: 'Boot > CSM Support',
    },
  },
  {
    maker: /asrock/i,
    name: 'ASRock',
    intel: {
      virtualisation: 'Advanced > CPU Configuration > Intel Virtualization Technology',
      iommu: 'Advanced > Chipset Configuration > VT-d',
      'above-4g': 'Advanced > Chipset Configuration > Above 4G Decoding, C.A.M. / Re-Size BAR',
      uefi: 'Boot > CSM',
    },
    amd: {
      virtualisation: 'Advanced > CPU Configuration > SVM Mode',
      iommu: 'Advanced > AMD CBS > NBIO > IOMMU',
      'above-4g': 'Advanced > Chipset (or PCI) Configuration > Above 4G Decoding, C.A.M. / Re-Size BAR',
      uefi: 'Boot > CSM',
    },
  },
  same(/dell|alienware/i, 'Dell', {
    virtualisation: 'Virtualization Support > Virtualization',
    iommu: 'Virtualization Support > VT for Direct I/O',
    'above-4g': 'Video / Advanced',
    uefi: 'Boot Configuration',
  }),
  same(/hewlett|\bhpe?\b/i, 'HP', {
    virtualisation: 'Security > System Security > Virtualization Technology (VTx)',
    iommu: 'Security > System Security > Virtualization Technology for Directed I/O (VTd)',
    'above-4g': 'Advanced > Built-in/Slot Settings',
    uefi: 'Advanced > Boot Options',
  }),
  same(/lenovo|thinkpad/i, 'Lenovo', {
    virtualisation: 'Security > Virtualization > Intel VT-x / AMD-V',
    iommu: 'Security > Virtualization > Intel VT-d Feature / Kernel DMA Protection',
    'above-4g': 'Devices > Video Setup',
    uefi: 'Startup > UEFI/Legacy Boot',
  }),
  same(/supermicro/i, 'Supermicro', {
    virtualisation: 'Advanced > CPU Configuration',
    iommu: 'Advanced > Chipset > North Bridge / IIO > Intel VT for Directed I/O (VT-d)',
    'above-4g': 'Advanced > PCIe/PCI/PnP Configuration > Above 4G Decoding',
    uefi: 'Boot > Boot Mode Select',
  }),
];

const general = same(/./, 'none', {
  virtualisation: 'CPU / Security: Intel Virtualization Technology, VMX, AMD-V or SVM Mode',
  iommu: 'Chipset / CPU / AMD CBS > NBIO: VT-d, Directed I/O, IOMMU or AMD-Vi',
  'above-4g': 'PCI: Above 4G Decoding, Re-Size BAR',
  uefi: 'Boot: CSM / Legacy',
});

function same(maker: RegExp, name: string, menu: Menu): (typeof menus)[number] {
  return { maker, name, intel: menu, amd: menu };
}

/** The words to look for on this board, and the maker's name (`none` when it is not one we know). */
export function firmwareMenu(facts: HostFacts, topic: FirmwareTopic): { readonly maker: string; readonly menu: string } {
  const { boardVendor, vendor, board, product } = facts.machine;
  const names = [boardVendor, vendor, board, product].flatMap((fact) => fact.value ?? []).join(' ');
  const row = menus.find((one) => one.maker.test(names)) ?? general;
  return { maker: row.name, menu: (facts.cpu.vendor.value === 'amd' || facts.cpu.vendor.value === 'hygon' ? row.amd : row.intel)[topic] };
}

/** The line that restarts into the firmware's settings, where the machine said that it can. */
export const firmwareRestart = (facts: HostFacts): string | undefined => (facts.firmware.setupOnRestart.value === true && facts.system.init.value === 'systemd' ? 'systemctl reboot --firmware-setup' : undefined);
