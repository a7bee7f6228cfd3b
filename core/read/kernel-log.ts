// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciBar } from '../../contract/pci';
import { readAddress } from './address';
import { addBar } from './lspci-body';
import type { PastedLine } from './pasted-lines';
import { functionAt, joinGroup, placeOf, takeIds, type FunctionNotes, type Sheet, type TextKind } from './sheet';
import { readLogFact } from './kernel-log-facts';

const stamp =
  /^(?:<\d{1,3}> ?)?(?:[a-z]{3,8} ?: ?[a-z]{3,6} ?: ?)?\[ {0,8}(?:\d{1,8}\.\d{1,9}|[A-Z][a-z]{2} [A-Z][a-z]{2} ?\d{1,2} [\d:]{8} \d{4})\](?: ?\[ ?[TC]\d{1,8}\])? ?/;
const journal =
  /^(?:[A-Z][a-z]{2} {1,2}\d{1,2} [\d:.]{8,15}|\d{4}-\d\d-\d\d[T ][\d:.,+-]{8,32}Z?) [\w.-]{1,64} kernel(?:\[\d{1,8}\])?: ?/;

/** The message of a kernel log line without its time stamp; null when the line carries no stamp. */
function messageOf(text: string): string | null {
  const written = journal.exec(text);
  const rest = written === null ? text : text.slice(written[0].length);
  const timed = stamp.exec(rest);
  if (written === null && timed === null) return null;
  return timed === null ? rest : rest.slice(timed[0].length);
}

const about =
  /^([a-z][a-z0-9_-]{0,31}) ([0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7])(?: [a-z0-9_.-]{1,32})?(?: \([^)]{0,64}\))?: (.*)$/i;

/** Lines worth keeping as evidence, whoever judges them. */
const telling =
  /iommu|DMAR|AMD-Vi|IVRS|vfio|vgaarb|SWIOTLB|PCI-DMA|not ready|\breset\b|FLR|BAR \d{1,2}|hypervisor|paravirtualized|secure ?boot|lockdown|locked down|efifb|simpledrm|simplefb|framebuffer|Invalid PCI ROM|NVRM|D3cold|header type/i;

/** Reads a line of dmesg or `journalctl -k`, with or without its time stamp. */
export function readKernelLog(line: PastedLine, sheet: Sheet): TextKind | null {
  const stamped = messageOf(line.text);
  const message = stamped ?? line.text;
  const taken =
    readDeviceMessage({ line, stamped: stamped !== null }, message, sheet) ||
    readVgaLine(line, message, sheet) ||
    readLogFact(line, message, sheet);
  if (!taken && stamped === null) return null;
  const { log } = sheet;
  log.from ??= placeOf('kernel-log', line);
  if (log.enumerates && !/^pci(?:_bus)? /.test(message)) log.goesOn = true;
  if (telling.test(message) && log.lines.length < 4096) log.lines.push(message.slice(0, 1024));
  return 'kernel-log';
}

interface Origin {
  readonly line: PastedLine;
  /** A time stamp proves that the kernel wrote it; other programs write `vfio 0000:01:00.0: ...` too. */
  readonly stamped: boolean;
}

function readDeviceMessage(origin: Origin, message: string, sheet: Sheet): boolean {
  const { line } = origin;
  const from = placeOf('kernel-log', line);
  const older = /^iommu: (Adding|Removing) device ([0-9a-f:.]{7,16}) (?:to|from) group (\d{1,5})/i.exec(message);
  const moved = older?.[2] === undefined ? null : readAddress(older[2]);
  if (older !== null && moved !== null) {
    moveGroup(sheet, functionAt(sheet, moved, from), { leaves: older[1] === 'Removing', id: Number(older[3]), from });
    return true;
  }
  const [, driver = '', written = '', said = ''] = about.exec(message) ?? [];
  const address = readAddress(written);
  if (address === null) return false;
  readSaid(origin, { notes: functionAt(sheet, address, from), driver, said }, sheet);
  return true;
}

function readSaid(
  { line, stamped }: Origin,
  about: { notes: FunctionNotes; driver: string; said: string },
  sheet: Sheet,
): void {
  const { notes, driver, said } = about;
  const from = placeOf('kernel-log', line);
  if (readHeader(line, notes, said, sheet) || readGroup(sheet, notes, said, from) || readResource(notes, said)) return;
  if (said.includes('vgaarb: ')) takeVga(sheet, notes, said, from);
  if (!stamped || notBound.has(driver) || notes.driverListed) return;
  notes.facts.driver = driver;
  notes.known.add('driver');
}

/** First words of messages about a function that are not the name of a driver bound to it. */
const notBound: ReadonlySet<string> = new Set([
  'pci',
  'pci_bus',
  'iommu',
  'vgaarb',
  'acpi',
  'ACPI',
  'DMAR',
  'platform',
  'device',
  'dmar',
  'efifb',
  'AMD-Vi',
  'for',
  'at',
  'of',
  'on',
]);

