// SPDX-License-Identifier: GPL-3.0-or-later

/** One word of a GRUB script line: as it stands in the file, and what GRUB makes of it (variables left as they are written). */
export interface GrubWord {
  readonly raw: string;
  readonly text: string;
}

/** Splits a line into words by GRUB's quoting: '...' literal, "..." with \ before $ " \, and a bare \ before any character. */
export function readGrubWords(line: string): readonly GrubWord[] {
  const words: GrubWord[] = [];
  let at = 0;
  while (at < line.length) {
    if (/\s/.test(line.charAt(at))) {
      at += 1;
      continue;
    }
    if (line.charAt(at) === '#') break;
    const word = readWord(line, at);
    words.push({ raw: line.slice(at, word.end), text: word.text });
    at = word.end;
  }
  return words;
}

function readWord(line: string, from: number): { readonly end: number; readonly text: string } {
  let at = from;
  let text = '';
  while (at < line.length && !/[\s]/.test(line.charAt(at))) {
    const char = line.charAt(at);
    if (char === "'") {
      const end = closing(line, at, "'");
      text += line.slice(at + 1, end);
      at = end + 1;
    } else if (char === '"') {
      const end = closing(line, at, '"');
      text += line.slice(at + 1, end).replaceAll(/\\([$"\\])/g, '$1');
      at = end + 1;
    } else if (char === '\\') {
      text += line.charAt(at + 1);
      at += 2;
    } else {
      text += char;
      at += 1;
    }
  }
  return { end: Math.min(at, line.length), text };
}

/** Where the quote that opened at `from` closes; the end of the line when nobody closed it. */
function closing(line: string, from: number, quote: string): number {
  for (let at = from + 1; at < line.length; at += 1) {
    if (quote === '"' && line.charAt(at) === '\\') at += 1;
    else if (line.charAt(at) === quote) return at;
  }
  return line.length;
}
