// SPDX-License-Identifier: GPL-3.0-or-later
import type { XmlElement } from '../../read/xml';
import { isElement } from '../../read/xml-find';
import { escapeAttribute, escapeText } from '../../read/xml-references';
import { drawXml, type Drawn } from './draw';

/** One replacement in a text: `[start, end)` becomes `text`. Everything outside stays byte for byte. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Applies splices that do not overlap; where two insert at one place, the first given comes first. */
export function spliced(source: string, splices: readonly Splice[]): string {
  let text = '';
  let at = 0;
  const order = splices.map((one, index) => ({ ...one, index })).sort((a, b) => a.start - b.start || a.index - b.index);
  for (const one of order) {
    text += source.slice(at, one.start) + one.text;
    at = one.end;
  }
  return text + source.slice(at);
}

/** Takes an element away, with the line break and indentation before it, so that what is left looks as if it had never been there. */
export function without(source: string, element: XmlElement): Splice {
  const before = source.slice(0, element.start);
  return { start: element.start - (/(?:\r?\n)?[ \t]*$/.exec(before)?.[0].length ?? 0), end: element.end, text: '' };
}

/** Puts elements behind the last child of a parent, indented as its children are. The inverse of `without`. */
export function appended(source: string, parent: XmlElement, drawn: readonly Drawn[], after?: XmlElement): Splice {
  const anchor = after ?? parent.children.filter(isElement).at(-1);
  const inside = anchor === undefined ? `${indentOf(source, parent)}  ` : indentOf(source, anchor);
  const text = drawn.map((one) => `\n${indented(drawXml(one).trimEnd(), inside)}`).join('');
  if (anchor !== undefined) return { start: anchor.end, end: anchor.end, text };
  if (parent.openEnd !== parent.end) return { start: parent.openEnd, end: parent.openEnd, text };
  const tail = /\s*\/>$/.exec(source.slice(parent.start, parent.end))?.[0].length ?? 2;
  return { start: parent.end - tail, end: parent.end, text: `>${text}\n${indentOf(source, parent)}</${parent.name}>` };
}

const indentOf = (source: string, element: XmlElement): string => /(?:^|\n)([ \t]*)$/.exec(source.slice(0, element.start))?.[1] ?? '';
const indented = (text: string, by: string): string => text.split('\n').map((line) => `${by}${line}`).join('\n');

/** Gives an attribute another value and keeps its quotes, or adds it behind the others. */
export function withAttribute(source: string, element: XmlElement, name: string, value: string): Splice {
  const found = element.attributes.find((one) => one.name === name);
  if (found === undefined) {
    const at = element.attributes.at(-1)?.end ?? element.start + 1 + element.name.length;
    return { start: at, end: at, text: ` ${name}='${escapeAttribute(value)}'` };
  }
  const quote = source[found.end - 1] ?? "'";
  const start = source.lastIndexOf(quote, found.end - 2) + 1;
  return { start, end: found.end - 1, text: escapeAttribute(value) };
}

/** Gives an element other text; only for elements that hold nothing but text. */
export const withText = (element: XmlElement, text: string): Splice => ({ start: element.openEnd, end: element.closeStart, text: escapeText(text) });
