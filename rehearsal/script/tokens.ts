// SPDX-License-Identifier: GPL-3.0-or-later

/** A piece of a word. A quoted piece is never split or matched as a pattern. */
export type Part =
  | { readonly kind: 'text'; readonly text: string; readonly quoted: boolean }
  | { readonly kind: 'variable'; readonly name: string; readonly cut: '' | ':-' | '-' | '#' | '##' | '%' | '%%'; readonly by: string; readonly quoted: boolean }
  | { readonly kind: 'command'; readonly source: string; readonly quoted: boolean };
export type Word = readonly Part[];
export type Token =
  | { readonly kind: 'word'; readonly word: Word; readonly plain: string | null }
  | { readonly kind: 'sign'; readonly sign: string };

/** A script this rehearsal cannot read: broken, or beyond the part of the language it knows. */
export class ScriptError extends Error {}

const signs = ['2>&1', '1>&2', '2>>', '&&', '||', ';;', '2>', '>>', '>&2', '>', '<', ';', '|', '&', '(', ')', '\n'];

/** Words and signs of a POSIX shell or GRUB script, comments and line continuations gone. */
export function readTokens(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) {
    const rest = source.slice(at, at + 4);
    if (rest.startsWith('\\\n')) at += 2;
    else if (rest[0] === ' ' || rest[0] === '\t' || rest[0] === '\r') at += 1;
    else if (rest[0] === '#') at = lineEnd(source, at);
    else {
      const sign = signs.find((one) => source.startsWith(one, at));
      if (sign !== undefined) {
        tokens.push({ kind: 'sign', sign });
        at += sign.length;
      } else {
        const read = readWord(source, at);
        tokens.push({ kind: 'word', word: read.word, plain: plainOf(read.word) });
        at = read.next;
      }
    }
  }
  return tokens;
}

const lineEnd = (source: string, at: number): number => {
  const end = source.indexOf('\n', at);
  return end < 0 ? source.length : end;
};

/** The text of an unquoted word without variables: only such a word can be a keyword. */
const plainOf = (word: Word): string | null => {
  const [only] = word;
  return word.length === 1 && only?.kind === 'text' && !only.quoted ? only.text : null;
};

function readWord(source: string, from: number): { word: Word; next: number } {
  const parts: Part[] = [];
  let text = '';
  let at = from;
  const end = () => {
    if (text !== '') parts.push({ kind: 'text', text, quoted: false });
    text = '';
  };
  while (at < source.length && !/[\s;|&()<>]/.test(source[at] ?? '')) {
    const letter = source[at];
    if (letter === "'") {
      end();
      const close = source.indexOf("'", at + 1);
      if (close < 0) throw new ScriptError('a quote is not closed');
      parts.push({ kind: 'text', text: source.slice(at + 1, close), quoted: true });
      at = close + 1;
    } else if (letter === '"') {
      end();
      at = readQuoted(source, at + 1, parts);
    } else if (letter === '\\') {
      if (source[at + 1] !== '\n') {
        end();
        parts.push({ kind: 'text', text: source[at + 1] ?? '', quoted: true });
      }
      at += 2;
    } else if (letter === '$' || letter === '`') {
      end();
      at = readExpansion(source, at, { parts, quoted: false });
    } else {
      text += letter ?? '';
      at += 1;
    }
  }
  end();
  return { word: parts, next: at };
}

function readQuoted(source: string, from: number, parts: Part[]): number {
  let text = '';
  let at = from;
  const before = parts.length;
  while (source[at] !== '"') {
    const letter = source[at];
    if (letter === undefined) throw new ScriptError('a double quote is not closed');
    if (letter === '\\' && /[$`"\\\n]/.test(source[at + 1] ?? '')) {
      if (source[at + 1] !== '\n') text += source[at + 1] ?? '';
      at += 2;
    } else if (letter === '$' || letter === '`') {
      if (text !== '') parts.push({ kind: 'text', text, quoted: true });
      text = '';
      at = readExpansion(source, at, { parts, quoted: true });
    } else {
      text += letter;
      at += 1;
    }
  }
  // "" is an empty word; "$@" without parameters is none.
  if (text !== '' || parts.length === before) parts.push({ kind: 'text', text, quoted: true });
  return at + 1;
}

function readExpansion(source: string, at: number, into: { parts: Part[]; quoted: boolean }): number {
  const { parts, quoted } = into;
  if (source[at] === '`') throw new ScriptError('back quotes are not read');
  if (source.startsWith('$((', at)) throw new ScriptError('arithmetic is not read');
  if (source[at + 1] === '(') {
    const close = closing(source, at + 1, '(', ')');
    parts.push({ kind: 'command', source: source.slice(at + 2, close), quoted });
    return close + 1;
  }
  if (source[at + 1] === '{') {
    const close = closing(source, at + 1, '{', '}');
    const inner = /^([A-Za-z_]\w*|[@*#?0-9])(?:(:-|##|%%|-|#|%)([\s\S]*))?$/.exec(source.slice(at + 2, close));
    if (inner === null) throw new ScriptError('an expansion is not read');
    parts.push({ kind: 'variable', name: inner[1] ?? '', cut: cutOf(inner[2]), by: inner[3] ?? '', quoted });
    return close + 1;
  }
  const name = /^(?:[A-Za-z_]\w*|[@*#?0-9])/.exec(source.slice(at + 1))?.[0];
  if (name === undefined) {
    parts.push({ kind: 'text', text: '$', quoted });
    return at + 1;
  }
  parts.push({ kind: 'variable', name, cut: '', by: '', quoted });
  return at + 1 + name.length;
}

const cuts = ['', ':-', '-', '#', '##', '%', '%%'] as const;
const cutOf = (text: string | undefined): (typeof cuts)[number] => cuts.find((one) => one === text) ?? '';

function closing(source: string, from: number, open: string, close: string): number {
  let depth = 0;
  let quote = '';
  for (let at = from; at < source.length; at++) {
    const letter = source[at] ?? '';
    if (quote !== '') quote = letter === quote ? '' : quote;
    else if (letter === "'" || letter === '"') quote = letter;
    else if (letter === open) depth += 1;
    else if (letter === close) depth -= 1;
    if (depth === 0) return at;
  }
  throw new ScriptError('a bracket is not closed');
}
