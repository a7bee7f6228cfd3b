// SPDX-License-Identifier: GPL-3.0-or-later
import type { XmlElement, XmlNode } from './xml';

export const isElement = (node: XmlNode): node is XmlElement => node.kind === 'element';

/** The child elements of a name, in order. */
export const childrenOf = (element: XmlElement, name: string): XmlElement[] => element.children.filter(isElement).filter((one) => one.name === name);

/** The element at the end of a path of first children, or null. */
export function find(element: XmlElement, ...path: readonly string[]): XmlElement | null {
  let here: XmlElement | undefined = element;
  for (const name of path) {
    here = here.children.filter(isElement).find((one) => one.name === name);
    if (here === undefined) return null;
  }
  return here;
}

/** The value of an attribute; null when the element has none or is itself missing. */
export const attributeOf = (element: XmlElement | null, name: string): string | null => element?.attributes.find((one) => one.name === name)?.value ?? null;

/** The text directly inside an element, without its children's. */
export const textOf = (element: XmlElement | null): string =>
  element === null ? '' : element.children.map((one) => (one.kind === 'text' || one.kind === 'cdata' ? one.text : '')).join('');
