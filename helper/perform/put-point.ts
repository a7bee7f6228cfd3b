// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok, type Result } from '../../contract/problem';
import type { PlaceChange } from '../../core/step/changes';
import { beforeFolder, pathOf } from '../../core/step/places';
import { contentPath } from '../contents';
import { readJournal } from '../journal';
import { removeFile, replaceFile } from '../replace-file';
import { journalPath, transactions } from '../store';
import { folderOf } from '../territory';
import { savedAt, type Bench, type Job } from './bench';
import { needFolder } from './put';

type PutBack = Extract<PlaceChange, { readonly change: 'put-back' }>;

/** Puts at a place what a restore point saw there, if the place still is what was saved; its digest is journaled before. */
export async function putPoint(bench: Bench, job: Job, { place, then }: PutBack): Promise<Result<void>> {
  const path = pathOf(place, bench.transaction);
  const { was } = savedAt(job, path);
  if (then === null) {
    if (was === null) return ok(undefined);
    const noted = await bench.putting(job.step.id, path, was.sha256);
    return noted.ok ? removeFile(bench.hands, path, was) : noted;
  }
  const source = findContent(bench, then.sha256);
  if (!source.ok) return source;
  if (source.value === null) return failed('not-found', { what: 'content', place: path });
  const folder = await needFolder(bench, job, folderOf(path));
  if (!folder.ok) return folder;
  const noted = await bench.putting(job.step.id, path, then.sha256);
  if (!noted.ok) return noted;
  const { mode, uid, gid } = then;
  const replaced = await replaceFile(bench.hands, { path, expected: was, content: { copyOf: source.value }, owner: { mode, uid, gid }, exactly: true });
  if (!replaced.ok) return replaced;
  return replaced.value.sha256 === then.sha256 ? ok(undefined) : failed('unreadable', { why: 'copy-damaged', place: path });
}

/** Where in the store these very bytes lie: among the texts of points, or as some step's copy of what it was about to change. Null: nowhere whole. */
function findContent({ hands }: Bench, sha256: string): Result<string | null> {
  const candidates: string[] = [contentPath(sha256)];
  const names = transactions(hands);
  if (!names.ok) return names;
  for (const name of names.value) {
    const journal = readJournal(hands, journalPath(name));
    // One that cannot be read keeps nobody from the copies of the others.
    const records = journal.ok ? journal.value.records : [];
    for (const record of records)
      if (record.kind === 'begun') candidates.push(...record.saved.flatMap(({ was, saved }) => (was?.sha256 === sha256 && saved !== null ? [`${beforeFolder(name)}/${saved}`] : [])));
  }
  for (const path of candidates) {
    const there = hands.inspect(path);
    if (there.ok && there.value?.sha256 === sha256) return ok(path);
  }
  return ok(null);
}
