// SPDX-License-Identifier: GPL-3.0-or-later
import { readName } from './clean';

/** os-release(5): shell assignments without expansion; quotes and backslashes removed, everything else as it stands. */
export function readOsRelease(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, key, raw] = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(line.trim()) ?? [];
    if (key === undefined || raw === undefined) continue;
    const [, , quoted] = /^(["'])(.*)\1$/.exec(raw) ?? [];
    found.set(key, readName((quoted ?? raw).replace(/\\(.)/g, '$1')));
  }
  return found;
}
