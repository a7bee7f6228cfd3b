// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import { failed, ok, type Result } from '../../contract/problem';
import { factsOf } from './dump-facts';
import { readGroupLine } from './group-lines';
import { readKernelLog } from './kernel-log';
import { readLspci } from './lspci-lines';
import { readCount, readNoise } from './noise-lines';
import { limits, pastedLines, type PastedLine } from './pasted-lines';
import { wantedOutput } from './wanted-output';
import { readRecord } from './record-lines';
import { leaveListing, newSheet, textKinds, type Sheet, type TextKind } from './sheet';
import { readSystemLine } from './system-lines';

/** What became of the lines of a paste: how many were taken as what, and how many nobody understood. */
export interface Understood {
  readonly kinds: readonly { readonly what: TextKind; readonly count: number }[];
  readonly lines: number;
  /** Blank lines, prompts, commands, fences: no data, and no loss. */
  readonly noise: number;
  readonly notUnderstood: number;
  /** The first of them, counted from 1. */
  readonly firstNotUnderstood: readonly number[];
}

const readers: readonly ((line: PastedLine, sheet: Sheet) => TextKind | null)[] = [
  readRecord,
  readGroupLine,
  readLspci,
  readKernelLog,
  readSystemLine,
];

/**
 * Reads text as people paste it (lspci, group listings, kernel log, kernel arguments ... in any order, with noise
 * around) into facts. Says what was understood and names what is missing; guesses nothing.
 */
export function readDump(text: string): Result<{ readonly facts: HostFacts; readonly understood: Understood }> {
  if (text.length > limits.characters) return failed('too-large', { limit: '8 MiB' });
  if (hasTooManyLines(text)) return failed('too-large', { limit: `${limits.lines} lines` });
  const lines = pastedLines(text);
  const sheet = newSheet();
  const understood = readLines(lines, sheet);
  if (sheet.tooMany) return failed('too-large', { limit: `${limits.functions} functions` });
  if (sheet.clash !== null) {
    return failed('bad-input', { why: 'two-machines', address: sheet.clash.address, line: String(sheet.clash.line) });
  }
  if (understood.kinds.length === 0) return failed('bad-input', { why: 'nothing-recognised', command: wantedOutput });
  return ok({ facts: factsOf(sheet), understood });
}

/** Counted before the text is parted, so that a paste of nothing but line ends costs nothing. */
function hasTooManyLines(text: string): boolean {
  let lines = 1;
  for (const end of ['\n', '\r', '\u2028', '\u2029']) {
    for (let at = text.indexOf(end); at >= 0 && lines <= limits.lines; at = text.indexOf(end, at + 1))
      lines += end === '\r' && text[at + 1] === '\n' ? 0 : 1;
  }
  return lines > limits.lines;
}

function readLines(lines: readonly PastedLine[], sheet: Sheet): Understood {
  const counts = new Map<TextKind, number>();
  const lost: number[] = [];
  let noise = 0;
  let notUnderstood = 0;
  for (const line of lines) {
    if (sheet.tooMany) break;
    if (readNoise(line, sheet)) {
      noise += 1;
      continue;
    }
    const kind = readLine(line, sheet);
    if (kind !== null) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    else {
      notUnderstood += 1;
      if (lost.length < 20) lost.push(line.number);
    }
  }
  const kinds = textKinds.flatMap((what) => {
    const count = counts.get(what);
    return count === undefined ? [] : [{ what, count }];
  });
  return { kinds, lines: lines.length, noise, notUnderstood, firstNotUnderstood: lost };
}

function readLine(line: PastedLine, sheet: Sheet): TextKind | null {
  if (readCount(line, sheet)) return 'groups';
  for (const read of readers) {
    const kind = read(line, sheet);
    if (kind === null) continue;
    sheet.lastKind = kind;
    if (sheet.command !== null && !sheet.command.answered) sheet.command = { ...sheet.command, answered: true };
    if (kind !== 'lspci' && kind !== 'groups') leaveListing(sheet);
    if (sheet.functions.size > limits.functions) sheet.tooMany = true;
    return kind;
  }
  return null;
}
