// SPDX-License-Identifier: GPL-3.0-or-later
import type { Place, Step } from '../../contract/plan';
import { grubEnvValue, printGrubEnv, readGrubEnv, withGrubEnv } from '../read/grub-env';
import { cutBlock } from './edit/marker-block';
import { touchesOf } from './changes';
import { pathOf } from './places';
import type { SettingStory } from './setting';
import { trialEntryId } from './tokens';

/** One place as the journal tells it: what a step found there, and everything we put there or were about to. */
export interface FileRecord {
  readonly stepId: string;
  readonly path: string;
  /** Null: nothing was there. `saved` is the name of the copy in the store's before/. */
  readonly was: {
    readonly sha256: string;
    readonly mode: number;
    readonly uid: number;
    readonly gid: number;
    readonly saved: string;
  } | null;
  /** Digests of our contents. */
  readonly ours: readonly string[];
  /** Folders on the way that were not there before, outermost first. */
  readonly made: readonly string[];
}

/** One setting as the journal tells it; `path` is its name (core/step/setting.ts). */
export interface SettingRecord extends SettingStory {
  readonly stepId: string;
  readonly path: string;
}

export type UndoRecord = FileRecord | SettingRecord;
const isSetting = (record: UndoRecord): record is SettingRecord => 'setting' in record;

/**
 * How a place goes back.
 * *file*: only where it still holds what we put; *block*: in a file of somebody else, our lines; *env*: our one key.
 */
export type FileItem = FileRecord &
  (
    | { readonly how: 'file' }
    | { readonly how: 'block' }
    | { readonly how: 'env'; readonly key: string; readonly value: string }
  );
export type SettingItem = SettingRecord & { readonly how: 'setting' };
export type UndoItem = FileItem | SettingItem;

/**
 * THE list, for the helper and for undo.sh alike: newest first, each place once, to the state before the transaction
 * first touched it. So the loader's configuration goes back before the images it starts, and those before the scripts.
 */
export function undoList(records: readonly UndoRecord[]): readonly UndoItem[] {
  const items = new Map<string, UndoItem>();
  for (const record of [...records].reverse()) {
    const later = items.get(record.path);
    items.set(record.path, isSetting(record) ? settingItem(record, later) : fileItem(record, later));
  }
  return [...items.values()];
}

function settingItem(record: SettingRecord, later: UndoItem | undefined): SettingItem {
  const to = [...record.to, ...(later?.how === 'setting' ? later.to : [])];
  return { ...record, stepId: later?.stepId ?? record.stepId, to: [...new Set(to)], how: 'setting' };
}

function fileItem(record: FileRecord, later: UndoItem | undefined): FileItem {
  const [after, laterMade] = later === undefined || later.how === 'setting' ? [[], []] : [later.ours, later.made];
  const how = howOf(record.path);
  // What we wrote into a file of somebody else holds their lines too: once they changed it between two of our steps,
  // going by the digest of the later one would take those along.
  const isTheirs = how.how === 'block' && later !== undefined && later.how !== 'setting' && (later.was === null || !record.ours.includes(later.was.sha256));
  const ours = isTheirs ? [] : [...new Set([...record.ours, ...after])];
  return { ...record, stepId: later?.stepId ?? record.stepId, ours, made: [...new Set([...record.made, ...laterMade])], ...how };
}

function howOf(
  path: string,
):
  | { readonly how: 'file' }
  | { readonly how: 'block' }
  | { readonly how: 'env'; readonly key: string; readonly value: string } {
  if (path === pathOf('grub-custom', '') || path === pathOf('apparmor-rule', '')) return { how: 'block' };
  return path === pathOf('grub-env', '') ? { how: 'env', key: 'next_entry', value: trialEntryId } : { how: 'file' };
}

/** The kernel an image belongs to; when both are gone there is nothing to put back (host fact 9.4). Null: no image. */
export function kernelBeside(path: string): string | null {
  const release = /^\/boot\/initrd\.img-(.+)$/.exec(path)?.[1];
  return release === undefined || release.endsWith('-switchyard') ? null : `/boot/vmlinuz-${release}`;
}

/**
 * The loader's file that starts an image which only we made. While that file could not be put back the image stays, too:
 * a start that is led to it would find nothing. Null: no file leads to this place.
 */
export function ledBy(item: UndoItem): string | null {
  const isOurs = item.how === 'file' && item.was === null && /^\/boot\/initrd\.img-.+-switchyard$/.test(item.path);
  return isOurs ? pathOf('grub-custom', '') : null;
}

/** The inverse of a step as data: every place it touches, last one first, and how it goes back. */
export function inverseOf(
  step: Step,
  transaction: string,
): readonly { readonly place: Place; readonly how: FileItem['how'] }[] {
  return [...touchesOf(step)].reverse().map((place) => ({ place, how: howOf(pathOf(place, transaction)).how }));
}

/** What a place holds at the moment of undoing; `text` only where it was read, for block and env. */
export interface UndoSight {
  readonly sha256: string;
  readonly text: string | null;
}

/** What is to be done with one place. *put-back*: the saved copy, with its owner and mode; *left*: somebody changed it since. */
export type UndoDeed =
  | { readonly deed: 'nothing' }
  | { readonly deed: 'put-back' }
  | { readonly deed: 'remove' }
  | { readonly deed: 'write'; readonly text: string }
  | { readonly deed: 'left' };

/** Decides one item from what is there now (null: nothing) and the text that was saved (for env; null otherwise). */
export function undoDeed(item: FileItem, now: UndoSight | null, savedText: string | null): UndoDeed {
  if ((now?.sha256 ?? null) === (item.was?.sha256 ?? null)) return { deed: 'nothing' };
  if (now === null) return { deed: 'put-back' };
  if (item.ours.includes(now.sha256)) return item.was === null ? { deed: 'remove' } : { deed: 'put-back' };
  if (item.how === 'block') return cutDeed(item, now.text);
  return item.how === 'env' ? envDeed(item, now.text, savedText) : { deed: 'left' };
}

function cutDeed(item: FileItem, text: string | null): UndoDeed {
  const rest = text === null ? null : cutBlock(text);
  if (rest === null || !rest.ok) return { deed: 'left' };
  if (rest.value === text) return { deed: 'nothing' };
  return rest.value === '' && item.was === null ? { deed: 'remove' } : { deed: 'write', text: rest.value };
}

/** The loader and the distribution write other keys at every start; those stay. GRUB leaves our key empty after the trial. */
function envDeed(item: Extract<FileItem, { how: 'env' }>, text: string | null, savedText: string | null): UndoDeed {
  const now = text === null ? null : readGrubEnv(text);
  const saved = savedText === null ? null : readGrubEnv(savedText);
  if (now === null || !now.ok || saved === null || !saved.ok) return { deed: 'left' };
  const value = grubEnvValue(now.value, item.key);
  if (value !== item.value && value !== '') return { deed: 'nothing' };
  const back = printGrubEnv(withGrubEnv(now.value, item.key, grubEnvValue(saved.value, item.key)));
  if (!back.ok) return { deed: 'left' };
  return back.value === text ? { deed: 'nothing' } : { deed: 'write', text: back.value };
}
