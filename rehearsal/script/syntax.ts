// SPDX-License-Identifier: GPL-3.0-or-later
import { readTokens, ScriptError, type Token, type Word } from './tokens';

export interface Redirect {
  readonly sign: '>' | '>>' | '<' | '2>' | '>&2';
  readonly to: Word;
}

/** One command of a POSIX shell or GRUB script. `block` is what follows a command in braces (`menuentry … { }`). */
export type Command =
  | { readonly kind: 'simple'; readonly words: readonly Word[]; readonly redirects: readonly Redirect[]; readonly block: Script | null }
  | { readonly kind: 'if'; readonly branches: readonly { readonly when: Script; readonly then: Script }[]; readonly otherwise: Script | null }
  | { readonly kind: 'while'; readonly until: boolean; readonly when: Script; readonly body: Script; readonly redirects: readonly Redirect[] }
  | { readonly kind: 'for'; readonly name: string; readonly over: readonly Word[] | null; readonly body: Script }
  | { readonly kind: 'case'; readonly of: Word; readonly arms: readonly { readonly patterns: readonly Word[]; readonly body: Script }[] }
  | { readonly kind: 'function'; readonly name: string; readonly body: Script }
  | { readonly kind: 'group'; readonly body: Script; readonly own: boolean; readonly redirects: readonly Redirect[] };

export interface Pipeline {
  readonly commands: readonly Command[];
  readonly negated: boolean;
  /** How it hangs on the one before: always, only after success, only after failure. */
  readonly joined: ';' | '&&' | '||';
}
export type Script = readonly Pipeline[];

/** A script as a tree; throws ScriptError where it is broken or beyond what the rehearsal reads. */
export function readScript(source: string): Script {
  const reader = makeReader(readTokens(source));
  const script = readList(reader, []);
  if (reader.peek() !== null) throw new ScriptError('something is left over');
  return script;
}

interface Reader {
  peek(): Token | null;
  next(): Token | null;
  /** The unquoted word or the sign at hand. */
  hand(): string | null;
  skip(what: string): void;
}

function makeReader(tokens: readonly Token[]): Reader {
  let at = 0;
  const hand = () => {
    const token = tokens[at];
    return token === undefined ? null : token.kind === 'sign' ? token.sign : token.plain;
  };
  return {
    peek: () => tokens[at] ?? null,
    next: () => tokens[at++] ?? null,
    hand,
    skip(what) {
      if (hand() !== what) throw new ScriptError(`${what} is missing`);
      at += 1;
    },
  };
}

const breaks = (reader: Reader): void => {
  while (reader.hand() === '\n' || reader.hand() === ';') reader.next();
};

function readList(reader: Reader, ends: readonly string[]): Script {
  const script: Pipeline[] = [];
  let joined: Pipeline['joined'] = ';';
  for (;;) {
    breaks(reader);
    const hand = reader.hand();
    if (reader.peek() === null || (hand !== null && ends.includes(hand))) return script;
    script.push({ ...readPipeline(reader), joined });
    const sign = reader.hand();
    joined = ';';
    if (sign === '&&' || sign === '||') {
      reader.next();
      joined = sign;
    } else if (sign === '&') throw new ScriptError('the background is not read');
    else if (sign !== null && sign !== ';' && sign !== '\n' && !ends.includes(sign)) throw new ScriptError(`${sign} is out of place`);
  }
}

function readPipeline(reader: Reader): { commands: readonly Command[]; negated: boolean } {
  const negated = reader.hand() === '!';
  if (negated) reader.next();
  const commands = [readCommand(reader)];
  while (reader.hand() === '|') {
    reader.next();
    breaks(reader);
    commands.push(readCommand(reader));
  }
  return { commands, negated };
}

function readCommand(reader: Reader): Command {
  switch (reader.hand()) {
    case 'if':
      return readIf(reader);
    case 'while':
    case 'until':
      return readWhile(reader);
    case 'for':
      return readFor(reader);
    case 'case':
      return readCase(reader);
    case 'function':
      reader.next();
      return readFunction(reader, nameOf(reader.next()));
    case '{':
    case '(':
      return readGroup(reader);
    default:
      return readSimple(reader);
  }
}

function readIf(reader: Reader): Command {
  const branches: { when: Script; then: Script }[] = [];
  let otherwise: Script | null = null;
  reader.skip('if');
  for (;;) {
    const when = readList(reader, ['then']);
    reader.skip('then');
    branches.push({ when, then: readList(reader, ['elif', 'else', 'fi']) });
    const hand = reader.hand();
    reader.next();
    if (hand === 'elif') continue;
    if (hand === 'else') {
      otherwise = readList(reader, ['fi']);
      reader.skip('fi');
    } else if (hand !== 'fi') throw new ScriptError('fi is missing');
    return { kind: 'if', branches, otherwise };
  }
}

