// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok, type Result } from '../../../contract/problem';

/** The lines around what is ours in a file that belongs to somebody else. */
export const blockBegin = '# --- BEGIN switchyard (generated) ---';
export const blockEnd = '# --- END switchyard ---';

/** A text taken apart at our block; `block` null when there is none. Refuses a block that is torn or there twice. */
interface Parts {
  readonly before: string;
  readonly block: string | null;
  readonly after: string;
}

function apart(text: string): Result<Parts> {
  const lines = text.split('\n');
  const begins = lines.flatMap((line, index) => (line === blockBegin ? [index] : []));
  const ends = lines.flatMap((line, index) => (line === blockEnd ? [index] : []));
  if (begins.length === 0 && ends.length === 0) return ok({ before: text, block: null, after: '' });
  const [begin = -1] = begins;
  const [end = -1] = ends;
  if (begins.length !== 1 || ends.length !== 1 || end < begin) return failed('precondition-failed', { why: 'block-torn' });
  const last = end === lines.length - 1;
  return ok({
    before: lines.slice(0, begin).map((line) => `${line}\n`).join(''),
    block: `${lines.slice(begin, end + 1).join('\n')}${last ? '' : '\n'}`,
    after: last ? '' : lines.slice(end + 1).join('\n'),
  });
}

/** Our block with the markers around `body`. */
const printBlock = (body: string): string => `${blockBegin}\n${body.endsWith('\n') ? body : `${body}\n`}${blockEnd}\n`;

/**
 * The text with our block holding `body`: in place of the one that is there, otherwise at the end.
 * A last line without a line break gets one; `cutBlock` cannot know that, so undo goes by the saved copy first.
 */
export function putBlock(text: string, body: string): Result<string> {
  const parts = apart(text);
  if (!parts.ok) return parts;
  if (parts.value.block !== null) return ok(parts.value.before + printBlock(body) + parts.value.after);
  const joint = text === '' || text.endsWith('\n') ? '' : '\n';
  return ok(text + joint + printBlock(body));
}

/** The text without our block; the same text when there is none. */
export function cutBlock(text: string): Result<string> {
  const parts = apart(text);
  return parts.ok ? ok(parts.value.before + parts.value.after) : parts;
}

/** The lines between our markers; null when there is no block. */
export function blockBody(text: string): Result<string | null> {
  const parts = apart(text);
  if (!parts.ok) return parts;
  const block = parts.value.block;
  return ok(block === null ? null : block.slice(blockBegin.length + 1, block.lastIndexOf(blockEnd)));
}
