// SPDX-License-Identifier: GPL-3.0-or-later
import { createHash } from 'node:crypto';
import { failed, ok, type Result } from '../contract/problem';
import { storeFolder } from '../core/step/places';
import type { FileState, Handle, Hands, Owner } from './hands';
import { asidesOf, besideOf, folderOf, isReadByLoader, temporaryOf } from './territory';
import { isOfService } from './walk';

/** What is to stand at a path, and what must stand there now for us to touch it (null: nothing). */
export interface Replacement {
  readonly path: string;
  readonly expected: FileState | null;
  readonly content: Uint8Array | { readonly copyOf: string };
  /** For a file that is not there yet; otherwise the old file's owner and mode are kept. */
  readonly owner: Owner;
  /** The file gets this owner and mode even where another stands now: what was closed once must not become readable. */
  readonly exactly?: true;
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
  const moved = made.ok ? await moveOver(hands, { from: temporary, path, expected, sha256: made.value.sha256 }) : made;
  if (!moved.ok) discard(hands, temporary);
  return moved;
}

async function makeBeside(hands: Hands, temporary: string, replacement: Replacement): Promise<Result<FileState>> {
  const cleared = discard(hands, temporary);
  if (!cleared.ok) return cleared;
  const created = hands.create(temporary, 0o600);
  if (!created.ok) return created;
  const made = replacement.exactly === true ? await fillClosed(hands, { temporary, handle: created.value }, replacement) : await fillOpen(hands, { temporary, handle: created.value }, replacement);
  const flushed = made.ok ? hands.flush(created.value) : made;
  const closed = hands.close(created.value);
  if (!flushed.ok) return flushed;
  if (!closed.ok) return closed;
  return readBack(hands, temporary, replacement);
}

interface Beside {
  readonly temporary: string;
  readonly handle: Handle;
}

async function fillOpen(hands: Hands, { temporary, handle }: Beside, replacement: Replacement): Promise<Result<void>> {
  const filled = fill(hands, handle, replacement);
  return filled.ok ? keepAttributes(hands, temporary, replacement) : filled;
}

/** Labels first, then owner and mode, then content: at no moment can somebody read it who may not. */
async function fillClosed(hands: Hands, { temporary, handle }: Beside, replacement: Replacement): Promise<Result<void>> {
  const { content, owner } = replacement;
  const kept = await keepAttributes(hands, temporary, replacement);
  const owned = kept.ok ? hands.own(handle, owner) : kept;
  if (!owned.ok) return owned;
  return content instanceof Uint8Array ? hands.write(handle, content) : hands.copy(content.copyOf, handle);
}

/** A write may say it worked and not have; what counts is what can be read back. */
function readBack(hands: Hands, temporary: string, { path, content, expected, owner, exactly }: Replacement): Result<FileState> {
  const seen = hands.inspect(temporary);
  const wanted = content instanceof Uint8Array ? ok(digestOf(content)) : digestAt(hands, content.copyOf);
  if (!seen.ok) return seen;
  if (!wanted.ok) return wanted;
  if (seen.value?.sha256 !== wanted.value) return failed('step-failed', { why: 'content', place: path });
  return sameOwner(seen.value, exactly === true ? owner : (expected ?? owner)) ? ok(seen.value) : failed('step-failed', { why: 'attributes', place: path });
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
  // Where libvirt's accounts own the folder no program is led by a path, which they could make a link; libvirt itself
  // gives the files of a VM their labels at each start.
  if (expected === null || path.startsWith(`${storeFolder}/`) || isOfService(path)) return ok(undefined);
  return copyAttributes(hands, path, temporary);
}

/** cp fails where one of them cannot be kept; where they can be read, it is not believed but looked at. */
async function copyAttributes(hands: Hands, path: string, to: string): Promise<Result<void>> {
  const copied = await hands.start({ program: 'copy-attributes', from: path, to });
  if (!copied.ok) return copied;
  if (copied.value.exit !== 0) return failed('step-failed', { why: 'attributes', place: path });
  if (!hands.has('read-attributes')) return ok(undefined);
  const original = await attributesOf(hands, path);
  if (!original.ok) return original;
  const copy = await attributesOf(hands, to);
  if (!copy.ok) return copy;
  return copy.value === original.value ? ok(undefined) : failed('step-failed', { why: 'attributes', place: path });
}

/** Every extended attribute, one a line, without the line that names the file. */
async function attributesOf(hands: Hands, path: string): Promise<Result<string>> {
  const read = await hands.start({ program: 'read-attributes', path });
  if (!read.ok) return read;
  if (read.value.exit !== 0) return failed('step-failed', { why: 'attributes', place: path });
  return ok(read.value.output.split('\n').filter((line) => line !== '' && !line.startsWith('# file: ')).sort().join('\n'));
}

const sameOwner = (a: Owner, b: Owner): boolean => a.uid === b.uid && a.gid === b.gid && a.mode === b.mode;