function readWhile(reader: Reader): Command {
  const until = reader.hand() === 'until';
  reader.next();
  const when = readList(reader, ['do']);
  reader.skip('do');
  const body = readList(reader, ['done']);
  reader.skip('done');
  return { kind: 'while', until, when, body, redirects: readRedirects(reader) };
}

function readFor(reader: Reader): Command {
  reader.skip('for');
  const name = nameOf(reader.next());
  let over: Word[] | null = null;
  if (reader.hand() === 'in') {
    reader.next();
    over = [];
    for (let token = reader.peek(); token?.kind === 'word'; token = reader.peek()) {
      over.push(token.word);
      reader.next();
    }
  }
  breaks(reader);
  reader.skip('do');
  const body = readList(reader, ['done']);
  reader.skip('done');
  return { kind: 'for', name, over, body };
}

function readCase(reader: Reader): Command {
  reader.skip('case');
  const of = wordOf(reader.next());
  breaks(reader);
  reader.skip('in');
  const arms: { patterns: Word[]; body: Script }[] = [];
  for (;;) {
    breaks(reader);
    if (reader.hand() === 'esac') break;
    if (reader.hand() === '(') reader.next();
    const patterns = [wordOf(reader.next())];
    while (reader.hand() === '|') {
      reader.next();
      patterns.push(wordOf(reader.next()));
    }
    reader.skip(')');
    arms.push({ patterns, body: readList(reader, [';;', 'esac']) });
    if (reader.hand() === ';;') reader.next();
  }
  reader.skip('esac');
  return { kind: 'case', of, arms };
}

function readGroup(reader: Reader): Command {
  const own = reader.hand() === '(';
  reader.next();
  const end = own ? ')' : '}';
  const body = readList(reader, [end]);
  reader.skip(end);
  return { kind: 'group', body, own, redirects: readRedirects(reader) };
}

function readFunction(reader: Reader, name: string): Command {
  if (reader.hand() === '(') {
    reader.next();
    reader.skip(')');
  }
  breaks(reader);
  reader.skip('{');
  const body = readList(reader, ['}']);
  reader.skip('}');
  return { kind: 'function', name, body };
}

function readSimple(reader: Reader): Command {
  const words: Word[] = [];
  const redirects: Redirect[] = [];
  for (let token = reader.peek(); token !== null; token = reader.peek()) {
    const hand = reader.hand();
    if (token.kind === 'word') {
      if (hand === '{' && words.length > 0) return { kind: 'simple', words, redirects, block: readBlock(reader) };
      words.push(token.word);
      reader.next();
    } else if (token.sign === '(' && words.length === 1) return readFunction(reader, plainName(words[0]));
    else if (!isRedirect(token.sign)) break;
    else redirects.push(...readRedirects(reader));
  }
  if (words.length === 0 && redirects.length === 0) throw new ScriptError('a command is missing');
  return { kind: 'simple', words, redirects, block: null };
}

function readBlock(reader: Reader): Script {
  reader.skip('{');
  const body = readList(reader, ['}']);
  reader.skip('}');
  return body;
}

const isRedirect = (sign: string): boolean => ['>', '>>', '<', '2>', '2>>', '2>&1', '>&2', '1>&2'].includes(sign);

function readRedirects(reader: Reader): readonly Redirect[] {
  const redirects: Redirect[] = [];
  for (let token = reader.peek(); token?.kind === 'sign' && isRedirect(token.sign); token = reader.peek()) {
    reader.next();
    if (token.sign === '>&2' || token.sign === '1>&2') redirects.push({ sign: '>&2', to: [] });
    else if (token.sign === '2>' || token.sign === '2>>') redirects.push({ sign: '2>', to: wordOf(reader.next()) });
    else if (token.sign === '>' || token.sign === '>>' || token.sign === '<') redirects.push({ sign: token.sign, to: wordOf(reader.next()) });
  }
  return redirects;
}

const wordOf = (token: Token | null): Word => {
  if (token?.kind !== 'word') throw new ScriptError('a word is missing');
  return token.word;
};
const plainName = (word: Word | undefined): string => {
  const part = word?.[0];
  if (part?.kind !== 'text') throw new ScriptError('a name is missing');
  return part.text;
};
const nameOf = (token: Token | null): string => plainName(wordOf(token));
