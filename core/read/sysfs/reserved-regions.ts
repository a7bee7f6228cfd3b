// SPDX-License-Identifier: GPL-3.0-or-later
import type { IommuGroup } from '../../../contract/facts';

/** A group's `reserved_regions`: lines `0xstart 0xend kind`; `direct` is a region firmware insists on (RMRR). Source: host.md 1.2.2. */
export function readReserved(text: string): IommuGroup['reserved'] {
  const regions: IommuGroup['reserved'] = [];
  for (const [, start, end, kind] of text.matchAll(/^(0x[0-9a-f]{1,16}) (0x[0-9a-f]{1,16}) ([a-z-]{1,24})$/gm)) {
    if (start !== undefined && end !== undefined && kind !== undefined && regions.length < 256)
      regions.push({ start, end, kind });
  }
  return regions;
}
