// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * A parser that remembers what it made of a text: a text that had the right shape has it again, and a journal or plan is
 * read several times in one request. What it gives is frozen, because it is shared. At most `most` texts are kept.
 */
export function remembering<T>(most: number, parse: (text: string) => T | null): (text: string) => T | null {
  const known = new Map<string, T>();
  return (text) => {
    const again = known.get(text);
    if (again !== undefined) return again;
    const parsed = parse(text);
    if (parsed === null) return null;
    freeze(parsed);
    if (known.size >= most) known.clear();
    known.set(text, parsed);
    return parsed;
  };
}

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const each of Object.values(value)) freeze(each);
}
