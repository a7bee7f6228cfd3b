// SPDX-License-Identifier: GPL-3.0-or-later
import type { SavedFile, SavedSetting } from '../contract/journal';
import { failed, ok, type Result } from '../contract/problem';
import { ruleOf } from '../core/step/kinds';
import { beforeFolder } from '../core/step/places';
import { settingName } from '../core/step/setting';
import type { Saved } from './engine';
import { saveSetting } from './perform/settings';
import { pathsOf } from './perform/touches';
import type { Bench, Job } from './perform/bench';
import { replaceFile, rootOnly, sameFile } from './replace-file';

/** Everything a step may change, as it is: files copied, settings by their value. */
export async function snapshot(bench: Bench, step: Job['step'], number: number): Promise<Result<Saved>> {
  const saved = await copyFiles(bench, step, number);
  if (!saved.ok) return saved;
  const settings: SavedSetting[] = [];
  for (const setting of ruleOf(step).settings) {
    const was = await saveSetting(bench.hands, setting);
    if (!was.ok) return was;
    settings.push({ path: settingName(setting), setting, was: was.value });
  }
  return ok({ saved: saved.value, settings });
}

/** Copies every file a step may change into before/, flushed, under `<number>-<place>`; a copy is read back before it counts. */
async function copyFiles(bench: Bench, step: Job['step'], number: number): Promise<Result<readonly SavedFile[]>> {
  const saved: SavedFile[] = [];
  for (const [index, path] of pathsOf(bench, step).entries()) {
    const one = await saveOne(bench, path, `${number}-${index}`);
    if (!one.ok) return one;
    saved.push(one.value);
  }
  return ok(saved);
}

async function saveOne(bench: Bench, path: string, name: string): Promise<Result<SavedFile>> {
  const { hands, transaction } = bench;
  const was = hands.inspect(path);
  if (!was.ok) return was;
  if (was.value === null) return ok({ path, was: null, saved: null });
  const copy = `${beforeFolder(transaction)}/${name}`;
  const there = hands.inspect(copy);
  if (!there.ok) return there;
  const copied = await replaceFile(hands, { path: copy, expected: there.value, content: { copyOf: path }, owner: rootOnly });
  if (!copied.ok) return copied;
  const still = hands.inspect(path);
  if (!still.ok) return still;
  const unchanged = sameFile(still.value, was.value) && copied.value.sha256 === was.value.sha256;
  return unchanged ? ok({ path, was: was.value, saved: name }) : failed('precondition-failed', { why: 'changed', place: path });
}
