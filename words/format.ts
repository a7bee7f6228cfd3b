// SPDX-License-Identifier: GPL-3.0-or-later
import { IntlMessageFormat } from 'intl-messageformat';
import type { Detail } from '../contract/problem';
import type { Language } from './language';

const locales: Readonly<Record<Language, string>> = { en: 'en', zh: 'zh-Hans' };
const compiled = new Map<string, IntlMessageFormat>();

/** A message (ICU syntax) with its details put in. Pure; the compiled form is kept under its language and key for the next call. */
export function format(language: Language, key: string, text: string, detail: Detail | Readonly<Record<string, string | number>>): string {
  const id = `${language} ${key}`;
  let message = compiled.get(id);
  if (message === undefined) {
    message = new IntlMessageFormat(text, locales[language], undefined, { ignoreTag: true });
    compiled.set(id, message);
  }
  return String(message.format(detail));
}
