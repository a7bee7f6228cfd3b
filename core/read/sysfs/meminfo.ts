// SPDX-License-Identifier: GPL-3.0-or-later

/** `MemTotal: 16384 kB` lines of /proc/meminfo, or `Node 0 MemTotal: ...` of a NUMA node, in bytes. */
export function readMemory(text: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const [, name, amount] of text.matchAll(/^(?:Node\s+\d+\s+)?(\w+):\s+(\d{1,13}) kB$/gm)) {
    if (name !== undefined) found.set(name, Number(amount) * 1024);
  }
  return found;
}
