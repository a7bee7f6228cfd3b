// SPDX-License-Identifier: GPL-3.0-or-later
import { handRecord, handStatus, vmUuid, type HandRecord, type HandStatus, type NewHandRecord } from '../../contract/hand-off';
import { ok, type Result } from '../../contract/problem';
import { readStory, type HandStory } from '../../core/hand-off/story';
import { storeFolder } from '../../core/step/places';
import type { Handle, Hands } from '../hands';
import { ensureFolder, openStore } from '../store';

export const handFolder = `${storeFolder}/hand-off`;
export const handJournalPath = (vm: string): string => `${handFolder}/${vm}.jsonl`;
export const handStatusPath = (vm: string): string => `${handFolder}/${vm}.json`;
/** Bytes of a journal that is read, and from which on one with nothing open in it is begun anew. */
const limits = { read: 4_194_304, fresh: 524_288 };

/** The journal of one VM's cards, open for writing. */
export interface HandJournal {
  story(): HandStory;
  /**
   * Written when this returns; with `flush` also on the disk. Bindings do not outlive a start, so nothing is undone from
   * it after one: it is flushed only before what may freeze the machine, so that afterwards it says what that was.
   */
  note(record: NewHandRecord, flush?: 'flush'): Result<void>;
  close(): void;
}

export function openHandJournal(hands: Hands, vm: string): Result<HandJournal> {
  const store = openStore(hands);
  const folder = store.ok ? ensureFolder(hands, handFolder, 0o755) : store;
  if (!folder.ok) return folder;
  const path = handJournalPath(vm);
  const before = readRecords(hands, vm);
  if (!before.ok) return before;
  const kept = restart(hands, path, before.value);
  if (!kept.ok) return kept;
  const opened = hands.append(path, 0o600);
  return opened.ok ? ok(journalOn(hands, opened.value, kept.value)) : opened;
}

/** A long journal with nothing open goes; a line that a killed process left half written is cut off. */
function restart(hands: Hands, path: string, before: Records): Result<readonly HandRecord[]> {
  if (before.size > limits.fresh && readStory(before.records, hands.boot()).begun.length === 0) {
    const gone = hands.remove(path);
    return gone.ok ? ok([]) : gone;
  }
  const cut = before.torn ? hands.truncate(path, before.whole) : ok(undefined);
  return cut.ok ? ok(before.records) : cut;
}

function journalOn(hands: Hands, handle: Handle, before: readonly HandRecord[]): HandJournal {
  const records = [...before];
  // A write that failed may have left half a line: the next one must not become its end.
  let whole = true;
  return {
    story: () => readStory(records, hands.boot()),
    note(bare, flush) {
      const record = handRecord.parse({ ...bare, at: hands.now(), boot: hands.boot() });
      records.push(record);
      const written = hands.write(handle, new TextEncoder().encode(`${whole ? '' : '\n'}${JSON.stringify(record)}\n`));
      whole = written.ok;
      return written.ok && flush !== undefined ? hands.flush(handle) : written;
    },
    close: () => void hands.close(handle),
  };
}

interface Records {
  readonly records: readonly HandRecord[];
  readonly size: number;
  /** Bytes of the lines that are whole. */
  readonly whole: number;
  readonly torn: boolean;
}

function readRecords(hands: Hands, vm: string): Result<Records> {
  const taken = hands.take(handJournalPath(vm), limits.read);
  if (!taken.ok) return taken;
  if (taken.value === null) return ok({ records: [], size: 0, whole: 0, torn: false });
  const { bytes } = taken.value;
  const whole = bytes.lastIndexOf(10) + 1;
  // Half a line is passed over: what it would have said was not done, because it could not be written down.
  const records = new TextDecoder().decode(bytes.subarray(0, whole)).split('\n').flatMap((line) => parse(line) ?? []);
  return ok({ records, size: bytes.length, whole, torn: whole < bytes.length });
}

function parse(line: string): HandRecord | null {
  try {
    return handRecord.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

/** Every VM's story in this start; one that cannot be read is told as stuck: nobody knows what it has. */
export function readStories(hands: Hands): Result<readonly { readonly vm: string; readonly story: HandStory | null }[]> {
  const folder = hands.folder(handFolder);
  if (!folder.ok) return folder;
  const vms = (folder.value?.names ?? []).flatMap((name) => (name.endsWith('.jsonl') ? (vmUuid.safeParse(name.slice(0, -6)).data ?? []) : []));
  return ok(
    vms.map((vm) => {
      const read = readRecords(hands, vm);
      return { vm, story: read.ok ? readStory(read.value.records, hands.boot()) : null };
    }),
  );
}

/** Whether the timer still has somebody else's card to look after; who cannot be read may have one. */
export function othersStand(hands: Hands, vm: string): boolean {
  const stories = readStories(hands);
  return !stories.ok || stories.value.some((one) => one.vm !== vm && (one.story === null || (one.story.devices.length > 0 && !one.story.stuck)));
}

/** What everybody may read, put in place whole; a cut may leave the one before, never half of one. Nothing hangs on it. */
export function writeStatus(hands: Hands, status: HandStatus): Result<void> {
  const path = handStatusPath(status.vm);
  const beside = `${path}.new`;
  const made = createAnew(hands, beside);
  if (!made.ok) return made;
  const written = hands.write(made.value, new TextEncoder().encode(`${JSON.stringify(handStatus.parse(status))}\n`));
  const closed = hands.close(made.value);
  if (!written.ok) return written;
  return closed.ok ? hands.rename(beside, path) : closed;
}

/** A killed process may have left its own behind. */
function createAnew(hands: Hands, path: string): Result<Handle> {
  const made = hands.create(path, 0o644);
  if (made.ok || made.problem.detail['why'] !== 'exists') return made;
  const gone = hands.remove(path);
  return gone.ok ? hands.create(path, 0o644) : gone;
}
