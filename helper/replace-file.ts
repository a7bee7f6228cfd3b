// SPDX-License-Identifier: GPL-3.0-or-later
import { createHash } from 'node:crypto';
import { failed, ok, type Result } from '../contract/problem';
import { storeFolder } from '../core/step/places';
import type { FileState, Handle, Hands, Owner } from './hands';
import { asideOf, besideOf, folderOf, temporaryOf } from './territory';

/** What is to stand at a path, and what must stand there now for us to touch it (null: nothing). */
export interface Replacement {
  readonly path: string;
  readonly expected: FileState | null;
  readonly content: Uint8Array | { readonly copyOf: string };
  /** For a file that is not there yet; otherwise the old file's owner and mode are kept. */
  readonly owner: Owner;
}

export const rootOnly: Owner = { uid: 0, gid: 0, mode: 0o600 };
export const rootReadable: Owner = { uid: 0, gid: 0, mode: 0o644 };

/**
 * Puts a whole file in place of another: beside it, complete, flushed, then one rename, then the folder flushed.
 * At every moment, also after a power cut, the name leads to the old or to the new file.
 */
export async function replaceFile(hands: Hands, replacement: Replacement): Promise<Result<FileState>> {
  const { path, expected } = replacement;
  const temporary = temporaryOf(path);
  const made = await makeBeside(hands, temporary, replacement);
  const moved = made.ok ? moveOver(hands, { from: temporary, path, expected, sha256: made.value.sha256 }) : made;
  if (!moved.ok) discard(hands, temporary);
  return moved;
}

async function makeBeside(hands: Hands, temporary: string, replacement: Replacement): Promise<Result<FileState>> {
  discard(hands, temporary);
  const created = hands.create(temporary, 0o600);
  if (!created.ok) return created;
  const filled = fill(hands, created.value, replacement);
  const kept = filled.ok ? await keepAttributes(hands, temporary, replacement) : filled;
  const flushed = kept.ok ? hands.flush(created.value) : kept;
  const closed = hands.close(created.value);
  if (!flushed.ok) return flushed;
  if (!closed.ok) return closed;
  return readBack(hands, temporary, replacement);
}

/** A write may say it worked and not have; what counts is what can be read back. */
function readBack(hands: Hands, temporary: string, { path, content, expected, owner }: Replacement): Result<FileState> {
  const seen = hands.inspect(temporary);
  const wanted = content instanceof Uint8Array ? ok(digestOf(content)) : digestAt(hands, content.copyOf);
  if (!seen.ok) return seen;
  if (!wanted.ok) return wanted;
  if (seen.value?.sha256 !== wanted.value) return failed('step-failed', { why: 'content', place: path });
  return sameOwner(seen.value, expected ?? owner) ? ok(seen.value) : failed('step-failed', { why: 'attributes', place: path });
}

export const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function digestAt(hands: Hands, path: string): Result<string | null> {
  const seen = hands.inspect(path);
  return seen.ok ? ok(seen.value?.sha256 ?? null) : seen;
}

function fill(hands: Hands, handle: Handle, { content, expected, owner }: Replacement): Result<void> {
  const written = content instanceof Uint8Array ? hands.write(handle, content) : hands.copy(content.copyOf, handle);
  return written.ok ? hands.own(handle, expected ?? owner) : written;
}

/** Labels, ACLs and other attributes of the old file; a new one gets what its folder gives. */
async function keepAttributes(hands: Hands, temporary: string, { path, expected }: Replacement): Promise<Result<void>> {
  if (expected === null || path.startsWith(`${storeFolder}/`)) return ok(undefined);
  const copied = await hands.start({ program: 'copy-attributes', from: path, to: temporary });
  if (!copied.ok) return copied;
  return copied.value.exit === 0 ? ok(undefined) : failed('step-failed', { why: 'attributes', place: path });
}

const sameOwner = (a: Owner, b: Owner): boolean => a.uid === b.uid && a.gid === b.gid && a.mode === b.mode;

