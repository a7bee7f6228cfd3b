// SPDX-License-Identifier: GPL-3.0-or-later
import type { SavedFile, SavedSetting } from '../../contract/journal';
import type { TransactionId } from '../../contract/history';
import type { Place, Step } from '../../contract/plan';
import { failed, ok, type Result } from '../../contract/problem';
import type { StepView } from '../../core/step/changes';
import { beforeFolder, isImage, pathOf } from '../../core/step/places';
import type { FileState, Hands } from '../hands';

/** What a step is done with: the hands, whose transaction it is, and the journal. */
export interface Bench {
  readonly hands: Hands;
  /** False while a start is under way: then files are put back, and no node is written and no program started for it. */
  readonly running: boolean;
  readonly transaction: TransactionId;
  /** Journals, before it happens, what is about to stand at a path (when it is to be removed: what stood there), and rewrites undo.sh. */
  putting(stepId: string, path: string, sha256: string): Promise<Result<void>>;
  /** Journals, before it happens, what a setting is about to become, and rewrites undo.sh. */
  setting(stepId: string, path: string, value: string): Promise<Result<void>>;
  /** Rewrites undo.sh, so that it knows of a folder that is about to be made, or of what a generator is about to leave beside a place. */
  telling(): Promise<Result<void>>;
  /** Journals a folder that is about to be made. */
  making(stepId: string, path: string): Result<void>;
}

/** A step being done, with what was there before it. */
export interface Job {
  readonly step: Step;
  readonly saved: readonly SavedFile[];
  readonly settings: readonly SavedSetting[];
}

export interface TextFile {
  readonly state: FileState;
  readonly text: string;
}

const longestText = 2_097_152;

/** A text file as it is; null when absent. Bytes that are no UTF-8 are refused: we could not give them back as they were. */
export function readText(hands: Hands, path: string): Result<TextFile | null> {
  const taken = hands.take(path, longestText);
  if (!taken.ok) return taken;
  if (taken.value === null) return ok(null);
  try {
    return ok({ state: taken.value.state, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(taken.value.bytes) });
  } catch {
    return failed('precondition-failed', { why: 'not-text', place: path });
  }
}

export const savedCopy = (bench: Bench, saved: string): string => `${beforeFolder(bench.transaction)}/${saved}`;

export function textAt(bench: Bench, path: string): Result<string | null> {
  const read = readText(bench.hands, path);
  return read.ok ? ok(read.value?.text ?? null) : read;
}

/** The places as they were when the step began: its own from the store, all others as they are. */
export function viewBefore(bench: Bench, job: Job): StepView {
  return {
    transaction: bench.transaction,
    text(place: Place) {
      const path = pathOf(place, bench.transaction);
      const saved = job.saved.find((candidate) => candidate.path === path);
      if (saved === undefined) return textAt(bench, path);
      if (saved.saved === null || isImage(place)) return ok(null);
      return textAt(bench, savedCopy(bench, saved.saved));
    },
  };
}

export function savedAt(job: Job, path: string): SavedFile {
  const saved = job.saved.find((candidate) => candidate.path === path);
  if (saved === undefined) throw new Error('a step changes a place it did not name');
  return saved;
}
