// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciBar } from '../../../contract/pci';

const io = 0x100n;
const memory = 0x200n;
const prefetch = 0x2000n;
const wide = 0x100000n;
const unset = 0x20000000n;
const nothing = '0x0000000000000000';

/**
 * BARs and ROM from a function's `resource` file: lines `start end flags`, 0-5 BARs, 6 ROM; size = end - start + 1.
 * A BAR without an address (IORESOURCE_UNSET) keeps its size and the address 0. Source: host.md 1.1.4, ioport.h.
 */
export function readBars(text: string): PciBar[] {
  const bars: PciBar[] = [];
  const lines = text.split('\n', 7);
  for (const [index, line] of lines.entries()) {
    if (line.startsWith(nothing, 19)) continue;
    const bar = readBar(index, line);
    if (bar !== null) bars.push(bar);
  }
  return bars;
}

function readBar(index: number, line: string): PciBar | null {
  const [, start, end, flags] = /^0x([0-9a-f]{1,16}) 0x([0-9a-f]{1,16}) 0x([0-9a-f]{1,16})$/.exec(line) ?? [];
  if (start === undefined || end === undefined || flags === undefined) return null;
  const from = BigInt(`0x${start}`);
  const bits = BigInt(`0x${flags}`);
  const size = BigInt(`0x${end}`) - from + 1n;
  if (size <= 0n || (bits & (io | memory)) === 0n) return null;
  return {
    index,
    start: (bits & unset) !== 0n ? '0' : from.toString(16),
    size: Number(size),
    kind: index === 6 ? 'rom' : (bits & io) !== 0n ? 'io' : 'memory',
    prefetchable: (bits & prefetch) !== 0n,
    wide: (bits & wide) !== 0n,
    resizableTo: null,
  };
}

/** Sizes in bytes from `resourceN_resize`: a hex bitmap in which bit n means 2^(n+20) bytes. Null when torn. */
export function readResizeSizes(text: string): number[] | null {
  const trimmed = text.trim().replace(/^0x/, '');
  if (!/^[0-9a-f]{1,16}$/i.test(trimmed)) return null;
  const bits = BigInt(`0x${trimmed}`);
  const sizes: number[] = [];
  for (let bit = 0n; bit < 44n; bit++) if ((bits >> bit) & 1n) sizes.push(Number(1n << (bit + 20n)));
  return sizes;
}
