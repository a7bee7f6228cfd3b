// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok, type Result } from '../../contract/problem';
import { decodeReferences } from './xml-references';

/** Where a node stands in the text it was read from: `[start, end)`. */
interface Span {
  readonly start: number;
  readonly end: number;
}

export interface XmlAttribute extends Span {
  readonly name: string;
  /** With its references resolved. */
  readonly value: string;
}

/** An element that still knows its place in the text, so that an edit can leave everything else as it was, byte for byte. */
export interface XmlElement extends Span {
  readonly kind: 'element';
  /** With its prefix, as written. */
  readonly name: string;
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly XmlNode[];
  /** Just behind the start tag. */
  readonly openEnd: number;
  /** Where the end tag begins; equal to `openEnd` of an empty-element tag. */
  readonly closeStart: number;
}

export interface XmlText extends Span {
  readonly kind: 'text' | 'cdata' | 'comment' | 'instruction';
  /** Resolved for text and cdata; as written for the others. */
  readonly text: string;
}
export type XmlNode = XmlElement | XmlText;

export interface XmlDocument {
  readonly source: string;
  readonly root: XmlElement;
}

/** Characters of a document, depth of elements, number of nodes and of attributes of one that are read; libvirt's own limit for a string is 4 MiB. */
export const xmlLimits = { characters: 8 * 1024 * 1024, depth: 64, nodes: 200_000, attributes: 256 } as const;

const nameStart = '[\\p{L}_:]';
const nameRest = '[\\p{L}\\p{N}\\p{M}_:.\\u00b7-]*';
const name = new RegExp(`${nameStart}${nameRest}`, 'uy');
const attribute = new RegExp(`\\s+(${nameStart}${nameRest})\\s*=\\s*(?:"([^"<]*)"|'([^'<]*)')`, 'uy');
const tagEnd = /\s*(\/?)>/y;
const closeTag = new RegExp(`</(${nameStart}${nameRest})\\s*>`, 'uy');
// What XML 1.0 calls a character, without the lone halves that JavaScript allows.
const forbidden = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

interface Open {
  readonly name: string;
  readonly attributes: readonly XmlAttribute[];
  readonly start: number;
  readonly openEnd: number;
  readonly children: XmlNode[];
}

/** What stands outside a well-formed document, as `detail.why`. */
export type XmlFault = 'xml-character' | 'xml-shape' | 'xml-doctype' | 'xml-reference' | 'xml-twice' | 'xml-depth' | 'xml-cut' | 'xml-root';

interface Cursor {
  readonly source: string;
  at: number;
  nodes: number;
  readonly stack: Open[];
  root: XmlElement | null;
}

/**
 * Reads a well-formed XML 1.0 document without a document type: no entity is ever defined or fetched.
 * Fails with `too-large`, or `bad-input` with `why` (an XmlFault) and `line`.
 */
export function readXml(source: string): Result<XmlDocument> {
  if (source.length > xmlLimits.characters) return failed('too-large', { what: 'xml' });
  const cursor: Cursor = { source, at: source.startsWith('\uFEFF') ? 1 : 0, nodes: 0, stack: [], root: null };
  const fault = (why: XmlFault): Result<never> => failed('bad-input', { why, line: String(source.slice(0, cursor.at).split('\n').length) });
  const bad = forbidden.exec(source);
  if (bad !== null) {
    cursor.at = bad.index;
    return fault('xml-character');
  }
  while (cursor.at < source.length) {
    const why = readNode(cursor);
    if (why !== null) return fault(why);
  }
  if (cursor.stack.length > 0) return fault('xml-cut');
  return cursor.root === null ? fault('xml-root') : ok({ source, root: cursor.root });
}

function readNode(cursor: Cursor): XmlFault | null {
  if (++cursor.nodes > xmlLimits.nodes) return 'xml-depth';
  const { source, at } = cursor;
  if (source[at] !== '<') return readText(cursor);
  if (source.startsWith('<!--', at)) return readUntil(cursor, 'comment', '-->');
  if (source.startsWith('<![CDATA[', at)) return readUntil(cursor, 'cdata', ']]>');
  if (source.startsWith('<?', at)) return readUntil(cursor, 'instruction', '?>');
  if (source.startsWith('<!', at)) return 'xml-doctype';
  return source.startsWith('</', at) ? readClose(cursor) : readOpen(cursor);
}

