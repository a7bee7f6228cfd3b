// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok, type Result } from '../../../contract/problem';

/** The lines around what is ours in a file that belongs to somebody else. */
export const blockBegin = '# --- BEGIN switchyard (generated) ---';
export const blockEnd = '# --- END switchyard ---';

/** Begins a block that needed a line break before it, because the file's last line had none. */
export const blockBeginJoined = '# --- BEGIN switchyard (generated, joined) ---';

/** A text taken apart at our block; `block` null when there is none. Refuses a block that is torn or there twice. */
interface Parts {
  readonly before: string;
  readonly block: string | null;
  readonly after: string;
  readonly joined: boolean;
}

function apart(text: string): Result<Parts> {
  const lines = text.split('\n');
  const begins = lines.flatMap((line, index) => (line === blockBegin || line === blockBeginJoined ? [index] : []));
  const ends = lines.flatMap((line, index) => (line === blockEnd ? [index] : []));
  if (begins.length === 0 && ends.length === 0) return ok({ before: text, block: null, after: '', joined: false });
  const [begin = -1] = begins;
  const [end = -1] = ends;
  if (begins.length !== 1 || ends.length !== 1 || end < begin)
    return failed('precondition-failed', { why: 'block-torn' });
  const last = end === lines.length - 1;
  return ok({
    before: lines
      .slice(0, begin)
      .map((line) => `${line}\n`)
      .join(''),
    block: `${lines.slice(begin, end + 1).join('\n')}${last ? '' : '\n'}`,
    after: last ? '' : lines.slice(end + 1).join('\n'),
    joined: lines[begin] === blockBeginJoined,
  });
}

/** Our block with the markers around `body`. */
const printBlock = (body: string, joined: boolean): string =>
  `${joined ? blockBeginJoined : blockBegin}\n${body.endsWith('\n') ? body : `${body}\n`}${blockEnd}\n`;

/** The text with our block holding `body`: in place of the one that is there, otherwise at the end. */
export function putBlock(text: string, body: string): Result<string> {
  const parts = apart(text);
  if (!parts.ok) return parts;
  const { before, block, after, joined } = parts.value;
  if (block !== null) return ok(before + printBlock(body, joined) + after);
  const joins = text !== '' && !text.endsWith('\n');
  return ok(`${text}${joins ? '\n' : ''}${printBlock(body, joins)}`);
}

/** The text without our block, and without the line break that came with it; the same text when there is none. */
export function cutBlock(text: string): Result<string> {
  const parts = apart(text);
  if (!parts.ok) return parts;
  const { before, after, joined } = parts.value;
  return ok((joined && after === '' ? before.slice(0, -1) : before) + after);
}

/** The lines between our markers; null when there is no block. */
export function blockBody(text: string): Result<string | null> {
  const parts = apart(text);
  if (!parts.ok) return parts;
  const block = parts.value.block;
  return ok(block === null ? null : block.slice(block.indexOf('\n') + 1, block.lastIndexOf(blockEnd)));
}
