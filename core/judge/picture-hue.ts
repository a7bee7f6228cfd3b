// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciAddress, PciFunction } from '../../contract/pci';
import type { Standing } from './picture-node';

/** Five colours beside the chosen one: more could not be told apart, so further groups share them again. */
export const hueCount = 5;

const isBridge = (it: PciFunction): boolean => it.class === '0604' || it.class === '0609' || it.header === 'bridge';

/** A colour number for each group worth colouring: 0 for the chosen card's, then every group with two or more endpoints, in order. */
export function huesOf(functions: readonly PciFunction[], stands: ReadonlyMap<PciAddress, Standing>): ReadonlyMap<number, number> {
  const endpoints = new Map<number, number>();
  const hues = new Map<number, number>();
  for (const it of functions) {
    if (it.iommuGroup === null || isBridge(it)) continue;
    endpoints.set(it.iommuGroup, (endpoints.get(it.iommuGroup) ?? 0) + 1);
    if (stands.get(it.address) === 'chosen') hues.set(it.iommuGroup, 0);
  }
  let next = 0;
  for (const [group, count] of [...endpoints].sort(([a], [b]) => a - b)) {
    if (count < 2 || hues.has(group)) continue;
    hues.set(group, (next % hueCount) + 1);
    next += 1;
  }
  return hues;
}
