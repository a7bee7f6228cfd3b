// SPDX-License-Identifier: GPL-3.0-or-later

/** A sysfs integer such as `-1`, `16` or `0x10de`; null for anything else. */
export function readInteger(text: string): number | null {
  const trimmed = text.trim();
  if (!/^(-?\d{1,15}|0x[0-9a-fA-F]{1,13})$/.test(trimmed)) return null;
  return Number(trimmed);
}

/** `0`/`1`, `N`/`Y`, `n`/`y` as the kernel prints its switches. */
export function readSwitch(text: string): boolean | null {
  const trimmed = text.trim();
  if (trimmed === '1' || trimmed === 'Y' || trimmed === 'y') return true;
  return trimmed === '0' || trimmed === 'N' || trimmed === 'n' ? false : null;
}

const mostCpus = 4096;

/** A kernel list such as `0-3,8,10-11`; null when it is torn or longer than any machine. */
export function readCpuList(text: string): number[] | null {
  const trimmed = text.trim();
  if (trimmed === '') return [];
  const found: number[] = [];
  for (const part of trimmed.split(',')) {
    const [, first, last] = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(part) ?? [];
    if (first === undefined) return null;
    const end = Number(last ?? first);
    for (let cpu = Number(first); cpu <= end; cpu++) {
      if (found.length >= mostCpus) return null;
      found.push(cpu);
    }
  }
  return found;
}

/** The same list as the kernel prints it: sorted, in the fewest ranges; empty for none. */
export function printCpuList(cpus: Iterable<number>): string {
  const runs: [number, number][] = [];
  for (const cpu of [...new Set(cpus)].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] === cpu - 1) last[1] = cpu;
    else runs.push([cpu, cpu]);
  }
  return runs.map(([first, last]) => (first === last ? String(first) : `${String(first)}-${String(last)}`)).join(',');
}

/** The word in brackets of `none [integrity] confidentiality`; null when no word is marked. */
export const readChosen = (text: string): string | null => /\[([^\]]+)\]/.exec(text)?.[1] ?? null;
