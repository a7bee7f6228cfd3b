// SPDX-License-Identifier: GPL-3.0-or-later
import { summary, transactionId, type Summary, type TransactionId, type TransactionState } from '../contract/history';
import { plan, type Plan } from '../contract/plan';
import { pointFile, type PointFile } from '../contract/point';
import { failed, ok, type Result } from '../contract/problem';
import { planOfAnyVersion } from '../core/plan/stored';
import { beforeFolder, privateFolder, storeFolder } from '../core/step/places';
import type { Hands } from './hands';
import { readJournal } from './journal';
import { remembering } from './parsed';
import { removeFile, replaceFile, rootOnly, rootReadable } from './replace-file';
import { replay } from './replay';
import { folderOf } from './territory';

/** Not in the store: a request that is refused must leave no trace on the disk. */
export const lockPath = '/run/switchyard.lock';
export const transactionFolder = (transaction: TransactionId): string => `${storeFolder}/${transaction}`;
export const summaryPath = (transaction: TransactionId): string => `${transactionFolder(transaction)}/summary.json`;
export const pointPath = (transaction: TransactionId): string => `${transactionFolder(transaction)}/point.json`;
export const planPath = (transaction: TransactionId): string => `${privateFolder(transaction)}/plan.json`;
export const journalPath = (transaction: TransactionId): string => `${privateFolder(transaction)}/journal.jsonl`;
export const scriptPath = (transaction: TransactionId): string => `${privateFolder(transaction)}/undo.sh`;

const limits = { summary: 262_144, plan: 1_048_576, point: 4_194_304 };

/** The store exists, is root's and nobody else may write there; made when it is not there yet. */
export function openStore(hands: Hands): Result<void> {
  return ensureFolder(hands, storeFolder, 0o755);
}

/** A folder of ours with exactly these rights; one that has others is refused, not corrected. */
export function ensureFolder(hands: Hands, path: string, mode: number): Result<void> {
  const there = hands.folder(path);
  if (!there.ok) return there;
  if (there.value !== null) return there.value.uid === 0 && (there.value.mode & 0o777 & ~mode) === 0 ? ok(undefined) : failed('precondition-failed', { why: 'writable', place: path });
  const made = hands.makeFolder(path, mode);
  return made.ok ? hands.flushFolder(folderOf(path)) : made;
}

/** Folders of a new transaction; its name must be free. */
export function makeTransaction(hands: Hands, transaction: TransactionId): Result<void> {
  const there = hands.folder(transactionFolder(transaction));
  if (!there.ok) return there;
  if (there.value !== null) return failed('precondition-failed', { why: 'exists', place: transactionFolder(transaction) });
  for (const [path, mode] of [[transactionFolder(transaction), 0o755], [privateFolder(transaction), 0o700], [beforeFolder(transaction), 0o700]] as const) {
    const made = ensureFolder(hands, path, mode);
    if (!made.ok) return made;
  }
  return ok(undefined);
}

/** Every transaction there is, in no order; foreign names are passed over. */
export function transactions(hands: Hands): Result<readonly TransactionId[]> {
  const folder = hands.folder(storeFolder);
  if (!folder.ok) return folder;
  return ok((folder.value?.names ?? []).flatMap((name) => transactionId.safeParse(name).data ?? []));
}

/** What a journal of the store says without being opened for work. */
export interface Stated {
  readonly transaction: TransactionId;
  readonly state: TransactionState;
  readonly opened: number;
  /** Whether anything of it may still stand on the machine; a point alone changes nothing. */
  readonly stands: boolean;
}

/** Every transaction whose first journal line got to the disk, newest first; one whose journal cannot be read is told as incomplete, never passed over. */
export function readStates(desk: { readonly hands: Hands }): Result<readonly Stated[]> {
  const names = transactions(desk.hands);
  if (!names.ok) return names;
  const states: Stated[] = [];
  for (const transaction of names.value) {
    const journal = readJournal(desk.hands, journalPath(transaction));
    const story = journal.ok ? replay(journal.value.records) : null;
    if (story !== null) states.push({ transaction, state: story.state, opened: story.opened, stands: story.steps.some((step) => step.outcome !== 'undone') });
    else if (!journal.ok) states.push({ transaction, state: 'undo-incomplete', opened: 0, stands: true });
  }
  return ok(states.sort((a, b) => b.opened - a.opened));
}

