// SPDX-License-Identifier: GPL-3.0-or-later
import type { Place } from '../../contract/plan';
import { failed, ok, type Result } from '../../contract/problem';
import { holds, mustHold, type Check, type CheckView } from '../../core/step/must-hold';
import { pathOf } from '../../core/step/places';
import type { ImageFound } from '../../core/step/proof';
import type { Standing } from '../engine';
import { besideOf } from '../territory';
import { readSetting } from './settings';
import { readText, textAt, viewBefore, type Bench, type Job } from './bench';
import { readImage } from './read-image';
import { pathsOf } from './touches';

/** Looks at everything a step promised, now. What a program said while it worked plays no part. */
export async function verifyStep(bench: Bench, job: Job): Promise<Result<void>> {
  return proveAll(bench, job, { isMeant: () => true, pathOf: (place) => pathOf(place, bench.transaction) });
}

/** Proves what a generator wrote beside a place, before it takes the place (security rule 7b). */
export async function proveBeside(bench: Bench, job: Job, generated: Place): Promise<Result<void>> {
  return proveAll(bench, job, {
    isMeant: (check) => (check.check === 'image' || check.check === 'config') && check.place === generated,
    pathOf: (place) => (place === generated ? besideOf(pathOf(place, bench.transaction)) : pathOf(place, bench.transaction)),
  });
}

interface Looking {
  isMeant(check: Check): boolean;
  pathOf(place: Place): string;
}

async function proveAll(bench: Bench, job: Job, looking: Looking): Promise<Result<void>> {
  const checks = mustHold(job.step, viewBefore(bench, job));
  if (!checks.ok) return checks;
  for (const check of checks.value.filter((each) => looking.isMeant(each))) {
    const held = holds(check, await viewNow(bench, check, looking));
    if (!held.ok) return held;
  }
  return ok(undefined);
}

async function viewNow(bench: Bench, check: Check, looking: Looking): Promise<CheckView> {
  const value = check.check === 'set' ? await readSetting(bench.hands, check.setting) : failed('internal');
  const image = check.check === 'image' ? await foundIn(bench, looking.pathOf(check.place), check.kernel) : ok(null);
  return {
    text: (place) => textAt(bench, looking.pathOf(place)),
    image: () => image,
    standing: (place) => bench.hands.inspect(looking.pathOf(place)),
    value: () => value,
    file(place, name) {
      const read = readText(bench.hands, `${looking.pathOf(place)}/${name}`);
      if (!read.ok) return read;
      return ok(read.value === null ? null : { text: read.value.text, mode: read.value.state.mode });
    },
  };
}

async function foundIn(bench: Bench, path: string, kernel: string): Promise<Result<ImageFound | null>> {
  const there = bench.hands.inspect(path);
  if (!there.ok) return there;
  return there.value === null ? ok(null) : readImage(bench, path, kernel);
}

/** What stands at a step's places now, for the journal. */
export function standingOf(bench: Bench, job: Job): Result<readonly Standing[]> {
  const now: Standing[] = [];
  for (const path of pathsOf(bench, job.step)) {
    const is = bench.hands.inspect(path);
    if (!is.ok) return is;
    now.push({ path, is: is.value });
  }
  return ok(now);
}
