// SPDX-License-Identifier: GPL-3.0-or-later
import type { Detail } from '../../contract/problem';
import { format } from '../../words/format';
import type { Language } from '../../words/language';

/** Parts of the window that bring their own sentences. */
export type Area = 'page' | 'vm' | 'hand' | 'desktop';
type Table = Readonly<Record<string, string>>;

/** Each a file of its own: the page loads the language it speaks, and an area's sentences with the area. */
const sources: Readonly<Record<Language, Readonly<Record<Area, () => Promise<Table>>>>> = {
  en: {
    page: async () => (await import('../../words/en/page')).page,
    vm: async () => (await import('../../words/en/page-vm')).pageVm,
    hand: async () => (await import('../../words/en/page-hand')).pageHand,
    desktop: async () => (await import('../../words/en/page-desktop')).pageDesktop,
  },
  zh: {
    page: async () => (await import('../../words/zh/page')).page,
    vm: async () => (await import('../../words/zh/page-vm')).pageVm,
    hand: async () => (await import('../../words/zh/page-hand')).pageHand,
    desktop: async () => (await import('../../words/zh/page-desktop')).pageDesktop,
  },
};
const tables: Record<Language, Map<string, string>> = { en: new Map(), zh: new Map() };
const learnt = new Set<string>();

/** Brings the sentences of some areas in one language; false when they could not be had (the connection was lost). */
export async function learn(language: Language, areas: Iterable<Area>): Promise<boolean> {
  const wanted = [...areas].filter((area) => !learnt.has(`${language} ${area}`));
  try {
    for (const [index, table] of (await Promise.all(wanted.map((area) => sources[language][area]()))).entries()) {
      for (const [key, text] of Object.entries(table)) tables[language].set(key, text);
      learnt.add(`${language} ${wanted[index] ?? ''}`);
    }
    return true;
  } catch {
    return false;
  }
}

export const knows = (language: Language, key: string): boolean => tables[language].has(key);

/** The sentence for a key; an unknown key is shown as itself, never hidden. */
export function spoken(language: Language, key: string, detail: Detail | Readonly<Record<string, string | number>>): string {
  const text = tables[language].get(key);
  return text === undefined ? key : format(language, key, text, detail);
}
