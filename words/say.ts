// SPDX-License-Identifier: GPL-3.0-or-later
import { IntlMessageFormat } from 'intl-messageformat';
import type { Detail } from '../contract/problem';
import { en, type Key } from './en/all';
import { zh } from './zh/all';

export const languages = ['en', 'zh'] as const;
export type Language = (typeof languages)[number];
export type { Key };

const tables: Readonly<Record<Language, Readonly<Record<Key, string>>>> = { en, zh };
const locales: Readonly<Record<Language, string>> = { en: 'en', zh: 'zh-Hans' };
const compiled = new Map<string, IntlMessageFormat>();

export const isKey = (text: string): text is Key => Object.hasOwn(en, text);

/** The sentence for a key, with its details put in (ICU message syntax). Pure; the compiled form is kept for the next call. */
export function say(language: Language, key: Key, detail: Detail | Readonly<Record<string, string | number>> = {}): string {
  const id = `${language} ${key}`;
  let message = compiled.get(id);
  if (message === undefined) {
    message = new IntlMessageFormat(tables[language][key], locales[language], undefined, { ignoreTag: true });
    compiled.set(id, message);
  }
  return String(message.format(detail));
}

/** `zh` for any Chinese locale name, else English. */
export function languageOf(locale: string | undefined): Language {
  return locale !== undefined && /^zh\b/i.test(locale.replaceAll('_', '-')) ? 'zh' : 'en';
}
