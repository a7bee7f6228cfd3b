// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciFunction } from '../../contract/pci';

const makers: Readonly<Record<string, string>> = {
  '10de': 'NVIDIA',
  '1002': 'AMD',
  '8086': 'Intel',
  '1a03': 'ASPEED',
  '102b': 'Matrox',
  '1234': 'QEMU',
  '1b36': 'QEMU',
  '1af4': 'virtio',
  '15ad': 'VMware',
  '80ee': 'VirtualBox',
  '1414': 'Microsoft',
  '1013': 'Cirrus Logic',
};

/** The maker in one word where we know one, else as the source spelled it. */
export const makerOf = (fn: PciFunction): string => makers[fn.vendor] ?? fn.vendorName ?? fn.vendor;

/** "NVIDIA Corporation GA102 [GeForce RTX 3080]" is sold as "NVIDIA GeForce RTX 3080": the last bracket is the market name, the rest the chip's. */
export function humanName(fn: PciFunction): string {
  const maker = makerOf(fn);
  const bare = (fn.name ?? '').replace(/\((rev|prog-if)[^)]*\)/g, '').replace(/\s*\[[0-9a-f]{4}:[0-9a-f]{4}\]/g, '').trim();
  const market = /\[(?!AMD|ATI|AMD\/ATI)([^[\]]+)\]\s*$/.exec(bare)?.[1] ?? bare.replace(/^(NVIDIA Corporation|Intel Corporation|Advanced Micro Devices, Inc\.( \[AMD(\/ATI)?\])?|ASPEED Technology, Inc\.|Matrox Electronics Systems Ltd\.)\s*/i, '');
  const known = market.trim() === '' || /^device [0-9a-f]{4}$/i.test(market) ? `${fn.vendor}:${fn.device}` : market.trim();
  return known.toLowerCase().startsWith(maker.toLowerCase()) ? known : `${maker} ${known}`;
}
