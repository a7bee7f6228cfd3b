// SPDX-License-Identifier: GPL-3.0-or-later
import type { Disc } from '../../../core/read/disc/bytes';

/** A disc image in memory. */
export const discOf = (bytes: Uint8Array): Disc => ({
  size: bytes.length,
  read: (offset, length) => (offset < 0 || length < 0 || offset + length > bytes.length ? null : bytes.subarray(offset, offset + length)),
});