/** The rename: only if the file is still the very one that was seen, and told from what stands there afterwards. */
function moveOver(hands: Hands, { from, path, expected, sha256 }: { from: string; path: string; expected: FileState | null; sha256: string }): Result<FileState> {
  const still = stillIs(hands, path, expected);
  if (!still.ok) return still;
  const renamed = hands.rename(from, path);
  if (!renamed.ok) return renamed;
  const flushed = hands.flushFolder(folderOf(path));
  if (!flushed.ok) return flushed;
  const now = hands.inspect(path);
  if (!now.ok) return now;
  return now.value?.sha256 === sha256 ? ok(now.value) : failed('step-failed', { why: 'not-there', place: path });
}

/** `precondition-failed` (changed) when somebody else was here since. */
export function stillIs(hands: Hands, path: string, expected: FileState | null): Result<void> {
  const now = hands.inspect(path);
  if (!now.ok) return now;
  return sameFile(now.value, expected) ? ok(undefined) : failed('precondition-failed', { why: 'changed', place: path });
}

export function sameFile(a: FileState | null, b: FileState | null): boolean {
  return a === null || b === null ? a === b : a.identity === b.identity && sameState(a, b);
}

/** Same bytes, owner and mode, whichever file it is. */
export function sameState(a: FileState | null, b: FileState | null): boolean {
  if (a === null || b === null) return a === b;
  return a.sha256 === b.sha256 && sameOwner(a, b);
}

/**
 * Swaps in what a generator wrote beside a file a boot loader reads (security rule 7b). The old file keeps a second name:
 * a loader that replays no journal may still be led to its blocks. Where links do not exist the rename stands alone.
 */
export async function swapBeside(hands: Hands, { path, expected, sha256 }: Swap): Promise<Result<FileState>> {
  const beside = besideOf(path);
  const owned = expected === null ? ok(undefined) : await takeOver(hands, beside, path);
  if (!owned.ok) return owned;
  const flushed = flushFile(hands, beside, expected ?? rootReadable);
  if (!flushed.ok) return flushed;
  const checked = hands.inspect(beside);
  if (!checked.ok) return checked;
  if (checked.value?.sha256 !== sha256) return failed('precondition-failed', { why: 'changed', place: beside });
  const aside = expected === null ? ok(undefined) : setAside(hands, path);
  return aside.ok ? moveOver(hands, { from: beside, path, expected, sha256 }) : aside;
}

/** `sha256` is the digest of the file beside, as it was checked. */
export interface Swap {
  readonly path: string;
  readonly expected: FileState | null;
  readonly sha256: string;
}

async function takeOver(hands: Hands, beside: string, path: string): Promise<Result<void>> {
  const copied = await hands.start({ program: 'copy-attributes', from: path, to: beside });
  if (!copied.ok) return copied;
  return copied.value.exit === 0 ? ok(undefined) : failed('step-failed', { why: 'attributes', place: path });
}

function flushFile(hands: Hands, path: string, owner: Owner): Result<void> {
  const opened = hands.append(path, owner.mode);
  if (!opened.ok) return opened;
  const owned = hands.own(opened.value, owner);
  const flushed = owned.ok ? hands.flush(opened.value) : owned;
  const closed = hands.close(opened.value);
  return flushed.ok ? closed : flushed;
}

function setAside(hands: Hands, path: string): Result<void> {
  discard(hands, asideOf(path));
  const linked = hands.link(path, asideOf(path));
  if (!linked.ok && linked.problem.detail['why'] !== 'EPERM') return linked;
  return hands.flushFolder(folderOf(path));
}

/** Takes a file of ours away, if it is the one we mean, and flushes the folder; absent already is as good. */
export function removeFile(hands: Hands, path: string, expected: FileState): Result<void> {
  const now = hands.inspect(path);
  if (!now.ok) return now;
  if (now.value !== null) {
    if (!sameState(now.value, expected)) return failed('precondition-failed', { why: 'changed', place: path });
    const removed = hands.remove(path);
    if (!removed.ok) return removed;
  }
  return hands.flushFolder(folderOf(path));
}

/** Takes away a leftover of ours; one that is not there, or not a plain file, is left alone. */
export function discard(hands: Hands, path: string): void {
  const there = hands.inspect(path);
  if (there.ok && there.value !== null) hands.remove(path);
}
