// SPDX-License-Identifier: GPL-3.0-or-later
import { compareAddresses } from './address';
import { groupInBody, opensBody, readBody } from './lspci-body';
import { leadingAddress, readHead, type Head } from './lspci-head';
import type { PastedLine } from './pasted-lines';
import {
  blockFor,
  functionAt,
  joinGroup,
  placeOf,
  takeIds,
  type Block,
  type FunctionNotes,
  type Sheet,
  type TextKind,
} from './sheet';

/** Reads a line of an lspci listing, plain or inside a group listing; null when it is none. */
export function readLspci(line: PastedLine, sheet: Sheet): TextKind | null {
  const head = readHead(line.text);
  if (head !== null) return readFirst(line, head, sheet);
  const bare = leadingAddress(line.text);
  if (bare !== null && (sheet.group !== null || bare.rest === '')) return readBare(line, sheet);
  if (bare !== null && !/^[a-z0-9_.-]{1,32}: /i.test(bare.rest)) return tornLine(sheet);
  return readBelow(line, sheet);
}

function readFirst(line: PastedLine, head: Head, sheet: Sheet): TextKind {
  const grouped = belongsToGroup(line, head.address, sheet);
  const kind = grouped ? 'groups' : 'lspci';
  const from = placeOf(kind, line);
  const block = listingOf(head, sheet, grouped);
  const notes = functionAt(sheet, head.address, from);
  block.functions.add(head.address);
  block.last = head.address;
  sheet.current = notes;
  takeHead(notes, head, sheet, line);
  if (head.driver !== null) {
    if (block.drivers === 'no') block.drivers = 'beside';
    block.bodies.add(head.address);
    if (head.driver !== '') readBody(notes, `Kernel driver in use: ${head.driver}`);
  }
  if (grouped && sheet.group !== null) joinGroup(sheet, sheet.group.id, notes, from);
  return kind;
}

/** A plain listing goes up from address to address: a step back is the start of another listing. */
function listingOf(head: Head, sheet: Sheet, grouped: boolean): Block {
  const open = sheet.block;
  if (
    open !== null &&
    !grouped &&
    !open.grouped &&
    open.last !== null &&
    compareAddresses(head.address, open.last) <= 0
  )
    sheet.block = null;
  return blockFor(sheet, grouped);
}

/** Whether an entry stands under the open heading: indented like its fellows, and going up as the kernel lists members. */
export function belongsToGroup(line: PastedLine, address: Head['address'], sheet: Sheet): boolean {
  const group = sheet.group;
  if (group === null) return false;
  group.indented ??= line.indented;
  const stays = group.indented === line.indented && (group.last === null || compareAddresses(address, group.last) > 0);
  if (!stays) sheet.group = null;
  else group.last = address;
  return stays;
}

/** Notes what the first line (or record) of a function says. */
export function takeHead(notes: FunctionNotes, head: Head, sheet: Sheet, line: PastedLine): void {
  const facts = notes.facts;
  if (head.ids !== null && !takeIds(notes, head.ids)) {
    sheet.clash ??= { address: head.address, line: line.number };
    return;
  }
  // A class read with ids was printed as a number; one read without was a name.
  if (head.class !== null && (!notes.classed || head.ids !== null)) {
    facts.class = head.class;
    notes.classed = true;
  }
  facts.name ??= head.name;
  facts.revision ??= head.revision;
  facts.progIf ??= head.progIf;
  if (head.revision !== null) notes.known.add('revision');
  if (head.progIf !== null) notes.known.add('progIf');
}

/** An address alone: `ls` of a group's devices folder, or a script that prints nothing more. */
function readBare(line: PastedLine, sheet: Sheet): TextKind | null {
  if (sheet.group === null) return null;
  let taken = false;
  for (const word of line.text.split(' ').slice(0, 256)) {
    const bare = leadingAddress(word);
    if (bare === null || bare.rest !== '' || sheet.group === null) continue;
    const from = placeOf('groups', line);
    joinGroup(sheet, sheet.group.id, functionAt(sheet, bare.address, from), from);
    taken = true;
  }
  return taken ? 'groups' : null;
}

/** A line that begins like a function and then breaks off: the listing it stands in is not whole. */
function tornLine(sheet: Sheet): null {
  if (sheet.block !== null) sheet.block.cut = true;
  sheet.current = null;
  return null;
}

function readBelow(line: PastedLine, sheet: Sheet): TextKind | null {
  const { current, block } = sheet;
  if (current === null || block === null) return null;
  if (!line.indented && !opensBody(line.text)) {
    sheet.current = null;
    return null;
  }
  const address = current.facts.address;
  block.bodies.add(address);
  if (/^Kernel (?:driver|module)/i.test(line.text)) block.drivers = 'below';
  const group = groupInBody(line.text);
  if (group !== null) joinGroup(sheet, group, current, placeOf('lspci', line));
  else readBody(current, line.text);
  return 'lspci';
}
