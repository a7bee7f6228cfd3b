// SPDX-License-Identifier: GPL-3.0-or-later
import { readAddress } from './address';
import { readBody } from './lspci-body';
import { takeHead } from './lspci-lines';
import type { PastedLine } from './pasted-lines';
import { blockFor, functionAt, joinGroup, placeOf, type OpenSlot, type Sheet, type TextKind } from './sheet';

/**
 * Reads listings made of fields: the records of `lspci -vmm` (`Slot:`, `Class:` ...) and the rows of Proxmox'
 * `pvesh get /nodes/NAME/hardware/pci`.
 */
export function readRecord(line: PastedLine, sheet: Sheet): TextKind | null {
  return readSlot(line, sheet) ?? readField(line, sheet) ?? readRow(line, sheet);
}

function readSlot(line: PastedLine, sheet: Sheet): TextKind | null {
  const found = /^Slot: ((?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[01][0-9a-f]\.[0-7])$/i.exec(line.text);
  const address = found?.[1] === undefined ? null : readAddress(found[1]);
  if (address === null) return null;
  const block = blockFor(sheet, false);
  block.functions.add(address);
  block.last = address;
  sheet.slot = { notes: functionAt(sheet, address, placeOf('lspci', line)), code: null, vendor: null, maker: '' };
  return 'lspci';
}

const fields =
  /^(Class|Vendor|Device|SVendor|SDevice|Rev|ProgIf|Driver|Module|NUMANode|IOMMUGroup|PhySlot): ?(.{1,300})$/;
const numbered = /^(.*?) ?\[([0-9a-f]{4})\]$/i;

interface Field {
  readonly slot: OpenSlot;
  readonly line: PastedLine;
  readonly sheet: Sheet;
  readonly value: string;
  /** The value parted into words and the number behind them, where it has one. */
  readonly name: string;
  readonly id: string | null;
}

const takes: ReadonlyMap<string, (field: Field) => void> = new Map([
  ['Class', ({ slot, id }: Field) => void (slot.code = id)],
  ['Vendor', ({ slot, id, name }: Field) => void ([slot.vendor, slot.maker] = [id, name])],
  ['Device', takeDevice],
  ['SVendor', ({ slot, id }: Field) => void (slot.notes.facts.subsystemVendor ??= id)],
  ['SDevice', takeSubsystemDevice],
  ['Rev', ({ slot, value }: Field) => void (slot.notes.facts.revision ??= /^[0-9a-f]{2}$/.exec(value)?.[0] ?? null)],
  ['Driver', takeDriver],
  ['Module', takeModule],
  ['NUMANode', ({ slot, value }: Field) => void readBody(slot.notes, `NUMA node: ${value}`)],
  ['IOMMUGroup', takeGroup],
]);

function readField(line: PastedLine, sheet: Sheet): TextKind | null {
  const { slot } = sheet;
  const found = slot === null ? null : fields.exec(line.text);
  if (slot === null || found?.[1] === undefined || found[2] === undefined) return null;
  const value = found[2];
  const [, name = '', id] = numbered.exec(value) ?? [];
  takes.get(found[1])?.({ slot, line, sheet, value, name, id: id?.toLowerCase() ?? null });
  return 'lspci';
}

function takeDevice({ slot, line, sheet, name, id }: Field): void {
  const { notes, code, vendor, maker } = slot;
  if (code === null || vendor === null || id === null) return;
  const address = notes.facts.address;
  const ids = { vendor, device: id };
  takeHead(
    notes,
    { address, class: code, ids, name: `${maker} ${name}`.trim(), revision: null, progIf: null, driver: null },
    sheet,
    line,
  );
}

function takeSubsystemDevice({ slot, id }: Field): void {
  slot.notes.facts.subsystemDevice ??= id;
  slot.notes.known.add('subsystem');
}

function takeDriver({ slot, sheet, value }: Field): void {
  if (sheet.block !== null) sheet.block.drivers = 'below';
  readBody(slot.notes, `Kernel driver in use: ${value}`);
}

function takeModule({ slot, value }: Field): void {
  const { facts } = slot.notes;
  if (/^[\w-]{1,64}$/.test(value)) facts.modules = [...new Set([...facts.modules, value])].slice(0, 32);
}

function takeGroup({ slot, line, sheet, value }: Field): void {
  if (/^\d{1,5}$/.test(value)) joinGroup(sheet, Number(value), slot.notes, placeOf('lspci', line));
}

const row =
  /^[│|] ?0x([0-9a-f]{6}) ?[│|] ?0x([0-9a-f]{4}) ?[│|] ?([0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]) ?[│|] ?(-?\d{1,5}) ?[│|] ?0x([0-9a-f]{4}) ?[│|] ?([^│|]{0,256})/i;

/** `│ class │ device │ id │ iommugroup │ vendor │ device_name ...`; group -1 means none. */
function readRow(line: PastedLine, sheet: Sheet): TextKind | null {
  const found = row.exec(line.text);
  const [, code = '', device = '', written = '', group, vendor = '', name = ''] = found ?? [];
  const address = readAddress(written);
  if (address === null) return null;
  const from = placeOf('lspci', line);
  const block = blockFor(sheet, false);
  block.functions.add(address);
  const notes = functionAt(sheet, address, from);
  const ids = { vendor: vendor.toLowerCase(), device: device.toLowerCase() };
  takeHead(
    notes,
    {
      address,
      class: code.slice(0, 4).toLowerCase(),
      ids,
      name: name.trim() === '' ? null : name.trim(),
      revision: null,
      progIf: code.slice(4).toLowerCase(),
      driver: null,
    },
    sheet,
    line,
  );
  if (group !== undefined && !group.startsWith('-')) joinGroup(sheet, Number(group), notes, from);
  return 'lspci';
}
