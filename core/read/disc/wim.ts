// SPDX-License-Identifier: GPL-3.0-or-later
import { readXml } from '../xml';
import { attributeOf, childrenOf, find, textOf } from '../xml-find';
import { latin, readEntry, u16, u32, u64, utf16, type Disc, type DiscEntry } from './bytes';

/** One Windows in an archive. */
export interface WimImage {
  readonly index: number;
  readonly name: string;
  readonly edition: string | null;
  readonly architecture: 'x86' | 'x64' | 'arm64' | 'other';
  readonly build: number | null;
  readonly languages: readonly string[];
}

export interface Wim {
  readonly images: readonly WimImage[];
  /** Number of parts; more than one is a split archive (`.swm`). */
  readonly parts: number;
}

const headSize = 208;
const mostXml = 8 * 1024 * 1024;
const architectures: Readonly<Record<string, WimImage['architecture']>> = { '0': 'x86', '9': 'x64', '12': 'arm64' };

/** Reads the head and the list of images of a `.wim`, `.esd` or `.swm`; the list is never compressed. Null when it is none or is cut short. */
export function readWim(disc: Disc, entry: DiscEntry): Wim | null {
  const head = readEntry(disc, entry, 0, headSize);
  if (head === null || latin(head.subarray(0, 8)) !== 'MSWIM\0\0\0' || u32(head, 8) !== headSize) return null;
  // A resource: seven bytes of size, one of flags, then where it lies and how large it becomes.
  const size = u32(head, 0x48) + u16(head, 0x4c) * 4_294_967_296;
  const offset = u64(head, 0x50);
  if (size > mostXml || size < 2) return null;
  const bytes = readEntry(disc, entry, offset, size);
  if (bytes === null) return null;
  const document = readXml(utf16(bytes, 'little').replace(/\0+$/, ''));
  if (!document.ok || document.value.root.name !== 'WIM') return null;
  const images = childrenOf(document.value.root, 'IMAGE').slice(0, 64).map((image): WimImage => {
    const windows = find(image, 'WINDOWS');
    const build = Number(textOf(windows === null ? null : find(windows, 'VERSION', 'BUILD')) || Number.NaN);
    return {
      index: Number(attributeOf(image, 'INDEX') ?? '0'),
      name: short(textOf(find(image, 'NAME'))),
      edition: windows === null ? null : short(textOf(find(windows, 'EDITIONID'))) || null,
      architecture: architectures[textOf(windows === null ? null : find(windows, 'ARCH')).trim()] ?? 'other',
      build: Number.isInteger(build) ? build : null,
      languages: childrenOf((windows === null ? null : find(windows, 'LANGUAGES')) ?? image, 'LANGUAGE').slice(0, 64).map((one) => short(textOf(one))),
    };
  });
  return { images, parts: u16(head, 0x2a) };
}

const short = (text: string): string => text.trim().slice(0, 256);