function readText(cursor: Cursor): XmlFault | null {
  const next = cursor.source.indexOf('<', cursor.at);
  const end = next === -1 ? cursor.source.length : next;
  const raw = cursor.source.slice(cursor.at, end);
  if (cursor.stack.length === 0) {
    if (raw.trim() !== '') return 'xml-root';
  } else {
    const text = decodeReferences(raw.replaceAll(/\r\n?/g, '\n'));
    if (text === null) return 'xml-reference';
    if (raw.includes(']]>')) return 'xml-shape';
    add(cursor, { kind: 'text', text, start: cursor.at, end });
  }
  cursor.at = end;
  return null;
}

const opening = { comment: 4, cdata: 9, instruction: 2 } as const;

function readUntil(cursor: Cursor, kind: keyof typeof opening, mark: string): XmlFault | null {
  const { source, at, stack } = cursor;
  const found = source.indexOf(mark, at + opening[kind]);
  if (found === -1) return 'xml-cut';
  const text = source.slice(at + opening[kind], found);
  if (kind === 'comment' && (text.includes('--') || text.endsWith('-'))) return 'xml-shape';
  // A declaration stands at the very beginning and nowhere else.
  if (kind === 'instruction' && /^xml\b/i.test(text) && at !== (source.startsWith('\uFEFF') ? 1 : 0)) return 'xml-shape';
  if (stack.length === 0 && kind === 'cdata') return 'xml-root';
  cursor.at = found + mark.length;
  if (stack.length > 0) add(cursor, { kind, text, start: at, end: cursor.at });
  return null;
}

function readOpen(cursor: Cursor): XmlFault | null {
  const { source, at: start } = cursor;
  if (cursor.root !== null && cursor.stack.length === 0) return 'xml-root';
  if (cursor.stack.length >= xmlLimits.depth) return 'xml-depth';
  name.lastIndex = start + 1;
  const found = name.exec(source)?.[0];
  if (found === undefined) return start + 1 >= source.length ? 'xml-cut' : 'xml-shape';
  cursor.at = start + 1 + found.length;
  const attributes: XmlAttribute[] = [];
  const why = readAttributes(cursor, attributes);
  if (why !== null) return why;
  tagEnd.lastIndex = cursor.at;
  const end = tagEnd.exec(source);
  if (end === null) return source.includes('>', cursor.at) ? 'xml-shape' : 'xml-cut';
  cursor.at = tagEnd.lastIndex;
  if (end[1] === '/') add(cursor, { kind: 'element', name: found, attributes, children: [], start, openEnd: cursor.at, closeStart: cursor.at, end: cursor.at });
  else cursor.stack.push({ name: found, attributes, start, openEnd: cursor.at, children: [] });
  return null;
}

function readAttributes(cursor: Cursor, found: XmlAttribute[]): XmlFault | null {
  for (;;) {
    attribute.lastIndex = cursor.at;
    const match = attribute.exec(cursor.source);
    if (match === null) return null;
    const written = match[1] ?? '';
    if (found.length >= xmlLimits.attributes) return 'xml-depth';
    if (found.some((one) => one.name === written)) return 'xml-twice';
    const value = decodeReferences((match[2] ?? match[3] ?? '').replaceAll(/\r\n|[\t\r\n]/g, ' '));
    if (value === null) return 'xml-reference';
    found.push({ name: written, value, start: cursor.at, end: attribute.lastIndex });
    cursor.at = attribute.lastIndex;
  }
}

function readClose(cursor: Cursor): XmlFault | null {
  closeTag.lastIndex = cursor.at;
  const match = closeTag.exec(cursor.source);
  if (match === null) return cursor.source.includes('>', cursor.at) ? 'xml-shape' : 'xml-cut';
  const open = cursor.stack.pop();
  if (match[1] !== open?.name || open === undefined) return 'xml-shape';
  const closeStart = cursor.at;
  cursor.at = closeTag.lastIndex;
  add(cursor, { kind: 'element', ...open, closeStart, end: cursor.at });
  return null;
}

function add(cursor: Cursor, node: XmlNode): void {
  const parent = cursor.stack.at(-1);
  if (parent !== undefined) parent.children.push(node);
  else if (node.kind === 'element') cursor.root = node;
}
