// SPDX-License-Identifier: GPL-3.0-or-later
import type { Detail } from '../contract/problem';
import { en, type Key } from './en/all';
import { format } from './format';
import type { Language } from './language';
import { zh } from './zh/all';

export { languageOf, languages, type Language } from './language';
export type { Key };

const tables: Readonly<Record<Language, Readonly<Record<Key, string>>>> = { en, zh };

export const isKey = (text: string): text is Key => Object.hasOwn(en, text);

/** The sentence for a key, with its details put in; both languages are at hand. The page, which carries one, has renderer/state/spoken.ts. */
export const say = (language: Language, key: Key, detail: Detail | Readonly<Record<string, string | number>> = {}): string => format(language, key, tables[language][key], detail);
