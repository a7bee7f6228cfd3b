// SPDX-License-Identifier: GPL-3.0-or-later
import { languageOf, type Language } from '../words/say';

export { say } from '../words/say';

/** The language of the desktop or the terminal, as POSIX orders its variables. */
export const systemLanguage = (): Language => languageOf(['LC_ALL', 'LC_MESSAGES', 'LANG'].map((name) => process.env[name]).find((value) => value !== undefined && value !== ''));
