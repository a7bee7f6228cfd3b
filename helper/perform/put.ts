// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok, type Result } from '../../contract/problem';
import type { ProgramCall } from '../programs';
import { digestOf, replaceFile, swapBeside } from '../replace-file';
import { besideOf, folderOf } from '../territory';
import { savedAt, type Bench, type Job } from './bench';

/** Puts a whole text at a place of the step, if the place still is what was saved; its digest is journaled before. */
export async function putText(bench: Bench, job: Job, { path, text, mode }: { path: string; text: string; mode: number }): Promise<Result<void>> {
  const content = new TextEncoder().encode(text);
  const folder = await needFolder(bench, job, folderOf(path));
  if (!folder.ok) return folder;
  const noted = await bench.putting(job.step.id, path, digestOf(content));
  if (!noted.ok) return noted;
  const replaced = await replaceFile(bench.hands, { path, expected: savedAt(job, path).was, content, owner: { uid: 0, gid: 0, mode } });
  return replaced.ok ? ok(undefined) : replaced;
}

/** Swaps in what was generated beside a place and has been checked; its digest is journaled before. */
export async function putGenerated(bench: Bench, job: Job, { path, sha256 }: { path: string; sha256: string }): Promise<Result<void>> {
  const noted = await bench.putting(job.step.id, path, sha256);
  if (!noted.ok) return noted;
  const swapped = await swapBeside(bench.hands, { path, expected: savedAt(job, path).was, sha256 });
  return swapped.ok ? ok(undefined) : swapped;
}

/** The digest of what stands beside a place now. */
export function generatedBeside(bench: Bench, path: string): Result<string> {
  const beside = bench.hands.inspect(besideOf(path));
  if (!beside.ok) return beside;
  return beside.value === null ? failed('step-failed', { why: 'not-there', place: besideOf(path) }) : ok(beside.value.sha256);
}

/** A drop-in folder not every system has; that we made it is journaled before, so that undo and undo.sh take it away again. */
export async function needFolder(bench: Bench, job: Job, path: string): Promise<Result<void>> {
  const there = bench.hands.folder(path);
  if (!there.ok) return there;
  if (there.value !== null) return ok(undefined);
  const noted = bench.making(job.step.id, path);
  if (!noted.ok) return noted;
  const told = await bench.telling();
  if (!told.ok) return told;
  const made = bench.hands.makeFolder(path, 0o755);
  return made.ok ? bench.hands.flushFolder(folderOf(path)) : made;
}

/** Starts a program that must succeed; any other exit is a failed step, whatever it printed. */
export async function need(bench: Bench, call: ProgramCall): Promise<Result<string>> {
  const ended = await bench.hands.start(call);
  if (!ended.ok) return ended;
  return ended.value.exit === 0 ? ok(ended.value.output) : failed('step-failed', { why: 'exit', program: call.program });
}
