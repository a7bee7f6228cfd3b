// SPDX-License-Identifier: GPL-3.0-or-later

// C0, DEL, C1, the zero-width and direction-changing characters, line and paragraph separators, BOM: nothing a name needs.
// eslint-disable-next-line no-control-regex
const unseen = / *[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]+/g;

/** A name from hardware or a file as one harmless line: control and direction characters become one space; at most `limit` characters. */
export function readName(text: string, limit = 256): string {
  // The common case has nothing to clean, and ten thousand functions ask.
  const plain = unseen.test(text) ? text.replace(unseen, ' ').replace(/ {2,}/g, ' ') : text;
  unseen.lastIndex = 0;
  const trimmed = plain.trim();
  return trimmed.length <= limit ? trimmed : trimmed.slice(0, limit).replace(/[\ud800-\udbff]$/, '').trimEnd();
}
