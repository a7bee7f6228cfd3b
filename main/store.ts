// SPDX-License-Identifier: GPL-3.0-or-later
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { summary, transactionId, type Summary, type TransactionId } from '../contract/history';
import { privateFolder, storeFolder } from '../core/step/places';

const limits = { summary: 262_144, script: 1_000_000, transactions: 4096 };

/** Root's summaries, newest first: they are 0644 and hold no content. What cannot be read or has another shape is passed over. */
export function readSummaries(folder: string = storeFolder): readonly Summary[] {
  return namesIn(folder)
    .slice(0, limits.transactions)
    .flatMap((name) => {
      const found = summary.safeParse(jsonAt(path.join(folder, name, 'summary.json')));
      return found.success ? [found.data] : [];
    })
    .sort((a, b) => b.opened - a.opened || b.changed - a.changed);
}

/** The undo script, which only root may read; null for anybody else. */
export const readUndoScript = (transaction: TransactionId): string | null => textAt(path.join(privateFolder(transaction), 'undo.sh'), limits.script);

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => transactionId.safeParse(name).success);
  } catch {
    return [];
  }
}

function textAt(file: string, limit: number): string | null {
  try {
    const { size } = statSync(file);
    return size > limit ? null : readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function jsonAt(file: string): unknown {
  const text = textAt(file, limits.summary);
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}
