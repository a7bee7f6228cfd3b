// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok, type Result } from '../../contract/problem';
import { isOver, settingDeed } from '../../core/step/setting';
import { kernelBeside, undoDeed, type FileItem, type SettingItem, type UndoDeed, type UndoItem } from '../../core/step/undo';
import type { FileState, Hands } from '../hands';
import { discard, removeFile, replaceFile, rootReadable } from '../replace-file';
import { besideOf, folderOf, temporaryOf } from '../territory';
import { savedCopy, textAt, type Bench } from './bench';
import { makeSetting, readSetting } from './settings';

/**
 * Puts one place back. Starts by looking and may be repeated: what is as before is left alone, what we put is replaced or
 * removed, and what somebody else made of it since is never overwritten.
 */
export function putBack(bench: Bench, item: UndoItem): Promise<Result<void>> {
  return item.how === 'setting' ? putSettingBack(bench, item) : putFileBack(bench, item);
}

const notRunning = ({ path }: SettingItem): Result<void> => failed('precondition-failed', { why: 'not-running', place: path });

/** A setting goes back to the very value that was found; one that ended with its start has nothing to go back to. */
async function putSettingBack(bench: Bench, item: SettingItem): Promise<Result<void>> {
  if (isOver(item, bench.hands.boot())) return ok(undefined);
  // libvirt does not answer while the machine starts.
  const isVm = item.setting.setting === 'vm-state';
  if (isVm && !bench.running) return notRunning(item);
  const now = await readSetting(bench.hands, item.setting);
  if (!now.ok) return now;
  const deed = settingDeed(item, now.value);
  // Both files of a VM are as before, and one may have an unfinished successor beside it.
  if (deed === 'nothing') return isVm ? makeSetting(bench, item.setting, item.was) : ok(undefined);
  if (deed === 'left') return changedSince(item);
  if (!bench.running) return notRunning(item);
  const made = await makeSetting(bench, item.setting, item.was);
  if (!made.ok) return made;
  const after = await readSetting(bench.hands, item.setting);
  if (!after.ok) return after;
  return after.value === item.was ? ok(undefined) : failed('step-failed', { why: 'not-set', place: item.path });
}

async function putFileBack(bench: Bench, item: FileItem): Promise<Result<void>> {
  const { hands } = bench;
  const cleared = discardAll(hands, leftovers(item.path));
  if (!cleared.ok) return cleared;
  const now = hands.inspect(item.path);
  if (!now.ok) return now;
  if (now.value === null && kernelIsGone(hands, item.path)) return ok(undefined);
  const deed = decide(bench, item, now.value);
  if (!deed.ok) return deed;
  const doneNow = await act(bench, item, { deed: deed.value, now: now.value });
  if (!doneNow.ok) return doneNow;
  const flushed = flushIfThere(hands, folderOf(item.path));
  if (!flushed.ok) return flushed;
  const made = removeMade(hands, item.made);
  return made.ok ? checkBack(bench, item) : made;
}

function decide(bench: Bench, item: FileItem, now: FileState | null): Result<UndoDeed> {
  if (item.how === 'file' || now === null) return ok(undoDeed(item, now === null ? null : { sha256: now.sha256, text: null }, null));
  const text = textAt(bench, item.path);
  if (!text.ok) return text;
  const saved = item.was === null ? ok(null) : textAt(bench, savedCopy(bench, item.was.saved));
  return saved.ok ? ok(undoDeed(item, { sha256: now.sha256, text: text.value }, saved.value)) : saved;
}

const changedSince = ({ path }: UndoItem): Result<void> => failed('precondition-failed', { why: 'changed', place: path });

async function act(bench: Bench, item: FileItem, { deed, now }: { deed: UndoDeed; now: FileState | null }): Promise<Result<void>> {
  switch (deed.deed) {
    case 'nothing':
      return ok(undefined);
    case 'left':
      return changedSince(item);
    case 'remove':
      return now === null ? ok(undefined) : removeFile(bench.hands, item.path, now);
    case 'put-back':
      return restore(bench, item, now);
    case 'write':
      return rewrite(bench, item, { text: deed.text, now });
    default:
      return deed satisfies never;
  }
}

async function restore(bench: Bench, item: FileItem, now: FileState | null): Promise<Result<void>> {
  if (item.was === null) return ok(undefined);
  const copyOf = savedCopy(bench, item.was.saved);
  const copy = bench.hands.inspect(copyOf);
  if (!copy.ok) return copy;
  if (copy.value?.sha256 !== item.was.sha256) return failed('unreadable', { why: 'copy-damaged', place: item.path });
  const replaced = await replaceFile(bench.hands, { path: item.path, expected: now, content: { copyOf }, owner: item.was });
  return replaced.ok ? ok(undefined) : replaced;
}

/** What is left without our lines is somebody else's and so is not journaled as ours: an undo after a cut would take it away. Found again, it is left alone. */
async function rewrite(bench: Bench, item: FileItem, { text, now }: { text: string; now: FileState | null }): Promise<Result<void>> {
  const content = new TextEncoder().encode(text);
  const replaced = await replaceFile(bench.hands, { path: item.path, expected: now, content, owner: rootReadable });
  return replaced.ok ? ok(undefined) : replaced;
}

/** Looked at once more, nothing is left to be done. */
function checkBack(bench: Bench, item: FileItem): Result<void> {
  const now = bench.hands.inspect(item.path);
  if (!now.ok) return now;
  const deed = decide(bench, item, now.value);
  if (!deed.ok) return deed;
  return deed.value.deed === 'nothing' ? ok(undefined) : failed('step-failed', { why: 'not-there', place: item.path });
}

/** Of a kernel that somebody removed since, the image is not brought back. */
function kernelIsGone(hands: Hands, path: string): boolean {
  const kernel = kernelBeside(path);
  return kernel !== null && hands.stat(kernel).at === 'absent';
}

/** What is as before may be so only in memory: an undo that was cut off is flushed by the next one. */
function flushIfThere(hands: Hands, folder: string): Result<void> {
  const there = hands.folder(folder);
  if (!there.ok) return there;
  return there.value === null ? ok(undefined) : hands.flushFolder(folder);
}

function discardAll(hands: Hands, paths: readonly string[]): Result<void> {
  for (const path of paths) {
    const gone = discard(hands, path);
    if (!gone.ok) return gone;
  }
  return ok(undefined);
}

const leftovers = (path: string): readonly string[] => [temporaryOf(path), besideOf(path), `${besideOf(path)}.new`];

/** Takes folders away that we made, innermost first, where nobody put anything into them since. */
function removeMade(hands: Hands, made: readonly string[]): Result<void> {
  for (const path of [...made].reverse()) {
    const there = hands.folder(path);
    if (!there.ok) return there;
    if (there.value?.names.length !== 0) continue;
    const removed = hands.removeFolder(path);
    if (!removed.ok) return removed;
    const still = hands.folder(path);
    if (!still.ok) return still;
    if (still.value !== null) return failed('step-failed', { why: 'still-there', place: path });
    const flushed = hands.flushFolder(folderOf(path));
    if (!flushed.ok) return flushed;
  }
  return ok(undefined);
}
