// SPDX-License-Identifier: GPL-3.0-or-later
import type { Language } from '../../words/say';

/** What a command may use of the outside: two streams and what is known about the terminal. */
export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly language: Language;
  readonly colour: boolean;
  /** Columns. */
  readonly width: number;
}

/** sysexits(3): what a script can tell apart. */
export const exits = { ok: 0, usage: 64, badInput: 65, noInput: 66, unavailable: 69, internal: 70, refused: 77 } as const;
