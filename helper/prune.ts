// SPDX-License-Identifier: GPL-3.0-or-later
import { unfinished, type TransactionId } from '../contract/history';
import type { Moment } from '../contract/point';
import { ok, type Result } from '../contract/problem';
import { beforeFolder, storeFolder } from '../core/step/places';
import { contentPath, contentsFolder } from './contents';
import type { Desk } from './desk';
import type { Hands } from './hands';
import { readJournal, type Journal } from './journal';
import { replay, type StepStory, type Story } from './replay';
import { discard } from './replace-file';
import { journalPath, planPath, pointPath, scriptPath, summaryPath, transactionFolder, transactions } from './store';

/** How much is kept: transactions, bytes of their copies, and how many of the newest are never touched. */
export interface Keeping {
  readonly transactions: number;
  readonly bytes: number;
  readonly newest: number;
}
export const keeping: Keeping = { transactions: 64, bytes: 4_294_967_296, newest: 8 };

interface Held {
  readonly id: TransactionId;
  /** Null: its first journal line never got to the disk, or its journal went first when it was pruned. */
  readonly story: Story | null;
  readonly bytes: number;
  /** Digests of the copies its steps made. */
  readonly copies: ReadonlySet<string>;
}

/**
 * Takes the least useful finished transactions away when there are more than may be, each noted before in the journal of
 * the one that makes room. Never an unfinished one, never the newest, and never what the oldest good state needs: the
 * machine as it was before the first change. What fails here is left for the next time.
 */
export async function prune(desk: Desk, current: Current, limits: Keeping = keeping): Promise<void> {
  try {
    await pruneSome(desk, current, limits);
  } catch {
    // What the verb did stands; a bug here must not be told as its failure.
  }
}

interface Current {
  readonly id: TransactionId;
  readonly journal: Journal;
}

async function pruneSome(desk: Desk, current: Current, limits: Keeping): Promise<void> {
  const held = heldIn(desk.hands);
  if (held === null) return;
  const goes = choose(held, current.id, limits);
  for (const { id, story } of goes) {
    const noted = story === null ? ok(undefined) : current.journal.note({ kind: 'pruned', other: id });
    const gone = noted.ok ? await removeWhole(desk.hands, id) : noted;
    if (!gone.ok) return;
  }
  if (goes.length > 0) collect(desk.hands, held.filter((each) => !goes.includes(each)));
}

/** Null where something cannot be read: then nothing is taken away. */
function heldIn(hands: Hands): readonly Held[] | null {
  const names = transactions(hands);
  if (!names.ok) return null;
  const held: Held[] = [];
  for (const id of names.value) {
    const journal = readJournal(hands, journalPath(id));
    if (!journal.ok) return null;
    const copies = journal.value.records.flatMap((record) => (record.kind === 'begun' ? record.saved.flatMap(({ was, saved }) => (was === null || saved === null ? [] : [was.sha256])) : []));
    held.push({ id, story: replay(journal.value.records), bytes: bytesOf(hands, id), copies: new Set(copies) });
  }
  return held.sort((a, b) => (a.story?.opened ?? 0) - (b.story?.opened ?? 0));
}

function bytesOf(hands: Hands, id: TransactionId): number {
  const before = hands.folder(beforeFolder(id));
  const copies = before.ok ? (before.value?.names ?? []).map((name) => `${beforeFolder(id)}/${name}`) : [];
  return [...copies, journalPath(id), planPath(id), scriptPath(id)].reduce((sum, path) => {
    const stat = hands.stat(path);
    return sum + (stat.at === 'is' ? stat.value.size : 0);
  }, 0);
}

/** Oldest first of each kind: leftovers, what was undone, points that stand on nothing, and last changes under newer ones. */
export function choose(held: readonly Held[], current: TransactionId, limits: Keeping): readonly Held[] {
  const told = held.filter((each) => each.story !== null);
  const [oldest] = told;
  const newest = new Set(told.slice(-limits.newest));
  const needed = new Set((oldest?.story?.moments[0]?.places ?? []).flatMap(({ is }) => (is === null ? [] : [is.sha256])));
  const leftovers = held.filter(({ story, id }) => story === null && id !== current);
  const free = told.filter((each) => each !== oldest && !newest.has(each) && each.id !== current && each.story !== null && !unfinished(each.story.state) && !isOnlyHolder(each, told, needed));
  const ranked = [...free].sort((a, b) => rankOf(a) - rankOf(b));
  let [count, bytes] = [told.length, told.reduce((sum, each) => sum + each.bytes, 0)];
  const goes: Held[] = [];
  for (const each of ranked) {
    if (count <= limits.transactions && bytes <= limits.bytes) break;
    if (isOnlyHolder(each, told.filter((other) => !goes.includes(other)), needed)) continue;
    goes.push(each);
    count -= 1;
    bytes -= each.bytes;
  }
  return [...leftovers, ...goes];
}

const rankOf = ({ story }: Held): number => (story?.state === 'undone' ? 0 : story?.steps.every((step) => step.outcome === 'undone') === true ? 1 : 2);

/** Whether it alone has bytes that the oldest state is made of. */
const isOnlyHolder = (each: Held, all: readonly Held[], needed: ReadonlySet<string>): boolean =>
  [...each.copies].some((sha256) => needed.has(sha256) && !all.some((other) => other !== each && other.copies.has(sha256)));

/** What everybody reads goes first, then the journal: what is left after a cut is a leftover without a name, and goes the next time. */
async function removeWhole(hands: Hands, id: TransactionId): Promise<Result<void>> {
  for (const path of [summaryPath(id), pointPath(id), journalPath(id)]) {
    const gone = discard(hands, path);
    if (!gone.ok) return gone;
    const flushed = flushThere(hands, path.slice(0, path.lastIndexOf('/')));
    if (!flushed.ok) return flushed;
  }
  const removed = await hands.start({ program: 'remove-unpacked', folder: transactionFolder(id) });
  return removed.ok ? hands.flushFolder(storeFolder) : removed;
}

function flushThere(hands: Hands, folder: string): Result<void> {
  const there = hands.folder(folder);
  if (!there.ok) return there;
  return there.value === null ? ok(undefined) : hands.flushFolder(folder);
}

/** Texts that no moment speaks of any more. */
function collect(hands: Hands, stay: readonly Held[]): void {
  const spoken = new Set(stay.flatMap(({ story }) => [...(story?.moments ?? []).flatMap(spokenOf), ...(story?.steps ?? []).flatMap(statesOf)]));
  const folder = hands.folder(contentsFolder);
  for (const name of folder.ok ? (folder.value?.names ?? []) : []) if (/^[0-9a-f]{64}$/.test(name) && !spoken.has(name)) discard(hands, contentPath(name));
}

const spokenOf = ({ places, vms }: Moment): readonly string[] => [...places.flatMap(({ is, copied }) => (is !== null && copied ? [is.sha256] : [])), ...(vms ?? []).flatMap(({ nvram, tpm }) => [nvram, tpm].filter((one) => one !== null))];

/** What undo would put back of a VM, and what was put. */
const statesOf = ({ settings, setting }: StepStory): readonly string[] =>
  [...settings.flatMap((each) => (each.setting.setting === 'vm-state' ? [each.was] : [])), ...setting.flatMap(({ path, value }) => (path.startsWith('vm-state:') ? [value] : []))].flatMap((value) => value.split(' '));
