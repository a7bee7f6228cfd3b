// SPDX-License-Identifier: GPL-3.0-or-later
import { expect, test } from 'vitest';
import * as z from 'zod';
import { askNames, linkNames, links, tellNames } from '../../contract/names';
import { asks, tells } from '../../contract/ui';

test('the table has a row for every name and no other', () => {
  expect(Object.keys(asks).sort()).toEqual([...askNames].sort());
  expect(Object.keys(tells).sort()).toEqual([...tellNames].sort());
  expect(Object.keys(links)).toEqual([...linkNames]);
});

/** Walks a JSON schema and gives the path of everything that has no bound. */
function unbounded(schema: unknown, path: string): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const node = schema as Record<string, unknown>;
  const found: string[] = [];
  const bounds = ['maxLength', 'enum', 'const', 'pattern', 'format'];
  if (node['type'] === 'string' && !bounds.some((bound) => bound in node)) found.push(`${path}: text`);
  if (node['type'] === 'array' && !('maxItems' in node || 'prefixItems' in node)) found.push(`${path}: list`);
  if (node['type'] === 'object' && 'properties' in node && node['additionalProperties'] !== false) found.push(`${path}: open object`);
  return found.concat(...Object.entries(node).map(([key, value]) => (typeof value === 'object' ? unbounded(value, `${path}/${key}`) : [])));
}

test('the walk finds what has no bound', () => {
  expect(unbounded(z.toJSONSchema(z.object({ a: z.string(), b: z.array(z.number()) }), { io: 'input' }), 'x')).toEqual(['x: open object', 'x/properties/a: text', 'x/properties/b: list']);
  expect(unbounded(z.toJSONSchema(z.looseObject({ a: z.string() }), { io: 'input' }), 'x')).toHaveLength(2);
});

test.each(askNames)('every text and list that may come in with %s has a bound, and every object is closed', (name) => {
  expect(unbounded(z.toJSONSchema(asks[name].in, { io: 'input', reused: 'ref' }), name)).toEqual([]);
});

test.each(askNames)('every text and list that goes out with %s has a bound', (name) => {
  expect(unbounded(z.toJSONSchema(asks[name].out, { io: 'output', reused: 'ref' }), name)).toEqual([]);
});
