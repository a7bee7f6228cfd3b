// SPDX-License-Identifier: GPL-3.0-or-later
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { states } from '../../contract/history';
import { helperVerbs } from '../../contract/helper';

const top = path.resolve(import.meta.dirname, '../..');
const read = (name: string): string => readFileSync(path.join(top, name), 'utf8');
const pages = ['README.md', 'ARCHITECTURE.md', ...readdirSync(path.join(top, 'docs'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)];

test('docs/security.md has one row for each state, in their order', () => {
  const rows = [...read('docs/security.md').matchAll(/^\| ([a-z-]+) \|/gm)].map((row) => row[1]).filter((name) => name !== 'state');
  expect(rows).toEqual([...states]);
});

test.each(pages)('%s has no heading with nothing under it', (page) => {
  const lines = read(page).split('\n').filter((line) => line.trim() !== '');
  const bare = lines.filter((line, at) => /^#+ /.test(line) && (lines[at + 1] === undefined || (/^#+ /.test(lines[at + 1] ?? '') && (lines[at + 1]?.indexOf(' ') ?? 0) <= line.indexOf(' '))));
  expect(bare).toEqual([]);
});

test.each(pages)('every file and verb that %s names is there', (page) => {
  const named = [...read(page).matchAll(/`((?:docs|core|contract|helper|host|main|rehearsal|renderer|test|words|assets|tools)\/[A-Za-z0-9_./-]+)`/g)].map((match) => match[1] ?? '');
  const gone = named.filter((name) => !['', '.ts', '.svelte.ts', '.md'].some((end) => existsSync(path.join(top, name + end))));
  expect(gone).toEqual([]);
  const verbs = [...read(page).matchAll(/switchyard-helper ([a-z-]+)/g)].map((match) => match[1] ?? '');
  const known: readonly string[] = helperVerbs;
  expect(verbs.filter((verb) => !known.includes(verb) && verb !== 'verb')).toEqual([]);
});

test.each(pages)('%s names no machine of ours and no registry', (page) => {
  expect(read(page)).not.toMatch(/\/work\/|\/root\/|registry\.|npmjs|deb\.debian\.org/);
});

test('every decision note says context or reason, decision and consequences within forty lines', () => {
  for (const name of readdirSync(path.join(top, 'docs/decisions'))) {
    const text = read(`docs/decisions/${name}`);
    expect(text.split('\n').length, name).toBeLessThanOrEqual(45);
    expect(/^# 0*\d+/.test(text), name).toBe(true);
  }
});
