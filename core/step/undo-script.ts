// SPDX-License-Identifier: GPL-3.0-or-later
import { blockBegin, blockBeginJoined, blockEnd } from './edit/marker-block';
import { beforeFolder, leftoversOf } from './places';
import { undoShell } from './undo-shell';
import { settingNote } from './setting';
import { kernelBeside, ledBy, type FileItem, type UndoItem } from './undo';

/** Programs undo.sh may start, besides what the shell itself is: nothing a rescue system lacks. */
export const undoPrograms = [
  'sh',
  'cp',
  'mv',
  'rm',
  'ln',
  'mkdir',
  'chmod',
  'chown',
  'cat',
  'printf',
  'test',
  'sync',
  'sha256sum',
] as const;

/** What no script can do, besides the settings of core/step/setting.ts; printed as numbered lines at its end. Fixed words of root, for a text console. */
export const undoNotes = {
  restart: 'Restart the computer: what runs now was started before this undo.',
  firmware: 'Firmware settings you changed yourself are not touched.',
  generated: 'Where a start-up image or the boot menu was left because it was built anew since, build it once more in the running system: update-initramfs -u -k all, then update-grub.',
} as const;
export type UndoNote = keyof typeof undoNotes;

export interface UndoScript {
  readonly transaction: string;
  /** undoList() of what was touched so far. */
  readonly items: readonly UndoItem[];
  readonly notes: readonly UndoNote[];
}

/**
 * The undo as one POSIX sh script for a rescue shell: no Switchyard, no Node, no network. It goes by the same list and
 * the same rules as undoDeed(), may be run again, and takes `--root /mnt` for a machine that does not start.
 */
export function undoScript({ transaction, items, notes }: UndoScript): string {
  const files = items.filter((item) => item.how !== 'setting');
  const lines = [
    '#!/bin/sh',
    `# Undoes Switchyard's change ${transaction}. Run as root:  sh undo.sh   or from a rescue system:  sh undo.sh --root /mnt`,
    `transaction=${word(transaction)}`,
    `before=${word(beforeFolder(transaction))}`,
    `begin=${word(blockBegin)}`,
    `begin_joined=${word(blockBeginJoined)}`,
    `end=${word(blockEnd)}`,
    undoShell,
    ...files.map(itemLine),
    'flush_all',
    ...files.flatMap((item) => leftoversOf(item.path).map((path) => `drop_leftover ${word(path)}`)),
    // Last, because what stands beside a file while it is replaced stands in its folder.
    ...files.flatMap((item) => [...item.made].reverse().map((folder) => `drop_folder ${word(folder)}`)),
    ...items.flatMap((item) => (item.how === 'setting' && item.to.length > 0 ? [`note ${word(settingNote(item))}`] : [])),
    ...notes.map((note) => `note ${word(undoNotes[note])}`),
    'finish',
    '',
  ];
  return lines.join('\n');
}

function itemLine(item: FileItem): string {
  const { was } = item;
  const state =
    was === null
      ? 'absent - - -'
      : [was.sha256, was.saved, was.mode.toString(8).padStart(4, '0'), `${was.uid}:${was.gid}`].map(word).join(' ');
  const how = item.how === 'env' ? `undo_env ${word(item.key)} ${word(item.value)}` : `undo_${item.how}`;
  const kernel = kernelBeside(item.path);
  const guard = kernel === null ? '' : `is_gone ${word(item.path)} ${word(kernel)} || `;
  const led = ledBy(item);
  const stays = led === null ? '' : `is_led ${word(item.path)} ${word(led)} || `;
  return `${guard}${stays}${how} ${word(item.path)} ${state}${item.ours.map((digest) => ` ${digest}`).join('')}`;
}

/** A shell word that means exactly this text. Line breaks have no business in a path of ours: a bug. */
function word(text: string): string {
  // eslint-disable-next-line no-control-regex -- exactly these must not get into a script
  if (/[\x00-\x1f\x7f]/.test(text)) throw new Error('a control character in a word of undo.sh');
  return /^[A-Za-z0-9_./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
