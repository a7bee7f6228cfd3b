// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok, type Result } from '../../contract/problem';
import type { PlaceChange } from '../../core/step/changes';
import { pathOf } from '../../core/step/places';
import type { FileState, Hands, Handle } from '../hands';
import { digestOf } from '../replace-file';
import { folderOf } from '../territory';
import type { Bench } from './bench';
import { need } from './put';

type CopyConfig = Extract<PlaceChange, { readonly change: 'copy-config' }>;
const mostFiles = 4096;

/** Makes a folder of the store a copy of a configuration folder, then puts our files in. Links are refused: a copy must not depend on what it points to. */
export async function copyConfig(bench: Bench, change: CopyConfig): Promise<Result<void>> {
  const to = pathOf(change.place, bench.transaction);
  const cleared = await discardFolder(bench, to);
  if (!cleared.ok) return cleared;
  const copied = copyFolder(bench, { from: change.from, to, left: { files: mostFiles } });
  if (!copied.ok) return copied;
  for (const { name, text, mode } of change.files) {
    const put = putFile(bench, { path: `${to}/${name}`, text, mode });
    if (!put.ok) return put;
  }
  return ok(undefined);
}

/** Takes a folder of the store away with all that is in it; absent is as good. */
export async function discardFolder(bench: Bench, folder: string): Promise<Result<void>> {
  const there = bench.hands.folder(folder);
  if (!there.ok) return there;
  if (there.value === null) return ok(undefined);
  const removed = await need(bench, { program: 'remove-unpacked', folder });
  return removed.ok ? ok(undefined) : removed;
}

interface Copying {
  readonly from: string;
  readonly to: string;
  /** Shared by the whole tree. */
  readonly left: { files: number };
}

function copyFolder(bench: Bench, { from, to, left }: Copying): Result<void> {
  const { hands } = bench;
  const source = hands.folder(from);
  if (!source.ok) return source;
  if (source.value === null) return failed('precondition-failed', { why: 'absent', place: from });
  const made = hands.makeFolder(to, source.value.mode);
  if (!made.ok) return made;
  for (const name of source.value.names) {
    left.files -= 1;
    if (left.files < 0) return failed('too-large', { place: from });
    const copied = copyEntry(bench, { from: `${from}/${name}`, to: `${to}/${name}`, left });
    if (!copied.ok) return copied;
  }
  return hands.flushFolder(to);
}

function copyEntry(bench: Bench, copying: Copying): Result<void> {
  const stat = bench.hands.stat(copying.from);
  if (stat.at !== 'is') return failed('precondition-failed', { why: 'absent', place: copying.from });
  if (stat.value.kind === 'folder') return copyFolder(bench, copying);
  const seen = bench.hands.inspect(copying.from);
  if (!seen.ok) return seen;
  return seen.value === null ? failed('precondition-failed', { why: 'changed', place: copying.from }) : copyFile(bench, copying, seen.value);
}

function copyFile({ hands }: Bench, { from, to }: Copying, seen: FileState): Result<void> {
  const created = hands.create(to, seen.mode);
  if (!created.ok) return created;
  return finish(hands, { path: to, handle: created.value, done: hands.copy(from, created.value), sha256: seen.sha256 });
}

interface Written {
  readonly path: string;
  readonly handle: Handle;
  readonly done: Result<void>;
  readonly sha256: string;
}

/** Flushes and closes, and reads back: what a trial image is built from is not believed to be there. */
function finish(hands: Hands, { path, handle, done, sha256 }: Written): Result<void> {
  const flushed = done.ok ? hands.flush(handle) : done;
  const closed = hands.close(handle);
  if (!flushed.ok || !closed.ok) return flushed.ok ? closed : flushed;
  const there = hands.inspect(path);
  if (!there.ok) return there;
  return there.value?.sha256 === sha256 ? ok(undefined) : failed('step-failed', { why: 'content', place: path });
}

/** A file of ours in the copy; one of that name that was copied makes way. */
function putFile({ hands }: Bench, { path, text, mode }: { path: string; text: string; mode: number }): Result<void> {
  const there = hands.inspect(path);
  if (!there.ok) return there;
  if (there.value !== null) {
    const removed = hands.remove(path);
    if (!removed.ok) return removed;
  }
  const folder = hands.folder(folderOf(path));
  if (!folder.ok) return folder;
  const made = folder.value === null ? hands.makeFolder(folderOf(path), 0o755) : ok(undefined);
  if (!made.ok) return made;
  const created = hands.create(path, mode);
  if (!created.ok) return created;
  const bytes = new TextEncoder().encode(text);
  return finish(hands, { path, handle: created.value, done: hands.write(created.value, bytes), sha256: digestOf(bytes) });
}
