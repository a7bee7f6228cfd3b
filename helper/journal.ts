// SPDX-License-Identifier: GPL-3.0-or-later
import { journalRecord, type JournalRecord, type NewRecord } from '../contract/journal';
import { failed, ok, type Result } from '../contract/problem';
import type { Handle, Hands } from './hands';
import { remembering } from './parsed';
import { folderOf } from './territory';

/** The one open journal of a transaction: what is written is on the disk when `note` returns. */
export interface Journal {
  readonly records: readonly JournalRecord[];
  note(record: NewRecord): Result<void>;
  close(): void;
}

const longest = 4_194_304;

/** Opens a journal for appending, cutting off a line that power left half written. A bad line anywhere else is `unreadable`. */
export function openJournal(hands: Hands, path: string): Result<Journal> {
  const before = readJournal(hands, path);
  if (!before.ok) return before;
  if (before.value.torn) {
    const cut = hands.truncate(path, before.value.size);
    if (!cut.ok) return cut;
  }
  const opened = hands.append(path, 0o600);
  if (!opened.ok) return opened;
  // The name of a new journal must be as safe as its first line.
  const named = hands.flushFolder(folderOf(path));
  return named.ok ? ok(journalOn(hands, { path, handle: opened.value }, before.value)) : named;
}

function journalOn(hands: Hands, { path, handle }: { path: string; handle: Handle }, before: JournalText): Journal {
  const records = [...before.records];
  let size = before.size;
  return {
    records,
    note(record) {
      const full = journalRecord.parse({ ...record, at: hands.now(), boot: hands.boot() });
      const line = new TextEncoder().encode(`${JSON.stringify(full)}\n`);
      const written = hands.write(handle, line);
      const flushed = written.ok ? hands.flush(handle) : written;
      const there = flushed.ok ? endsWith(hands, { path, size, line }) : flushed;
      if (there.ok) {
        records.push(full);
        size += line.length;
      } else {
        // Half a line must not stand before a whole one: the undo that follows will write more.
        hands.truncate(path, size);
      }
      return there;
    },
    close() {
      hands.close(handle);
    },
  };
}

/** Undo will know only what can be read back: a line that is said to be written and is not there is no line. */
function endsWith(hands: Hands, { path, size, line }: { path: string; size: number; line: Uint8Array }): Result<void> {
  const taken = hands.take(path, longest);
  if (!taken.ok) return taken;
  const tail = taken.value?.bytes.subarray(size) ?? new Uint8Array();
  return Buffer.compare(tail, line) === 0 ? ok(undefined) : failed('step-failed', { why: 'content', place: path });
}

export interface JournalText {
  readonly records: readonly JournalRecord[];
  /** Bytes of the whole lines. */
  readonly size: number;
  readonly torn: boolean;
}

/** Reads a journal; an absent one is empty. */
export function readJournal(hands: Hands, path: string): Result<JournalText> {
  const taken = hands.take(path, longest);
  if (!taken.ok) return taken;
  return taken.value === null ? ok({ records: [], size: 0, torn: false }) : parseJournal(taken.value.bytes);
}

/**
 * Whole lines in order; what follows the last line break is torn. So is a last line that does not parse: a cut may leave
 * its length and lose its content. Any other line that does not parse makes the journal unreadable.
 */
export function parseJournal(bytes: Uint8Array): Result<JournalText> {
  const records: JournalRecord[] = [];
  let size = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, size)) {
    const record = parseLine(bytes.subarray(size, end));
    if (record === null) return end === bytes.length - 1 ? ok({ records, size, torn: true }) : failed('unreadable', { what: 'journal' });
    records.push(record);
    size = end + 1;
  }
  return ok({ records, size, torn: size < bytes.length });
}

const parseText = remembering(2048, (line): JournalRecord | null => {
  try {
    const parsed = journalRecord.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
});
const parseLine = (bytes: Uint8Array): JournalRecord | null => parseText(new TextDecoder().decode(bytes));
