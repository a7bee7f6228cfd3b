// SPDX-License-Identifier: GPL-3.0-or-later
import { ok, type Result } from '../contract/problem';
import type { TransactionId } from '../contract/history';
import type { Desk } from './desk';
import { readJournal } from './journal';
import { replay } from './replay';
import { journalPath, readPlan, readPoint, readSummary, transactions, writePoint, writeSummary } from './store';
import { summaryOf } from './summary';

/**
 * Makes what everybody may read say again what the journals say (decision 0041): a cut or a full disk may have come
 * between the journal's last line and the summary. A journal or plan that cannot be read is left for its own verb to name.
 */
export async function mend(desk: Desk): Promise<Result<void>> {
  const names = transactions(desk.hands);
  if (!names.ok) return names;
  let worst: Result<void> = ok(undefined);
  for (const name of names.value) {
    const mended = await mendOne(desk, name);
    if (!mended.ok) worst = mended;
  }
  return worst;
}

async function mendOne({ hands }: Desk, name: TransactionId): Promise<Result<void>> {
  const journal = readJournal(hands, journalPath(name));
  const story = journal.ok ? replay(journal.value.records) : null;
  const plan = story === null ? null : readPlan(hands, name);
  if (story === null || plan?.ok !== true) return ok(undefined);
  const wanted = summaryOf(story, plan.value);
  const told = readSummary(hands, name);
  // One that is torn or of another shape is as good as none: it is made of the journal alone.
  const summed = told.ok && isSame(told.value, wanted) ? ok(undefined) : await writeSummary(hands, wanted);
  if (!summed.ok || story.moments.length === 0) return summed;
  const point = { schema: 1 as const, transaction: name, moments: [...story.moments] };
  const there = readPoint(hands, name);
  return there.ok && isSame(there.value, point) ? ok(undefined) : writePoint(hands, point);
}

/** The same as JSON: key by key in whatever order, and what is undefined is not there. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((each, index) => isSame(each, b[index]));
  const mine = entriesOf(a);
  const theirs = new Map(entriesOf(b));
  return mine.length === theirs.size && mine.every(([key, each]) => theirs.has(key) && isSame(each, theirs.get(key)));
}

const entriesOf = (value: object): [string, unknown][] => Object.entries(value).filter(([, each]) => each !== undefined);
