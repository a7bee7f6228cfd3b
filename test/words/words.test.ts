// SPDX-License-Identifier: GPL-3.0-or-later
import { IntlMessageFormat } from 'intl-messageformat';
import { expect, test } from 'vitest';
import { en } from '../../words/en/all';
import { isKey, languageOf, say } from '../../words/say';
import { zh } from '../../words/zh/all';

const keys = Object.keys(en).filter(isKey);

/** Names of the details a message asks for. */
function argumentsOf(message: string): string[] {
  const names = new Set<string>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    else if (typeof value === 'object' && value !== null) {
      const node = value as { type?: number; value?: unknown; options?: Record<string, { value: unknown }> };
      if (node.type !== undefined && node.type !== 0 && node.type !== 7 && typeof node.value === 'string') names.add(node.value);
      for (const option of Object.values(node.options ?? {})) visit(option.value);
    }
  };
  visit(new IntlMessageFormat(message, 'en', undefined, { ignoreTag: true }).getAst());
  return [...names].sort();
}

test('English and Chinese have the same keys', () => {
  expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort());
});

test('no two areas use the same key', () => {
  expect(new Set(Object.keys(en)).size).toBe(Object.keys(en).length);
});

test.each(keys)('%s asks for the same details in both languages, and both can be said', (key) => {
  const names = argumentsOf(en[key]);
  expect(argumentsOf(zh[key])).toEqual(names);
  const detail = Object.fromEntries(names.map((name) => [name, '2']));
  expect(say('en', key, detail).trim()).not.toBe('');
  expect(say('zh', key, detail).trim()).not.toBe('');
});

test('a Chinese sentence is Chinese', () => {
  const hasWords = (text: string): boolean => /\p{L}{2}/u.test(text.replaceAll(/\{[^}]*\}/g, ''));
  const without = keys.filter((key) => !/\p{Script=Han}/u.test(zh[key]) && zh[key] !== en[key] && hasWords(en[key]));
  expect(without).toEqual([]);
});

test('no label is one that could stand on any button', () => {
  const banned = new Set(['ok', 'yes', 'no', 'next', 'continue', 'submit', 'confirm', 'proceed']);
  const labels = keys.filter((key) => /(button|action|label)/.test(key));
  expect(labels.filter((key) => banned.has(en[key].toLowerCase().replace(/[.!]$/, '')))).toEqual([]);
});

test.each([
  ['zh_CN.UTF-8', 'zh'],
  ['zh-Hans', 'zh'],
  ['ZH', 'zh'],
  ['en_GB', 'en'],
  ['de_DE.UTF-8', 'en'],
  [undefined, 'en'],
])('the locale %s speaks %s', (locale, language) => {
  expect(languageOf(locale)).toBe(language);
});
