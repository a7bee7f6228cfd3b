// SPDX-License-Identifier: GPL-3.0-or-later
import { createInterface } from 'node:readline/promises';

/** Somebody at a terminal who can be asked; null where there is nobody. */
export interface Person {
  readonly ask: (question: string) => Promise<string>;
}

/** The person at this terminal, if both streams are one. */
export const personHere = (): Person | null => (process.stdin.isTTY && process.stderr.isTTY ? { ask: askHere } : null);

async function askHere(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await lines.question(question)).trim();
  } finally {
    lines.close();
  }
}
