// SPDX-License-Identifier: GPL-3.0-or-later
import type { OwnPlace } from '../../../contract/steps-now';

/** A whole file of ours in a folder that the system reads: how its content is printed, and read back. */
export interface OwnFile<C> {
  readonly place: OwnPlace;
  readonly mode: number;
  print(content: C): string;
  /** Null when the text is not, byte for byte, one we print. */
  read(text: string): C | null;
}

export const header = '# managed by switchyard';

/** A file of lines under our header; reading takes each line apart and prints it again to compare. */
export function lineFile<C>(
  head: { readonly place: OwnPlace; readonly mode: number },
  lines: (content: C) => readonly string[],
  take: (lines: readonly string[]) => C | null,
): OwnFile<C> {
  const print = (content: C): string => `${[header, ...lines(content)].join('\n')}\n`;
  return {
    ...head,
    print,
    read(text) {
      const [first, ...rest] = text.split('\n');
      const content = first === header && rest.pop() === '' ? take(rest) : null;
      return content !== null && print(content) === text ? content : null;
    },
  };
}
