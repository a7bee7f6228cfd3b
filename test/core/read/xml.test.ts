// SPDX-License-Identifier: GPL-3.0-or-later
import { DOMParser, type Node as DomNode } from '@xmldom/xmldom';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readXml, xmlLimits, type XmlElement } from '../../../core/read/xml';
import { escapeAttribute, escapeText } from '../../../core/read/xml-references';

const name = fc.stringMatching(/^[A-Za-z_][\w.-]{0,6}$/);
/** Letters of several scripts, marks that need care, and none that XML forbids. */
const text = fc.string({ unit: fc.constantFrom('a', 'é', '汉', '😀', '<', '>', '&', '"', "'", ' ', '\n', '\t', ']]>', '-'), maxLength: 8 });

interface Tree {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (Tree | string)[];
}
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.record({
    name,
    attributes: fc.dictionary(name, text, { maxKeys: 3 }),
    children: fc.array(fc.oneof({ depthSize: 'small', withCrossShrink: true }, text.filter((one) => one !== ''), tie('tree')), { maxLength: 4 }),
  }),
}));
const write = (one: Tree, quote: string): string =>
  `<${one.name}${Object.entries(one.attributes).map(([key, value]) => `\n ${key} = ${quote}${escapeAttribute(value)}${quote}`).join('')}>` +
  `${one.children.map((child) => (typeof child === 'string' ? escapeText(child) : write(child, quote))).join('<!-- c --><?pi x?>')}</${one.name} >`;

type Plain = readonly [string, Readonly<Record<string, string>>, readonly unknown[]];
const merged = (parts: readonly unknown[]): unknown[] => {
  const all: unknown[] = [];
  for (const part of parts) {
    if (part === '') continue;
    const last = all.at(-1);
    if (typeof part === 'string' && typeof last === 'string') all.splice(-1, 1, last + part);
    else all.push(part);
  }
  return all;
};
const ours = (element: XmlElement): Plain => [
  element.name,
  Object.fromEntries(element.attributes.map((one) => [one.name, one.value])),
  merged(element.children.map((child) => (child.kind === 'element' ? ours(child) : child.kind === 'text' || child.kind === 'cdata' ? child.text : ''))),
];
interface DomElement extends DomNode {
  readonly tagName: string;
  readonly attributes: ArrayLike<{ readonly name: string; readonly value: string }>;
}
const theirs = (node: DomNode): Plain => {
  const element = node as DomElement;
  return [
    element.tagName,
    Object.fromEntries(Array.from(element.attributes).map((one) => [one.name, one.value])),
    merged(Array.from(element.childNodes).map((child) => (child.nodeType === 1 ? theirs(child) : child.nodeType === 3 || child.nodeType === 4 ? (child.nodeValue ?? '') : ''))),
  ];
};

describe('the reader of XML', () => {
  test('agrees with another reader on every document', () => {
    fc.assert(
      fc.property(tree, fc.constantFrom('"', "'"), (one, quote) => {
        const source = `<?xml version="1.0"?>\n<!-- head -->${write(one, quote)}\n`;
        const read = readXml(source);
        if (!read.ok) throw new Error(JSON.stringify(read.problem));
        const other = new DOMParser().parseFromString(source, 'text/xml').documentElement;
        if (other === null) throw new Error('the other reader found nothing');
        expect(ours(read.value.root)).toEqual(theirs(other));
      }),
    );
  });

  test('knows where everything stands: the spans of an element\'s parts rebuild the text', () => {
    fc.assert(
      fc.property(tree, (one) => {
        const source = write(one, "'");
        const read = readXml(source);
        if (!read.ok) throw new Error(JSON.stringify(read.problem));
        const rebuild = (element: XmlElement): string =>
          source.slice(element.start, element.openEnd) +
          element.children.map((child) => (child.kind === 'element' ? rebuild(child) : source.slice(child.start, child.end))).join('') +
          source.slice(element.closeStart, element.end);
        expect(rebuild(read.value.root)).toBe(source);
      }),
    );
  });

  test('whatever it is given, it answers and does not throw', () => {
    fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('<', '>', '/', 'a', '=', '"', "'", '&', ';', '!', '-', '[', ']', '?', ' ') })), (any) => typeof readXml(any).ok === 'boolean'), { numRuns: 2000 });
  });

  test('every document cut short is told as bad input', () => {
    const whole = "<domain type='kvm'><name>a</name><!-- c --><x y=\"1\"/><![CDATA[z]]></domain>";
    expect(readXml(whole).ok).toBe(true);
    for (let length = 0; length < whole.length; length++) expect(readXml(whole.slice(0, length)).ok, whole.slice(0, length)).toBe(false);
  });

  const bad: readonly (readonly [string, string, string])[] = [
    ['a document type', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', 'xml-doctype'],
    ['an entity nobody defined', '<a>&x;</a>', 'xml-reference'],
    ['a reference to no character', '<a>&#0;</a>', 'xml-reference'],
    ['a reference to half a character', '<a b="&#xD800;"/>', 'xml-reference'],
    ['a lone ampersand', '<a>b & c</a>', 'xml-reference'],
    ['tags that cross', '<a><b></a></b>', 'xml-shape'],
    ['an attribute twice', '<a b="1" b="2"/>', 'xml-twice'],
    ['an attribute without quotes', '<a b=1/>', 'xml-shape'],
    ['attributes without a space', '<a b="1"c="2"/>', 'xml-shape'],
    ['an angle inside an attribute', '<a b="<"/>', 'xml-shape'],
    ['two roots', '<a/><b/>', 'xml-root'],
    ['text behind the root', '<a/>x', 'xml-root'],
    ['nothing', ' \n', 'xml-root'],
    ['a control character', '<a>\u0007</a>', 'xml-character'],
    ['a NUL', '<a>\0</a>', 'xml-character'],
    ['half a character', '<a>\ud800</a>', 'xml-character'],
    ['a comment in a comment', '<a><!-- <!-- --></a>', 'xml-shape'],
    ['a declaration inside', '<a><?xml version="1.0"?></a>', 'xml-shape'],
    ['too many levels', '<a>'.repeat(xmlLimits.depth + 1) + '</a>'.repeat(xmlLimits.depth + 1), 'xml-depth'],
    ['too many attributes', `<a ${Array.from({ length: 300 }, (_, at) => `b${at}="1"`).join(' ')}/>`, 'xml-depth'],
    ['too many nodes', `<a>${'<b/>'.repeat(xmlLimits.nodes)}</a>`, 'xml-depth'],
  ];
  test.each(bad)('%s is bad input', (_name, source, why) => {
    const read = readXml(source);
    expect(read.ok ? 'read' : `${read.problem.code} ${read.problem.detail['why'] ?? ''}`).toBe(`bad-input ${why}`);
  });

  test('the line of the fault is told, and nothing of the text', () => {
    const read = readXml('<a>\n<secret-word>\n</b>\n</a>');
    expect(read).toEqual({ ok: false, problem: { code: 'bad-input', detail: { why: 'xml-shape', line: '3' } } });
  });

  test('more than the limit is too large', () => {
    const read = readXml(' '.repeat(xmlLimits.characters + 1));
    expect(read.ok ? '' : read.problem.code).toBe('too-large');
  });
});
