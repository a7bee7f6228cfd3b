// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok, type Result } from '../../contract/problem';

/** GRUB's environment block: exactly 1024 bytes, this first line, `key=value` lines, `#` to the end. GRUB manual, "Environment block". */
const header = '# GRUB Environment Block\n';
const size = 1024;

/** Lines in the order they stand; a value may be empty, which GRUB itself leaves behind after a one-shot start. */
export type GrubEnv = readonly (readonly [key: string, value: string])[];

/** Refuses what GRUB would refuse to load: another length or first line; and bytes that are not ASCII, which we would not give back exactly. */
export function readGrubEnv(block: string): Result<GrubEnv> {
  if (block.length !== size || !block.startsWith(header))
    return failed('precondition-failed', { why: 'grub-env-shape' });
  const lines: [string, string][] = [];
  let rest = block.slice(header.length);
  while (!/^#*$/.test(rest)) {
    const end = rest.indexOf('\n');
    const line = end === -1 ? rest : rest.slice(0, end);
    const equals = line.indexOf('=');
    // Installers write a remark under the header; it is no variable and stays as it is.
    const isRemark = line.startsWith('#');
    if (end === -1 || (!isRemark && equals < 1) || !/^[\x20-\x7e]*$/.test(line))
      return failed('precondition-failed', { why: 'grub-env-shape' });
    lines.push(isRemark ? [line, ''] : [line.slice(0, equals), line.slice(equals + 1)]);
    rest = rest.slice(end + 1);
  }
  return ok(lines);
}

/** The block for these lines; refuses when they do not fit or a value would need GRUB's escaping. */
export function printGrubEnv(env: GrubEnv): Result<string> {
  const body = env.map(([key, value]) => (key.startsWith('#') ? `${key}\n` : `${key}=${value}\n`)).join('');
  const text = header + body;
  if (text.length > size) return failed('precondition-failed', { why: 'grub-env-full' });
  return ok(text.padEnd(size, '#'));
}

export const grubEnvValue = (env: GrubEnv, key: string): string | null =>
  env.find(([name]) => name === key)?.[1] ?? null;

/** Sets (value) or takes away (null) one key and leaves every other line where it is, as GRUB does. */
export function withGrubEnv(env: GrubEnv, key: string, value: string | null): GrubEnv {
  if (value === null) return env.filter(([name]) => name !== key);
  if (env.some(([name]) => name === key)) return env.map((line) => (line[0] === key ? [key, value] : line));
  return [...env, [key, value]];
}
