// SPDX-License-Identifier: GPL-3.0-or-later

/** /proc/cmdline as its words: separated by white space, double quotes hold a word together and stay out of it. Source: host.md 1.9. */
export function readCommandLine(text: string): string[] {
  const words: string[] = [];
  for (const [word] of text.trim().matchAll(/(?:[^\s"]|"[^"]*"?)+/g)) {
    if (words.length < 512) words.push(word.replaceAll('"', '').slice(0, 2048));
  }
  return words;
}
