// SPDX-License-Identifier: GPL-3.0-or-later

const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Text with its five named and its numbered references resolved; null when one is anything else or names no character. */
export function decodeReferences(raw: string): string | null {
  if (!raw.includes('&')) return raw;
  let sound = true;
  const text = raw.replaceAll(/&([^;&]{0,12};?)/g, (_whole, inner: string) => {
    const found = referenceOf(inner);
    if (found === null) sound = false;
    return found ?? '';
  });
  return sound ? text : null;
}

/** What XML 1.0 calls a character. */
const characters = [
  [0x9, 0xa],
  [0xd, 0xd],
  [0x20, 0xd7ff],
  [0xe000, 0xfffd],
  [0x10000, 0x10ffff],
] as const;

function referenceOf(inner: string): string | null {
  if (!inner.endsWith(';')) return null;
  const body = inner.slice(0, -1);
  const [, hex, decimal] = /^#(?:x([0-9A-Fa-f]{1,8})|(\d{1,8}))$/.exec(body) ?? [];
  if (hex === undefined && decimal === undefined) return Object.hasOwn(named, body) ? (named[body] ?? null) : null;
  const point = hex === undefined ? Number(decimal) : parseInt(hex, 16);
  return characters.some(([from, to]) => point >= from && point <= to) ? String.fromCodePoint(point) : null;
}

const marks: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;', "'": '&apos;', '\t': '&#9;', '\n': '&#10;', '\r': '&#13;' };

/** Text made safe for an attribute in either kind of quotes. */
export const escapeAttribute = (text: string): string => text.replaceAll(/[<>&"'\t\n\r]/g, (mark) => marks[mark] ?? mark);
/** Text made safe between tags. */
export const escapeText = (text: string): string => text.replaceAll(/[<>&\r]/g, (mark) => marks[mark] ?? mark);
