// SPDX-License-Identifier: GPL-3.0-or-later
import { escapeAttribute, escapeText } from '../../read/xml-references';

/** An element to be written. Attributes that are undefined are left out. */
export interface Drawn {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number | undefined>>;
  readonly content: readonly Drawn[] | string;
}

type Attributes = Drawn['attributes'];

/** An element with children; those that are null do not exist. */
export const element = (name: string, attributes: Attributes = {}, children: readonly (Drawn | null)[] = []): Drawn => ({
  name,
  attributes,
  content: children.filter((one) => one !== null),
});

/** An element that holds text. */
export const worded = (name: string, text: string | number, attributes: Attributes = {}): Drawn => ({ name, attributes, content: String(text) });

/** An element as text, indented by two spaces a level as libvirt prints it; ends with a line break. */
export function drawXml(drawn: Drawn, depth = 0): string {
  const pad = '  '.repeat(depth);
  const attributes = Object.entries(drawn.attributes)
    .map(([key, value]) => (value === undefined ? '' : ` ${key}='${escapeAttribute(String(value))}'`))
    .join('');
  const open = `${pad}<${drawn.name}${attributes}`;
  const { content } = drawn;
  if (typeof content === 'string') return `${open}>${escapeText(content)}</${drawn.name}>\n`;
  if (content.length === 0) return `${open}/>\n`;
  return `${open}>\n${content.map((child) => drawXml(child, depth + 1)).join('')}${pad}</${drawn.name}>\n`;
}
