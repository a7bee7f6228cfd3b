// SPDX-License-Identifier: GPL-3.0-or-later
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Plan, Step } from '../../../contract/plan';
import { ok } from '../../../contract/problem';
import { changesOf, isPlaceChange, type PlaceChange, type StepView } from '../../../core/step/changes';
import { beforeFolder, pathOf } from '../../../core/step/places';
import { ledBy, undoDeed, undoList, type FileItem, type FileRecord } from '../../../core/step/undo';
import { undoPrograms, undoScript } from '../../../core/step/undo-script';
import { sha256, transaction } from '../plan/machine';

/** A machine's files in a temporary folder, and what was done to them. */
export interface Tree {
  readonly root: string;
  readonly records: FileRecord[];
}

export function plant(files: Readonly<Record<string, string>>): Tree {
  const root = mkdtempSync(join(tmpdir(), 'switchyard-undo-'));
  mkdirSync(join(root, beforeFolder(transaction)), { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    chmodSync(join(root, path), path.endsWith('.cfg') ? 0o444 : 0o640);
  }
  return { root, records: [] };
}

export const fell = (tree: Tree): void => rmSync(tree.root, { recursive: true, force: true });

/** Every path with its mode and bytes; the store is ours and does not count. */
export function pictureOf(tree: Tree): Record<string, string> {
  const found: Record<string, string> = {};
  const walk = (folder: string): void => {
    for (const name of readdirSync(join(tree.root, folder)).sort()) {
      const path = `${folder}/${name}`;
      const stat = statSync(join(tree.root, path));
      found[path] = stat.isDirectory()
        ? 'folder'
        : `${(stat.mode & 0o7777).toString(8)} ${readFileSync(join(tree.root, path), 'latin1')}`;
      if (stat.isDirectory() && path !== '/var') walk(path);
    }
  };
  walk('');
  return found;
}

export const textAt = (tree: Tree, path: string): string | null =>
  existsSync(join(tree.root, path)) ? readFileSync(join(tree.root, path), 'utf8') : null;

export function put(tree: Tree, path: string, text: string | null, mode?: number): void {
  const full = join(tree.root, path);
  if (text === null) return rmSync(full, { force: true });
  mkdirSync(dirname(full), { recursive: true });
  const was = existsSync(full) ? statSync(full).mode & 0o7777 : (mode ?? 0o644);
  rmSync(full, { force: true });
  writeFileSync(full, text);
  chmodSync(full, was);
}

/** Does the steps of these phases as the helper does: save, put, note what is ours. */
export function perform(
  tree: Tree,
  plan: Plan,
  phases: readonly Step['phase'][],
  built: (change: PlaceChange) => string,
): void {
  const view: StepView = { transaction, text: (place) => ok(textAt(tree, pathOf(place, transaction))) };
  for (const step of plan.steps.filter((one) => phases.includes(one.phase))) {
    const changes = changesOf(step, view);
    if (!changes.ok) throw new Error(JSON.stringify(changes.problem));
    for (const change of changes.value.filter(isPlaceChange)) if (change.change !== 'copy-config') record(tree, step, change, built);
  }
}

function record(tree: Tree, step: Step, change: PlaceChange, built: (change: PlaceChange) => string): void {
  const path = pathOf(change.place, transaction);
  const old = textAt(tree, path);
  const text = change.change === 'write' ? change.text : change.change === 'remove' ? null : built(change);
  const saved = `1-${tree.records.length}`;
  const stat = old === null ? null : statSync(join(tree.root, path));
  if (old !== null) writeFileSync(join(tree.root, beforeFolder(transaction), saved), old);
  const parts = dirname(path).split('/').slice(1);
  const made = parts
    .map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)
    .filter((folder) => !existsSync(join(tree.root, folder)));
  tree.records.push({
    stepId: step.id,
    path,
    was:
      old === null || stat === null
        ? null
        : { sha256: sha256(old), mode: stat.mode & 0o7777, uid: stat.uid, gid: stat.gid, saved },
    ours: text === null ? [] : [sha256(text)],
    made,
  });
  put(tree, path, text, change.change === 'write' ? change.mode : 0o644);
}

/** The undo the helper does, by undoDeed(); gives the places that were left. */
export function undoByList(tree: Tree): readonly string[] {
  const left: string[] = [];
  for (const item of undoList(tree.records)) {
    if (item.how === 'setting') continue;
    const led = ledBy(item);
    if ((led !== null && left.includes(led)) || undoOne(tree, item)) left.push(item.path);
    for (const folder of [...item.made].reverse()) {
      if (existsSync(join(tree.root, folder)) && readdirSync(join(tree.root, folder)).length === 0)
        rmSync(join(tree.root, folder), { recursive: true });
    }
  }
  return left;
}

function undoOne(tree: Tree, item: FileItem): boolean {
  const now = textAt(tree, item.path);
  const saved =
    item.was === null ? null : readFileSync(join(tree.root, beforeFolder(transaction), item.was.saved), 'utf8');
  const deed = undoDeed(item, now === null ? null : { sha256: sha256(now), text: now }, saved);
  if (deed.deed === 'write') put(tree, item.path, deed.text);
  if (deed.deed === 'remove') put(tree, item.path, null);
  if (deed.deed === 'put-back') {
    put(tree, item.path, null);
    put(tree, item.path, saved, item.was?.mode);
  }
  return deed.deed === 'left';
}

export interface ScriptEnd {
  readonly exit: number;
  readonly said: string;
}

/** Runs undo.sh with real dash and nothing on its PATH but the allowed programs. */
export function undoByScript(tree: Tree, args: readonly string[] = ['--root', tree.root]): ScriptEnd {
  const bin = join(tree.root, 'var/bin');
  mkdirSync(bin, { recursive: true });
  for (const program of undoPrograms) {
    // The whole machine's sync would make a test wait for everybody else's writes; that it is asked for is what counts.
    const name = program === 'sync' ? 'true' : program;
    const real = ['/usr/bin', '/bin'].map((folder) => join(folder, name)).find((path) => existsSync(path));
    if (real !== undefined && !existsSync(join(bin, program))) symlinkSync(real, join(bin, program));
  }
  const path = join(tree.root, 'var/undo.sh');
  const text = undoScript({ transaction, items: undoList(tree.records), notes: ['restart'] });
  const confined = text.replace('PATH=/usr/sbin:/usr/bin:/sbin:/bin;', `PATH=${bin};`);
  if (confined === text) throw new Error('the script does not set its PATH');
  writeFileSync(path, confined);
  execFileSync('/usr/bin/dash', ['-n', path]);
  try {
    return {
      exit: 0,
      said: execFileSync('/usr/bin/dash', [path, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }),
    };
  } catch (error) {
    const ended = error as { status: number; stdout: string; stderr: string };
    return { exit: ended.status, said: ended.stdout + ended.stderr };
  }
}
