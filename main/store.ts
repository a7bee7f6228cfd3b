// SPDX-License-Identifier: GPL-3.0-or-later
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { TransactionId } from '../contract/history';
import { privateFolder } from '../core/step/places';

const limit = 1_000_000;

/** The undo script of a transaction of this computer, which only root may read; null for anybody else. */
export function readUndoScript(transaction: TransactionId): string | null {
  const file = path.join(privateFolder(transaction), 'undo.sh');
  try {
    return statSync(file).size > limit ? null : readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
