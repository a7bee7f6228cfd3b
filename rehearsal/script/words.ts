// SPDX-License-Identifier: GPL-3.0-or-later
import type { Part, Word } from './tokens';

/** What expansion asks of the shell it works for. */
export interface Expander {
  variable(name: string): string | null;
  parameters(): readonly string[];
  output(source: string): string;
  names(folder: string): readonly string[];
  readonly globs: boolean;
}

interface Piece {
  readonly text: string;
  readonly quoted: boolean;
  /** Ends the word it stands in: the gap between two positional parameters of "$@". */
  readonly ends?: boolean;
}

/** The words a word becomes: variables put in, unquoted blanks split, patterns matched. */
export function expand(word: Word, by: Expander): readonly string[] {
  const made: { text: string; pattern: string; quoted: boolean }[] = [];
  let open: { text: string; pattern: string; quoted: boolean } | null = null;
  const end = () => {
    if (open !== null && (open.text !== '' || open.quoted)) made.push(open);
    open = null;
  };
  const add = (text: string, quoted: boolean) => {
    open ??= { text: '', pattern: '', quoted: false };
    open.text += text;
    open.pattern += quoted ? text.replace(/[*?[\\]/g, '\\$&') : text;
    open.quoted ||= quoted;
  };
  for (const piece of word.flatMap((part) => pieces(part, by))) {
    if (piece.quoted) add(piece.text, true);
    else {
      const split = piece.text.split(/[ \t\n]+/);
      split.forEach((text, index) => {
        if (index > 0) end();
        if (text !== '') add(text, false);
      });
    }
    if (piece.ends === true) end();
  }
  end();
  return made.flatMap((one) => (by.globs && /(^|[^\\])[*?[]/.test(one.pattern) ? matchesOf(one, by) : [one.text]));
}

/** One text, never split: for assignments, `case`, and redirections. */
export const expandOne = (word: Word, by: Expander): string => word.flatMap((part) => pieces(part, by)).map((piece) => piece.text).join('');

/** A pattern in which quoted letters stand for themselves. */
export const patternOf = (word: Word, by: Expander): RegExp =>
  new RegExp(`^${word.flatMap((part) => pieces(part, by)).map((piece) => (piece.quoted ? literal(piece.text) : asPattern(piece.text))).join('')}$`, 's');

function pieces(part: Part, by: Expander): readonly Piece[] {
  if (part.kind === 'text') return [{ text: part.text, quoted: part.quoted }];
  if (part.kind === 'command') return [{ text: by.output(part.source).replace(/\n+$/, ''), quoted: part.quoted }];
  if (part.name === '@') return by.parameters().map((text, index, all) => ({ text, quoted: part.quoted, ends: index < all.length - 1 }));
  if (part.name === '*') return [{ text: by.parameters().join(' '), quoted: part.quoted }];
  return [{ text: cut(by.variable(part.name), part), quoted: part.quoted }];
}

function cut(value: string | null, part: Extract<Part, { kind: 'variable' }>): string {
  const shortest = (pattern: string, from: 'start' | 'end', longest: boolean): string => {
    const text = value ?? '';
    const match = new RegExp(`^${asPattern(pattern)}$`, 's');
    const lengths = Array.from({ length: text.length + 1 }, (_, index) => index);
    for (const length of longest ? lengths.reverse() : lengths) {
      const piece = from === 'start' ? text.slice(0, length) : text.slice(text.length - length);
      if (match.test(piece)) return from === 'start' ? text.slice(length) : text.slice(0, text.length - length);
    }
    return text;
  };
  switch (part.cut) {
    case ':-':
      return value === null || value === '' ? part.by : value;
    case '-':
      return value ?? part.by;
    case '#':
    case '##':
      return shortest(part.by, 'start', part.cut === '##');
    case '%':
    case '%%':
      return shortest(part.by, 'end', part.cut === '%%');
    case '':
      return value ?? '';
    default:
      return part.cut satisfies never;
  }
}

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const asPattern = (text: string): string =>
  text.replace(/\[[^\]]*\]|[\s\S]/g, (one) => (one.length > 1 ? one.replace('[!', '[^') : one === '*' ? '.*' : one === '?' ? '.' : literal(one)));

function matchesOf(one: { text: string; pattern: string }, by: Expander): readonly string[] {
  const slash = one.text.lastIndexOf('/');
  const folder = one.text.slice(0, slash);
  if (/[*?[]/.test(folder)) return [one.text];
  const match = new RegExp(`^${asPattern(one.text.slice(slash + 1))}$`, 's');
  const found = by.names(slash < 0 ? '.' : folder || '/').filter((name) => !name.startsWith('.') && match.test(name));
  return found.length === 0 ? [one.text] : found.sort().map((name) => (slash < 0 ? name : `${folder}/${name}`));
}
