// SPDX-License-Identifier: GPL-3.0-or-later
import type { Part } from './render';

/** A small reproducible source of choices. */
export interface Random {
  next(): number;
  chance(): boolean;
  pick<T>(from: readonly T[]): T;
}

/** mulberry32. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return { next, chance: () => next() < 0.5, pick: (from) => from[Math.floor(next() * from.length)]! };
}

export function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  return items
    .map((item) => ({ item, key: random.next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

const prompts = [
  '$ ',
  'user@box:~$ ',
  '[user@box ~]$ ',
  'root@pve:~# ',
  '➜  ~ ',
  '\u001b[01;32muser@box\u001b[00m:\u001b[01;34m~\u001b[00m$ ',
];

/** Puts parts together as a paste: prompts, fences, headings, blank lines, chatter, quote marks, colours, line ends. */
export function noisy(parts: readonly Part[], random: Random): string {
  const prompt = random.pick(prompts);
  const fenced = random.chance();
  const lines = parts.flatMap((part) => {
    const echo = part.command === null ? [] : [`${prompt}${part.command}`];
    const body = [...echo, ...part.lines, ...(part.lines.length === 0 || random.chance() ? [prompt.trimEnd()] : [])];
    const chatter = random.chance() ? ['', 'here is what you asked for, thanks for looking into it!'] : [''];
    return fenced ? [...chatter, '```', ...body, '```'] : [...chatter, `### ${part.command ?? 'output'}`, ...body, ''];
  });
  return damaged(lines, random);
}

function damaged(lines: readonly string[], random: Random): string {
  const [spaces, quoted, numbered, crlf] = [random.chance(), random.chance(), random.chance(), random.chance()];
  const shown = lines
    .map((line) => (spaces ? line.replaceAll('\t', '        ') : line))
    .map((line, index) => (numbered && !quoted ? `${String(index + 1).padStart(6)}\t${line}` : line))
    .map((line) => (quoted ? `> ${line}` : line));
  return shown.join(crlf ? '\r\n' : '\n');
}
