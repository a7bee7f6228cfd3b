// SPDX-License-Identifier: GPL-3.0-or-later
import { readAddress } from './address';
import { readLspci } from './lspci-lines';
import { leadingAddress } from './lspci-head';
import type { PastedLine } from './pasted-lines';
import { blockFor, functionAt, joinGroup, note, placeOf, type Sheet, type TextKind } from './sheet';

const heading = /^(?:[-*=#•·|] ?){0,6}(?:IOMMU[ _-]?)?Group ?[:#]? ?(\d{1,5})(?!\d)[ :=*|–-]{0,8}(.*)$/i;
const folder = /iommu_groups\/(\d{1,5})\/devices(?:\/([0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]))?/i;
const link =
  /([0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7])\/iommu_group ?(?:->|:|=) ?\S{0,200}iommu_groups\/(\d{1,5})$/i;

/**
 * Reads the usual ways of listing IOMMU groups: a heading with entries below, a heading on every line,
 * and the paths of /sys/kernel/iommu_groups (find, ls, ls -l, ls -R, readlink).
 */
export function readGroupLine(line: PastedLine, sheet: Sheet): TextKind | null {
  return readFolder(line, sheet) ?? readHeading(line, sheet);
}

function readFolder(line: PastedLine, sheet: Sheet): TextKind | null {
  const linked = link.exec(line.text);
  const found = linked ?? folder.exec(line.text);
  if (found === null) return null;
  const [id, written] = linked === null ? [found[1], found[2]] : [found[2], found[1]];
  if (id === undefined) return null;
  const from = placeOf('groups', line);
  const address = written === undefined ? null : readAddress(written);
  if (address !== null) joinGroup(sheet, Number(id), functionAt(sheet, address, from), from);
  else if (/devices:?$/.test(line.text)) sheet.group = { id: Number(id), last: null, indented: null };
  else return null;
  return 'groups';
}

function readHeading(line: PastedLine, sheet: Sheet): TextKind | null {
  // `IOMMU group: 12` with a small g is a line of lspci -vv about the function above it.
  if (sheet.current !== null && /^IOMMU group: ?\d{1,5}$/.test(line.text)) return null;
  const found = heading.exec(line.text);
  if (found?.[1] === undefined) return null;
  const rest = (found[2] ?? '').trim();
  const id = Number(found[1]);
  if (rest === '') {
    open(sheet, id);
    return 'groups';
  }
  if (leadingAddress(rest) === null) return null;
  open(sheet, id);
  const taken = readLspci({ ...line, text: rest, indented: true }, sheet);
  // Members that follow on lines of their own are indented below the first.
  if (sheet.group !== null) sheet.group.indented = true;
  return taken ?? 'groups';
}

function open(sheet: Sheet, id: number): void {
  blockFor(sheet, true);
  sheet.current = null;
  sheet.group = { id, last: null, indented: null };
}

/** The answer of a command that was asked for groups and printed none: the machine has no groups. */
export function noteNoGroups(sheet: Sheet, line: PastedLine): void {
  note(sheet.facts.iommu.groups, [], placeOf('groups', line));
}