function readHeader(line: PastedLine, notes: FunctionNotes, said: string, sheet: Sheet): boolean {
  const found = /^\[([0-9a-f]{4}):([0-9a-f]{4})\] type (0[0-2]) class 0x([0-9a-f]{4})([0-9a-f]{2})/i.exec(said);
  if (found === null) return false;
  const [, vendor = '', device = '', type, code = '', progIf = ''] = found.map((part) => part.toLowerCase());
  const facts = notes.facts;
  sheet.log.enumerates = true;
  if (!takeIds(notes, { vendor, device })) {
    sheet.clash ??= { address: facts.address, line: line.number };
    return true;
  }
  facts.class = code;
  notes.classed = true;
  facts.progIf ??= progIf;
  facts.header = type === '00' ? 'endpoint' : type === '01' ? 'bridge' : 'cardbus';
  notes.known.add('progIf');
  notes.enumerated = true;
  return true;
}

function readGroup(sheet: Sheet, notes: FunctionNotes, said: string, from: string): boolean {
  const found = /^(Adding to|Removing from) iommu group (\d{1,5})/.exec(said);
  if (found === null) return false;
  moveGroup(sheet, notes, { leaves: found[1] === 'Removing from', id: Number(found[2]), from });
  return true;
}

function moveGroup(sheet: Sheet, notes: FunctionNotes, move: { leaves: boolean; id: number; from: string }): void {
  if (!move.leaves) {
    joinGroup(sheet, move.id, notes, move.from);
    return;
  }
  notes.groups.delete(move.id);
  sheet.groups.get(move.id)?.members.delete(notes.facts.address);
}

const resource =
  /^(?:reg 0x([0-9a-f]{2}): |BAR ([0-6]) |ROM )\[(mem|io) ?0x([0-9a-f]{1,16})-0x([0-9a-f]{1,16})( 64bit)?( pref)?(?: window)?\]/;

function readResource(notes: FunctionNotes, said: string): boolean {
  const bridge = /^PCI bridge to \[bus ([0-9a-f]{2})(?:-([0-9a-f]{2}))?\]/.exec(said);
  if (bridge?.[1] !== undefined) {
    const secondary = parseInt(bridge[1], 16);
    notes.facts.buses ??= { secondary, subordinate: bridge[2] === undefined ? secondary : parseInt(bridge[2], 16) };
    notes.known.add('buses');
    return true;
  }
  const found = resource.exec(said);
  if (found === null) return false;
  const bar = barOf(found);
  if (bar === null) return true;
  addBar(notes, bar);
  if (bar.kind === 'rom') {
    notes.facts.hasRom = true;
    notes.known.add('rom');
  }
  return true;
}

function barOf(found: readonly (string | undefined)[]): PciBar | null {
  const [, register, numbered, space, start, end, wide, prefetchable] = found;
  const index =
    register !== undefined ? registerIndex(parseInt(register, 16)) : numbered !== undefined ? Number(numbered) : 6;
  if (index === null || start === undefined || end === undefined) return null;
  const size = Number(BigInt(`0x${end}`) - BigInt(`0x${start}`)) + 1;
  if (size < 1) return null;
  const kind = index === 6 ? 'rom' : space === 'io' ? 'io' : 'memory';
  return {
    index,
    start: start.replace(/^0+(?=.)/, ''),
    size,
    kind,
    prefetchable: prefetchable !== undefined,
    wide: wide !== undefined,
    resizableTo: null,
  };
}

/** Configuration register of a BAR (0x10 to 0x24) or the expansion ROM (0x30, 0x38 on a bridge) -> line of the resource file. */
function registerIndex(register: number): number | null {
  if (register === 0x30 || register === 0x38) return 6;
  return register >= 0x10 && register <= 0x24 && register % 4 === 0 ? (register - 0x10) / 4 : null;
}

function readVgaLine(line: PastedLine, message: string, sheet: Sheet): boolean {
  const found = /^vgaarb: (.{0,64}?)(?:PCI:|pci:)([0-9a-f:.]{7,16})/i.exec(message);
  const address = found?.[2] === undefined ? null : readAddress(found[2].replace(/[^0-9a-f]+$/i, ''));
  if (found === null || address === null) return /^vgaarb: /.test(message);
  const from = placeOf('kernel-log', line);
  takeVga(sheet, functionAt(sheet, address, from), message, from);
  return true;
}

/** vgaarb names every VGA card it meets and, last, the one firmware started with; a later line overrides an earlier one. */
function takeVga(sheet: Sheet, notes: FunctionNotes, said: string, from: string): void {
  const address = notes.facts.address;
  if (/VGA device added|device added/.test(said)) sheet.log.vga.add(address);
  if (/(?:setting as boot|overriding boot) (?:VGA )?device/.test(said)) {
    sheet.log.vga.add(address);
    sheet.log.boot = { address, from };
  }
}
