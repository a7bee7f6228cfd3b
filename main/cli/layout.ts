// SPDX-License-Identifier: GPL-3.0-or-later
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import type { Weight } from '../../contract/finding';
import type { Io } from './io';

const codes = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39], cyan: [36, 39] } as const;
export type Style = keyof typeof codes;

/** The text in a terminal style, or as it is where the terminal has no colour. */
export function styled(io: Io, style: Style, text: string): string {
  const [open, close] = codes[style];
  return io.colour ? `\u001b[${open}m${text}\u001b[${close}m` : text;
}

/** A paragraph wrapped to the terminal, each line after the first indented under the first's text. */
export function paragraph(io: Io, text: string, lead = '', indent = ' '.repeat(stringWidth(lead))): string {
  const width = Math.max(24, Math.min(io.width, 100) - stringWidth(indent));
  const lines = wrapAnsi(text, width, { hard: true }).split('\n');
  return lines.map((line, index) => (index === 0 ? lead : indent) + line).join('\n') + '\n';
}

/** A heading with a blank line before it. */
export const heading = (io: Io, text: string): string => `\n${styled(io, 'bold', text)}\n`;

/** Two columns; the first as wide as its longest cell. */
export function pairs(io: Io, rows: readonly (readonly [string, string])[]): string {
  const first = Math.min(28, Math.max(0, ...rows.map(([name]) => stringWidth(name))));
  return rows
    .map(([name, value]) => paragraph(io, value, `  ${styled(io, 'dim', name)}${' '.repeat(Math.max(0, first - stringWidth(name)))}  `))
    .join('');
}

const marks: Readonly<Record<Weight, readonly [string, Style]>> = {
  good: ['+', 'green'],
  note: ['i', 'cyan'],
  warn: ['!', 'yellow'],
  stop: ['x', 'red'],
};

/** The mark of a weight; always shown together with its word, never alone. */
export const mark = (io: Io, weight: Weight): string => styled(io, marks[weight][1], marks[weight][0]);
