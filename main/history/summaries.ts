// SPDX-License-Identifier: GPL-3.0-or-later
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import path from 'node:path';
import { summary, transactionId, type Summary } from '../../contract/history';
import { storeFolder } from '../../core/step/places';

/** No summary of ours comes near: 64 steps of 32 places each. */
const limit = 4 * 1024 * 1024;

/** Every `summary.json` of root's store that can be read, newest first. One that is torn or of another version is left out: it is root's to mend. */
export function readSummaries(folder: string = storeFolder): readonly Summary[] {
  return namesIn(folder)
    .filter((name) => transactionId.safeParse(name).success)
    .flatMap((name) => readOne(path.join(folder, name, 'summary.json'), name) ?? [])
    .sort((a, b) => b.opened - a.opened);
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).slice(0, 4096);
  } catch {
    return [];
  }
}

function readOne(file: string, name: string): Summary | null {
  let descriptor: number | null = null;
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const { size } = fstatSync(descriptor);
    if (!fstatSync(descriptor).isFile() || size > limit) return null;
    const content = Buffer.alloc(size);
    const parsed = summary.safeParse(JSON.parse(content.toString('utf8', 0, readSync(descriptor, content))));
    return parsed.success && parsed.data.transaction === name ? parsed.data : null;
  } catch {
    return null;
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}
