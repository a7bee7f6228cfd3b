// SPDX-License-Identifier: GPL-3.0-or-later
export const languages = ['en', 'zh'] as const;
export type Language = (typeof languages)[number];

/** `zh` for any Chinese locale name, else English. */
export function languageOf(locale: string | undefined): Language {
  return locale !== undefined && /^zh\b/i.test(locale.replaceAll('_', '-')) ? 'zh' : 'en';
}
