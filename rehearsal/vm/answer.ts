// SPDX-License-Identifier: GPL-3.0-or-later
import type { World } from '../world';

/** What a run of virsh leaves behind. */
export interface Said {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** A call of virsh without the words that choose the connection; `text` is the file that is its last word. */
export interface Call {
  readonly world: World;
  readonly words: readonly string[];
  readonly text: string | Uint8Array | null;
}

export const did = (out = ''): Said => ({ status: 0, out, err: '' });
export const refuses = (...lines: readonly string[]): Said => ({ status: 1, out: '', err: lines.map((line) => `error: ${line}\n`).join('') });

/** The value behind an option. */
export function option(words: readonly string[], name: string): string | null {
  const at = words.indexOf(name);
  return at === -1 ? null : (words[at + 1] ?? null);
}

/** Words that are no options. */
export const plain = (words: readonly string[]): string[] => words.filter((word) => !word.startsWith('--'));
