// SPDX-License-Identifier: GPL-3.0-or-later

/** The makers' names as pci.ids has them, so that `NVIDIA Corporation AD102` can be parted into maker and device. */
const names: Readonly<Record<string, readonly string[]>> = {
  '1002': ['Advanced Micro Devices, Inc. [AMD/ATI]', 'Advanced Micro Devices [AMD/ATI]', 'AMD/ATI'],
  '1022': ['Advanced Micro Devices, Inc. [AMD]', 'Advanced Micro Devices [AMD]'],
  '10de': ['NVIDIA Corporation', 'nVidia Corporation'],
  '8086': ['Intel Corporation', 'Intel Corp.'],
  '102b': ['Matrox Electronics Systems Ltd.'],
  '1a03': ['ASPEED Technology, Inc.'],
  '1013': ['Cirrus Logic'],
  '1b36': ['Red Hat, Inc.'],
  '1af4': ['Red Hat, Inc.', 'Virtio'],
  '1def': ['Ampere Computing, LLC'],
  '10ec': ['Realtek Semiconductor Co., Ltd.'],
  '1b21': ['ASMedia Technology Inc.'],
  '144d': ['Samsung Electronics Co Ltd'],
};

/** Parts a printed name into maker and device; the maker is null when it is not one of those known by name here. */
export function splitName(
  vendor: string,
  printed: string,
): { readonly vendorName: string | null; readonly name: string | null } {
  for (const maker of names[vendor] ?? []) {
    if (printed === maker) return { vendorName: maker, name: null };
    if (printed.startsWith(`${maker} `)) return { vendorName: maker, name: printed.slice(maker.length + 1) };
  }
  return { vendorName: null, name: printed };
}
