// SPDX-License-Identifier: GPL-3.0-or-later
import type { TransactionId } from '../contract/history';
import { ok, type Result } from '../contract/problem';
import { questionText } from '../core/trial/console';
import { consoleMessagePath, loginMessagePath, questionPath, toldPaths } from '../core/trial/places';
import type { Hands } from './hands';
import { folderOf } from './territory';

/** Tells everybody who logs in that a trial waits for an answer. In /run: a restart forgets it, and nothing of ours has to run for it. */
export function askEverybody(hands: Hands, question: { readonly transaction: TransactionId; readonly verdict: 'passed' | 'failed' }): Result<void> {
  const text = questionText(question.verdict);
  const files = [
    [questionPath, `${question.verdict} ${question.transaction}\n`],
    [loginMessagePath, text],
    [consoleMessagePath, text],
  ] as const;
  let worst: Result<void> = ok(undefined);
  for (const [path, content] of files) {
    const put = putFresh(hands, path, content);
    if (!put.ok) worst = put;
  }
  return worst;
}

/** Takes the question away again; what is not there is no matter. */
export function askNobody(hands: Hands): void {
  for (const path of toldPaths) {
    const there = hands.inspect(path);
    if (there.ok && there.value !== null) hands.remove(path);
  }
}

function putFresh(hands: Hands, path: string, content: string): Result<void> {
  const folder = hands.folder(folderOf(path));
  if (!folder.ok) return folder;
  const made = folder.value === null ? hands.makeFolder(folderOf(path), 0o755) : ok(undefined);
  if (!made.ok) return made;
  const there = hands.inspect(path);
  if (!there.ok) return there;
  const gone = there.value === null ? ok(undefined) : hands.remove(path);
  const created = gone.ok ? hands.create(path, 0o644) : gone;
  if (!created.ok) return created;
  const written = hands.write(created.value, new TextEncoder().encode(content));
  const closed = hands.close(created.value);
  return written.ok ? closed : written;
}
