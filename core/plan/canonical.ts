// SPDX-License-Identifier: GPL-3.0-or-later

/** What can be told in one way only: no floats, no undefined, no dates. */
export type Canonical = null | boolean | number | string | readonly Canonical[] | { readonly [key: string]: Canonical };

/**
 * The one text of a value: keys sorted by code unit, strings in Unicode NFC, safe integers only, no white space.
 * Two programs that hold equal values get equal bytes, and so equal hashes. Throws for what has no such text: a bug.
 */
export function canonicalText(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return JSON.stringify(value.normalize('NFC'));
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || Object.is(value, -0))
      throw new Error('only safe integers have a canonical text');
    return String(value);
  }
  if (Array.isArray(value)) return `[${value.map((item: unknown) => canonicalText(item)).join(',')}]`;
  if (typeof value === 'object') return `{${entriesOf(value).join(',')}}`;
  throw new Error(`a ${typeof value} has no canonical text`);
}

function entriesOf(value: object): readonly string[] {
  const entries = Object.entries(value).map(([key, item]: [string, unknown]): readonly [string, unknown] => [
    key.normalize('NFC'),
    item,
  ]);
  const sorted = entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  if (sorted.some(([key], index) => index > 0 && key === sorted[index - 1]?.[0]))
    throw new Error('two keys are one in NFC');
  return sorted.map(([key, item]) => `${JSON.stringify(key)}:${canonicalText(item)}`);
}
