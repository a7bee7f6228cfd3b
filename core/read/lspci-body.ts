// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciBar } from '../../contract/pci';
import type { FunctionNotes } from './sheet';

type Take = (notes: FunctionNotes, found: readonly string[]) => void;

const units: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };
const bytes = (count: string | undefined, unit: string | undefined): number =>
  Number(count ?? 0) * (units[unit ?? ''] ?? 1);
const words = (list: string | undefined): string[] =>
  (list ?? '').split(/[, ]+/).filter((word) => /^[A-Za-z0-9_.-]{1,64}$/.test(word));

/** Body lines of `lspci -k`, `-v` and `-vv` that carry a fact. Every pattern is anchored and has at most one open end. */
const takes: readonly (readonly [RegExp, Take])[] = [
  [/^Kernel driver in use: ?([A-Za-z0-9_.-]{1,64})$/i, takeDriver],
  [/^Kernel modules?: ?(.*)$/i, takeModules],
  [/^Subsystem: .*\[([0-9a-f]{4}):([0-9a-f]{4})\]$/i, takeSubsystem],
  [/^Subsystem: ([0-9a-f]{4}):([0-9a-f]{4})$/i, takeSubsystem],
  [/^Bus: primary=[0-9a-f]{2}, secondary=([0-9a-f]{2}), subordinate=([0-9a-f]{2})/i, takeBuses],
  [/^(?:Flags: .{0,200}, IOMMU group:?|IOMMU group:) ?(\d{1,5})$/, () => undefined],
  [/^NUMA node: ?(\d{1,4})$/, takeNode],
  [/^(?:Physical Slot|DeviceName): ?(.{1,64})$/, takeSlot],
  [
    /^Region ([0-5]): Memory at ([0-9a-f]{1,16}) \((32|64)-bit, (non-)?prefetchable\).{0,64}\[size=(\d{1,6})([KMGT]?)\]$/,
    takeMemory,
  ],
  [/^Region ([0-5]): I\/O ports at ([0-9a-f]{1,16}).{0,64}\[size=(\d{1,6})([KMGT]?)\]$/, takePorts],
  [/^Expansion ROM at ([0-9a-f]{1,16}).{0,64}\[size=(\d{1,6})([KMGT]?)\]$/, takeRom],
  [/^BAR ([0-5]): current size: \d{1,6}[KMGT]?B, supported: (.{1,512})$/, takeResizable],
  [/^LnkCap: .{0,64}Speed ([0-9.]{1,8}GT\/s), Width x(\d{1,2})/, takeLinkLimit],
  [/^LnkSta: .{0,16}Speed ([0-9.]{1,8}GT\/s)(?: \([a-z]{1,16}\))?, Width x(\d{1,2})/, takeLink],
  [/^Status: (D[0-3](?:hot|cold)?) /, takePower],
  [/^Initial VFs: \d{1,5}, Total VFs: (\d{1,5}), Number of VFs: (\d{1,5})/, takeVirtual],
];

/** Words that open a body line even where the paste lost the indentation. */
const opening =
  /^(?:Subsystem|Kernel driver in use|Kernel modules?|Flags|Control|Status|Latency|Interrupt|NUMA node|IOMMU group:|Region \d|Capabilities|Bus|DeviceName|Physical Slot|Memory at|I\/O ports at|Expansion ROM at|[A-Z][A-Za-z0-9]{1,9}(?:Cap|Ctl|Sta|Ctl2|Sta2|Cap2)|BIST|!!!|I\/O behind bridge|Memory behind bridge|Prefetchable memory behind bridge|Secondary status|BridgeCtl)(?![A-Za-z0-9])/;

export const opensBody = (text: string): boolean => opening.test(text);

/** Reads a line below a function's first line; says whether it carried a fact we keep. */
export function readBody(notes: FunctionNotes, text: string): boolean {
  for (const [pattern, take] of takes) {
    const found = pattern.exec(text);
    if (found !== null) {
      take(notes, found);
      return true;
    }
  }
  return false;
}

export const groupInBody = (text: string): number | null => {
  const found = /^(?:Flags: .{0,200}, IOMMU group:?|IOMMU group:) ?(\d{1,5})$/.exec(text);
  return found === null ? null : Number(found[1]);
};