/** The rename: only if the file is still the very one that was seen, and told from what stands there afterwards. */
async function moveOver(hands: Hands, { from, path, expected, sha256 }: { from: string; path: string; expected: FileState | null; sha256: string }): Promise<Result<FileState>> {
  const inPlace = isReadByLoader(path) ? await writeBack(hands, from) : ok(undefined);
  if (!inPlace.ok) return inPlace;
  const still = stillIs(hands, path, expected);
  if (!still.ok) return still;
  const aside = expected !== null && isReadByLoader(path) ? setAsideAs(hands, path, expected) : ok(undefined);
  if (!aside.ok) return aside;
  const renamed = hands.rename(from, path);
  if (!renamed.ok) return renamed;
  const flushed = hands.flushFolder(folderOf(path));
  if (!flushed.ok) return flushed;
  const now = hands.inspect(path);
  if (!now.ok) return now;
  return now.value?.sha256 === sha256 ? ok(now.value) : failed('step-failed', { why: 'not-there', place: path });
}

/**
 * fsync leaves a new file's inode in the journal, which a boot loader does not replay: it would find the new name and an
 * empty file. syncfs(2) also writes the inode to its own place, and the flush before the rename is committed makes that last.
 */
async function writeBack(hands: Hands, path: string): Promise<Result<void>> {
  const written = await hands.start({ program: 'sync-filesystem', path });
  if (!written.ok) return written;
  return written.value.exit === 0 ? ok(undefined) : failed('step-failed', { why: 'exit', program: 'sync-filesystem' });
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
  return moveOver(hands, { from: beside, path, expected, sha256 });
}

/** `sha256` is the digest of the file beside, as it was checked. */
export interface Swap {
  readonly path: string;
  readonly expected: FileState | null;
  readonly sha256: string;
}

async function takeOver(hands: Hands, beside: string, path: string): Promise<Result<void>> {
  return copyAttributes(hands, path, beside);
}

function flushFile(hands: Hands, path: string, owner: Owner): Result<void> {
  const opened = hands.append(path, owner.mode);
  if (!opened.ok) return opened;
  const owned = hands.own(opened.value, owner);
  const flushed = owned.ok ? hands.flush(opened.value) : owned;
  const closed = hands.close(opened.value);
  return flushed.ok ? closed : flushed;
}

/** Gives the file that is about to go a second name, so that its blocks stay; the name is on the disk before the file goes. */
function setAside(hands: Hands, path: string): Result<void> {
  const free = freeAside(hands, path);
  if (!free.ok) return free;
  const linked = hands.link(path, free.value);
  if (!linked.ok) return linked.problem.detail['why'] === 'EPERM' ? ok(undefined) : linked;
  const there = hands.inspect(free.value);
  if (!there.ok) return there;
  return there.value === null ? failed('step-failed', { why: 'not-there', place: free.value }) : hands.flushFolder(folderOf(path));
}

/** The same, and looked at once more: while the second name was made somebody may have changed the file. */
function setAsideAs(hands: Hands, path: string, expected: FileState): Result<void> {
  const aside = setAside(hands, path);
  return aside.ok ? stillIs(hands, path, expected) : aside;
}

function freeAside(hands: Hands, path: string): Result<string> {
  for (const aside of asidesOf(path)) {
    const there = hands.inspect(aside);
    if (!there.ok) return there;
    if (there.value === null) return ok(aside);
  }
  return failed('precondition-failed', { why: 'asides', place: path });
}

/** After a good start nothing leads to the old blocks any more. */
export function discardAsides(hands: Hands, path: string): Result<void> {
  for (const aside of asidesOf(path)) {
    const gone = discard(hands, aside);
    if (!gone.ok) return gone;
  }
  return ok(undefined);
}

/** Takes a file of ours away, if it is the one we mean, and flushes the folder; absent already is as good. */
export function removeFile(hands: Hands, path: string, expected: FileState): Result<void> {
  const now = hands.inspect(path);
  if (!now.ok) return now;
  if (now.value !== null) {
    if (!sameState(now.value, expected)) return failed('precondition-failed', { why: 'changed', place: path });
    const aside = isReadByLoader(path) ? setAsideAs(hands, path, now.value) : ok(undefined);
    if (!aside.ok) return aside;
    const removed = takeAway(hands, path);
    if (!removed.ok) return removed;
  }
  return hands.flushFolder(folderOf(path));
}

/** Takes away a leftover of ours; absent is as good, what is no plain file of root's is refused. */
export function discard(hands: Hands, path: string): Result<void> {
  const there = hands.inspect(path);
  if (!there.ok) return there;
  return there.value === null ? ok(undefined) : takeAway(hands, path);
}

/** Removed, and looked at again. */
function takeAway(hands: Hands, path: string): Result<void> {
  const removed = hands.remove(path);
  if (!removed.ok) return removed;
  const still = hands.inspect(path);
  if (!still.ok) return still;
  return still.value === null ? ok(undefined) : failed('step-failed', { why: 'still-there', place: path });
}
