// SPDX-License-Identifier: GPL-3.0-or-later
import type { Place } from '../../contract/plan';
import { ok, type Result } from '../../contract/problem';
import { changesOf, type StepChange } from '../../core/step/changes';
import { ruleOf } from '../../core/step/kinds';
import { pathOf } from '../../core/step/places';
import { settingName } from '../../core/step/setting';
import { discard, removeFile } from '../replace-file';
import { besideOf } from '../territory';
import { savedAt, viewBefore, type Bench, type Job } from './bench';
import { copyConfig } from './copy-config';
import { putPoint } from './put-point';
import { generatedBeside, need, putGenerated, putText } from './put';
import { reloadUnits } from './regenerate';
import { makeSetting } from './settings';
import { proveBeside } from './verify';

/** Makes every change of a step true; what there was to decide was decided in core. */
export async function performStep(bench: Bench, job: Job): Promise<Result<void>> {
  const changes = changesOf(job.step, viewBefore(bench, job));
  if (!changes.ok) return changes;
  for (const change of changes.value) {
    const performed = await performChange(bench, job, change);
    if (!performed.ok) return performed;
  }
  return ruleOf(job.step).generated === 'units' ? reloadUnits(bench) : ok(undefined);
}

async function performChange(bench: Bench, job: Job, change: StepChange): Promise<Result<void>> {
  if (change.change === 'set') return setOne(bench, job, change);
  const path = pathOf(change.place, bench.transaction);
  switch (change.change) {
    case 'write':
      return putText(bench, job, { path, text: change.text, mode: change.mode });
    case 'remove':
      return removePlace(bench, job, path);
    case 'put-back':
      return putPoint(bench, job, change);
    case 'copy-config':
      return copyConfig(bench, change);
    case 'build-image':
      return buildImage(bench, job, change);
    case 'build-config':
      return buildConfig(bench, job, change.place);
    default:
      return change satisfies never;
  }
}

/** What it is about to become is in the journal first, so that a half-done change is known as ours after an accident. */
async function setOne(bench: Bench, job: Job, { setting, to }: Extract<StepChange, { readonly change: 'set' }>): Promise<Result<void>> {
  const noted = await bench.setting(job.step.id, settingName(setting), to);
  return noted.ok ? makeSetting(bench, setting, to) : noted;
}

async function removePlace(bench: Bench, job: Job, path: string): Promise<Result<void>> {
  const { was } = savedAt(job, path);
  if (was === null) return ok(undefined);
  const noted = await bench.putting(job.step.id, path, was.sha256);
  return noted.ok ? removeFile(bench.hands, path, was) : noted;
}

async function buildImage(bench: Bench, job: Job, { place, kernel, config }: Extract<StepChange, { readonly change: 'build-image' }>): Promise<Result<void>> {
  const output = besideOf(pathOf(place, bench.transaction));
  const cleared = await clearBeside(bench, output);
  if (!cleared.ok) return cleared;
  const built = await need(bench, { program: 'mkinitramfs', kernel, output, config: config === null ? null : pathOf(config, bench.transaction) });
  return built.ok ? swapIn(bench, job, place) : built;
}

async function buildConfig(bench: Bench, job: Job, place: Place): Promise<Result<void>> {
  const output = besideOf(pathOf(place, bench.transaction));
  const cleared = await clearBeside(bench, output);
  if (!cleared.ok) return cleared;
  const built = await need(bench, { program: 'grub-mkconfig', output });
  const checked = built.ok ? await need(bench, { program: 'grub-script-check', file: output }) : built;
  return checked.ok ? swapIn(bench, job, place) : checked;
}

async function clearBeside(bench: Bench, output: string): Promise<Result<void>> {
  const told = await bench.telling();
  return told.ok ? discard(bench.hands, output) : told;
}

/** Proven first, and swapped only if it then still is what was proven. */
async function swapIn(bench: Bench, job: Job, place: Place): Promise<Result<void>> {
  const path = pathOf(place, bench.transaction);
  const beside = generatedBeside(bench, path);
  if (!beside.ok) return beside;
  const proven = await proveBeside(bench, job, place);
  return proven.ok ? putGenerated(bench, job, { path, sha256: beside.value }) : proven;
}