function takeDriver(notes: FunctionNotes, found: readonly string[]): void {
  if (notes.driverListed && notes.facts.driver !== null) return;
  notes.facts.driver = found[1] ?? null;
  notes.driverListed = true;
  notes.known.add('driver');
}

function takeModules(notes: FunctionNotes, found: readonly string[]): void {
  if (notes.facts.modules.length === 0) notes.facts.modules = [...new Set(words(found[1]))].slice(0, 32);
  notes.known.add('modules');
}

function takeSubsystem(notes: FunctionNotes, found: readonly string[]): void {
  notes.facts.subsystemVendor ??= found[1]?.toLowerCase() ?? null;
  notes.facts.subsystemDevice ??= found[2]?.toLowerCase() ?? null;
  notes.known.add('subsystem');
}

function takeBuses(notes: FunctionNotes, found: readonly string[]): void {
  notes.facts.buses ??= { secondary: parseInt(found[1] ?? '', 16), subordinate: parseInt(found[2] ?? '', 16) };
  notes.facts.header ??= 'bridge';
  notes.known.add('buses');
}

function takeNode(notes: FunctionNotes, found: readonly string[]): void {
  notes.facts.numaNode ??= Number(found[1]);
  notes.known.add('numaNode');
}

function takeSlot(notes: FunctionNotes, found: readonly string[]): void {
  notes.facts.slotLabel ??= found[1] ?? null;
  notes.known.add('slot');
}

/** Adds a BAR unless that index is there already. */
export function addBar(notes: FunctionNotes, bar: PciBar): void {
  notes.known.add('bars');
  if (notes.facts.bars.length < 8 && !notes.facts.bars.some((known) => known.index === bar.index))
    notes.facts.bars.push(bar);
}

function takeMemory(notes: FunctionNotes, found: readonly string[]): void {
  const [, index, start, width, non, count, unit] = found;
  addBar(notes, {
    index: Number(index),
    start: start ?? '0',
    size: bytes(count, unit),
    kind: 'memory',
    prefetchable: non === undefined,
    wide: width === '64',
    resizableTo: null,
  });
}

function takePorts(notes: FunctionNotes, found: readonly string[]): void {
  const [, index, start, count, unit] = found;
  const size = bytes(count, unit);
  addBar(notes, {
    index: Number(index),
    start: start ?? '0',
    size,
    kind: 'io',
    prefetchable: false,
    wide: false,
    resizableTo: null,
  });
}

function takeRom(notes: FunctionNotes, found: readonly string[]): void {
  const [, start, count, unit] = found;
  notes.facts.hasRom = true;
  notes.known.add('rom');
  addBar(notes, {
    index: 6,
    start: start ?? '0',
    size: bytes(count, unit),
    kind: 'rom',
    prefetchable: false,
    wide: false,
    resizableTo: null,
  });
}

function takeResizable(notes: FunctionNotes, found: readonly string[]): void {
  const bar = notes.facts.bars.find((known) => known.index === Number(found[1]));
  const sizes = [...(found[2] ?? '').matchAll(/(\d{1,6})([KMGT]?)B/g)]
    .map((size) => bytes(size[1], size[2]))
    .filter((size) => size > 0);
  if (bar !== undefined && sizes.length > 0) bar.resizableTo = sizes.slice(0, 64);
}

const noLink = { speed: null, width: null, maxSpeed: null, maxWidth: null };

function takeLinkLimit(notes: FunctionNotes, found: readonly string[]): void {
  notes.facts.link = { ...(notes.facts.link ?? noLink), maxSpeed: found[1] ?? null, maxWidth: Number(found[2]) };
  notes.known.add('link');
}

function takeLink(notes: FunctionNotes, found: readonly string[]): void {
  notes.facts.link = { ...(notes.facts.link ?? noLink), speed: found[1] ?? null, width: Number(found[2]) };
  notes.known.add('link');
}

function takePower(notes: FunctionNotes, found: readonly string[]): void {
  notes.facts.power = { state: found[1] ?? null, runtime: null, control: null, d3coldAllowed: null };
  notes.known.add('power');
}

function takeVirtual(notes: FunctionNotes, found: readonly string[]): void {
  notes.facts.sriov = { total: Number(found[1]), now: Number(found[2]) };
  notes.known.add('sriov');
}
