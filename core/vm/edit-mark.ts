// SPDX-License-Identifier: GPL-3.0-or-later
import type { XmlElement } from '../read/xml';
import { find, isElement } from '../read/xml-find';
import { ourNamespace } from './domain';
import { element } from './xml/draw';
import { appended, without, type Splice } from './xml/splice';

const ours = (root: XmlElement): XmlElement | undefined => find(root, 'metadata')?.children.filter(isElement).find((one) => one.name === 'switchyard:vm');

/** Our mark in the metadata of a VM that somebody else drew; it says nothing about its graphics, which are not ours. */
export function adopt(source: string, root: XmlElement): Splice[] {
  if (ours(root) !== undefined) return [];
  const mark = element('switchyard:vm', { 'xmlns:switchyard': ourNamespace, schema: 1, graphics: 'theirs' });
  const metadata = find(root, 'metadata');
  if (metadata !== null) return [appended(source, metadata, [mark])];
  // libvirt stores it behind what names the VM; where it stands in the text is free.
  const names = ['name', 'uuid', 'title', 'description', 'hwuuid', 'genid'];
  const after = root.children.filter(isElement).filter((one) => names.includes(one.name)).at(-1);
  return [appended(source, root, [element('metadata', {}, [mark])], after)];
}

/** Takes the mark out; a metadata element that holds nothing else goes with it. */
export function giveUp(source: string, root: XmlElement): Splice[] {
  const [metadata, mark] = [find(root, 'metadata'), ours(root)];
  if (metadata === null || mark === undefined) return [];
  return [without(source, metadata.children.filter(isElement).length === 1 ? metadata : mark)];
}
