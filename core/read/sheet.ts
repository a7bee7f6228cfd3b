// SPDX-License-Identifier: GPL-3.0-or-later
import type { Fact, HostFacts } from '../../contract/facts';
import type { PciAddress, PciFieldName, PciFunction } from '../../contract/pci';
import { unknownFacts, unknownFunction } from '../../contract/unknown-facts';
import type { PastedLine } from './pasted-lines';

/** The kinds of text that can be told apart; a screen shows how many lines of each were understood. */
export const textKinds = [
  'lspci',
  'groups',
  'kernel-log',
  'kernel-arguments',
  'distribution',
  'cpu',
  'machine',
  'sysfs',
] as const;
export type TextKind = (typeof textKinds)[number];

/** What has been read about one function so far. It becomes a `PciFunction` when ids and class are known. */
export interface FunctionNotes {
  readonly facts: PciFunction;
  ids: boolean;
  classed: boolean;
  /** The kernel log enumerated it (`[10de:2684] type 00 ...`). */
  enumerated: boolean;
  /** True when lspci named the driver (or showed that there is none); a kernel message is weaker. */
  driverListed: boolean;
  readonly known: Set<PciFieldName>;
  /** Groups it was listed in; more than one is a contradiction. */
  readonly groups: Set<number>;
}

/** One listing: lines that belong together and came from one program. */
export interface Block {
  readonly grouped: boolean;
  readonly functions: Set<PciAddress>;
  /** Functions under which a body line of `-k` or `-v` stood. */
  readonly bodies: Set<PciAddress>;
  /** A command echo, a `[...]` or a torn line says that this is not the whole listing. */
  cut: boolean;
  /** Whether it names drivers, at the end of each line or below it: then silence about another function means "none". */
  drivers: 'no' | 'beside' | 'below';
  last: PciAddress | null;
}

/** What is read of one `Slot:` record until its ids are whole. */
export interface OpenSlot {
  readonly notes: FunctionNotes;
  code: string | null;
  vendor: string | null;
  maker: string;
}

export interface OpenGroup {
  readonly id: number;
  last: PciAddress | null;
  /** Whether the entries under the heading are indented; null before the first. */
  indented: boolean | null;
}

/** Everything noted while reading, and where the reading stands. */
export interface Sheet {
  readonly facts: HostFacts;
  readonly functions: Map<PciAddress, FunctionNotes>;
  readonly groups: Map<number, { members: Set<PciAddress>; from: string }>;
  readonly blocks: Block[];
  block: Block | null;
  group: OpenGroup | null;
  current: FunctionNotes | null;
  /** The `Slot:` record being read. */
  slot: OpenSlot | null;
  /** The command whose output is being read, if its echo was pasted. */
  command: { readonly text: string; readonly line: number; answered: boolean } | null;
  lastKind: TextKind | null;
  /** Something says that the group listing is not whole. */
  groupsCut: boolean;
  /** The next block begins after a filter or a cut. */
  cutNext: boolean;
  /** The record of dmidecode being read. */
  record: string | null;
  /** Two different ids for one address: two machines in one paste. */
  clash: { readonly address: PciAddress; readonly line: number } | null;
  tooMany: boolean;
  readonly log: LogNotes;
}

/** What the kernel log gave; whether it is the whole log of a start decides what its silence means. */
export interface LogNotes {
  readonly lines: string[];
  from: string | null;
  begins: boolean;
  enumerates: boolean;
  /** A message of after PCI enumeration was seen. */
  goesOn: boolean;
  /** User space was started: the log covers the whole start of the kernel. */
  ends: boolean;
  cut: boolean;
  readonly vga: Set<PciAddress>;
  boot: { readonly address: PciAddress; readonly from: string } | null;
}

export function newSheet(): Sheet {
  return {
    facts: unknownFacts('text'),
    functions: new Map(),
    groups: new Map(),
    blocks: [],
    block: null,
    group: null,
    current: null,
    slot: null,
    command: null,
    lastKind: null,
    groupsCut: false,
    cutNext: false,
    record: null,
    clash: null,
    tooMany: false,
    log: {
      lines: [],
      from: null,
      begins: false,
      enumerates: false,
      goesOn: false,
      ends: false,
      cut: false,
      vga: new Set(),
      boot: null,
    },
  };
}

const labels: Readonly<Record<TextKind, string>> = {
  lspci: 'lspci',
  groups: 'IOMMU groups',
  'kernel-log': 'kernel log',
  'kernel-arguments': 'kernel arguments',
  distribution: 'os-release',
  cpu: 'processor',
  machine: 'machine',
  sysfs: 'sysfs',
};

/** The place of a fact in the paste: `lspci line 12`. */
export const placeOf = (kind: TextKind, line: PastedLine): string => `${labels[kind]} line ${line.number}`;

/** Notes a fact; what was read first stays, because later lines of a paste are as often another machine's as a correction. */
export function note<T>(fact: { value: T | null; from: string | null }, value: T, from: string): void {
  if (fact.value !== null) return;
  fact.value = value;
  fact.from = from;
}

export const isKnown = (fact: Fact<unknown>): boolean => fact.value !== null;

/** The notes of a function, begun when it is met for the first time. */
export function functionAt(sheet: Sheet, address: PciAddress, from: string): FunctionNotes {
  const met = sheet.functions.get(address);
  if (met !== undefined) return met;
  const notes: FunctionNotes = {
    facts: unknownFunction(address, from),
    ids: false,
    classed: false,
    enumerated: false,
    driverListed: false,
    known: new Set(),
    groups: new Set(),
  };
  sheet.functions.set(address, notes);
  return notes;
}

/** Puts a function into a group. */
export function joinGroup(sheet: Sheet, id: number, notes: FunctionNotes, from: string): void {
  const group = sheet.groups.get(id) ?? { members: new Set<PciAddress>(), from };
  group.members.add(notes.facts.address);
  sheet.groups.set(id, group);
  notes.groups.add(id);
}

/** Ends the listing being read: a line of another kind came. */
export function leaveListing(sheet: Sheet): void {
  sheet.current = null;
  sheet.slot = null;
  sheet.group = null;
  sheet.block = null;
}

/** Ends whatever was being read: a prompt, a fence, a title. */
export function endListing(sheet: Sheet): void {
  leaveListing(sheet);
  sheet.record = null;
}

/** The listing being read, begun if there is none; a grouped and a plain listing are never the same one. */
export function blockFor(sheet: Sheet, grouped: boolean): Block {
  if (sheet.block !== null && sheet.block.grouped === grouped) return sheet.block;
  const block: Block = {
    grouped,
    functions: new Set(),
    bodies: new Set(),
    cut: sheet.cutNext,
    drivers: 'no',
    last: null,
  };
  sheet.cutNext = false;
  sheet.block = block;
  sheet.blocks.push(block);
  return block;
}

/** Notes the ids of a function; false when other ids were read for the same address: that is another machine. */
export function takeIds(notes: FunctionNotes, ids: { readonly vendor: string; readonly device: string }): boolean {
  if (notes.ids) return notes.facts.vendor === ids.vendor && notes.facts.device === ids.device;
  notes.facts.vendor = ids.vendor;
  notes.facts.device = ids.device;
  notes.ids = true;
  return true;
}

/** Whether ids and class are known: without them a function is only an address. */
export const isNumbered = (notes: FunctionNotes | undefined): boolean =>
  notes !== undefined && notes.ids && notes.classed;