export function writePlan(hands: Hands, transaction: TransactionId, drawn: Plan): Promise<Result<void>> {
  return writeText(hands, planPath(transaction), { text: `${JSON.stringify(drawn)}\n`, readable: false });
}

export function readPlan(hands: Hands, transaction: TransactionId): Result<Plan> {
  const read = readShaped(hands, { path: planPath(transaction), limit: limits.plan, what: 'plan' }, planText);
  if (!read.ok) return read;
  return read.value === null ? failed('unreadable', { what: 'plan' }) : ok(read.value);
}

export function writeSummary(hands: Hands, now: Summary): Promise<Result<void>> {
  return writeText(hands, summaryPath(now.transaction), { text: `${JSON.stringify(summary.parse(now))}\n`, readable: true });
}

/** Null when a cut came before the first summary was written. */
export function readSummary(hands: Hands, transaction: TransactionId): Result<Summary | null> {
  return readShaped(hands, { path: summaryPath(transaction), limit: limits.summary, what: 'summary' }, summaryText);
}

export function writePoint(hands: Hands, now: PointFile): Promise<Result<void>> {
  return writeText(hands, pointPath(now.transaction), { text: `${JSON.stringify(pointFile.parse(now))}\n`, readable: true });
}

/** Null when nothing was seen yet. */
export function readPoint(hands: Hands, transaction: TransactionId): Result<PointFile | null> {
  const read = readShaped(hands, { path: pointPath(transaction), limit: limits.point, what: 'point' }, pointText);
  return read.ok && read.value !== null && read.value.transaction !== transaction ? failed('unreadable', { what: 'point' }) : read;
}

export function writeScript(hands: Hands, transaction: TransactionId, text: string): Promise<Result<void>> {
  return writeText(hands, scriptPath(transaction), { text, readable: false });
}

/** Names the transaction that has unfinished business; while it is not there, no unit of ours starts (assets/linux). */
export const waitingPath = `${storeFolder}/waiting`;

export async function setWaiting(hands: Hands, transaction: TransactionId | null): Promise<Result<void>> {
  if (transaction !== null) return writeText(hands, waitingPath, { text: `${transaction}\n`, readable: true });
  const there = hands.inspect(waitingPath);
  if (!there.ok) return there;
  return there.value === null ? ok(undefined) : removeFile(hands, waitingPath, there.value);
}

/** A file of the store, replaced whole; nobody but us writes there, so whatever stands there now is ours. */
async function writeText(hands: Hands, path: string, { text, readable }: { text: string; readable: boolean }): Promise<Result<void>> {
  const there = hands.inspect(path);
  if (!there.ok) return there;
  const replaced = await replaceFile(hands, { path, expected: there.value, content: new TextEncoder().encode(text), owner: readable ? rootReadable : rootOnly });
  return replaced.ok ? ok(undefined) : replaced;
}

const planText = shaped((value) => plan.safeParse(planOfAnyVersion(value)));
const summaryText = shaped((value) => summary.safeParse(value));
const pointText = shaped((value) => pointFile.safeParse(value));

function shaped<T>(check: (value: unknown) => { readonly success: boolean; readonly data?: T | undefined }): (text: string) => T | null {
  return remembering(256, (text) => {
    try {
      return check(JSON.parse(text)).data ?? null;
    } catch {
      return null;
    }
  });
}

/** Null when it is not there; `unreadable` when it is no JSON, or of another shape. */
function readShaped<T>(hands: Hands, from: { readonly path: string; readonly limit: number; readonly what: string }, parse: (text: string) => T | null): Result<T | null> {
  const taken = hands.take(from.path, from.limit);
  if (!taken.ok) return taken;
  if (taken.value === null) return ok(null);
  const parsed = parse(new TextDecoder().decode(taken.value.bytes));
  return parsed === null ? failed('unreadable', { what: from.what }) : ok(parsed);
}
