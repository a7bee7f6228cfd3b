// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok, type Result } from '../../../contract/problem';
import { readAssignment } from '../../read/grub-default';
import { editKernelArgs, type ArgEdit } from '../../read/kernel-args';

/**
 * Edits the words of one variable of /etc/default/grub and no other byte; for systems without a drop-in folder.
 * Refuses what is not a plain assignment, and a file that never assigns it.
 */
export function editAssignment(text: string, name: string, edit: ArgEdit): Result<string> {
  const found = readAssignment(text, name);
  if (!found.ok) return found;
  const assignment = found.value;
  if (assignment === null) return failed('precondition-failed', { why: 'not-assigned', name });
  if ((edit.add ?? []).some((arg) => /["'\\$`\s]/.test(arg)))
    return failed('bad-input', { why: 'needs-quoting', name });
  const value = editWords(assignment.value, edit);
  const quote = assignment.quote === '' && /\s/.test(value) ? '"' : assignment.quote;
  const lines = text.split('\n');
  lines[assignment.line] = `${assignment.before}${quote}${value}${quote}${assignment.after}`;
  return ok(lines.join('\n'));
}

interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Words where they stand, by the rule of read/kernel-args: white space outside double quotes parts them. */
function wordsOf(value: string): readonly Word[] {
  return [...value.matchAll(/(?:"[^"]*(?:"|$)|[^\s"])+/g)].map((found) => ({
    text: found[0],
    start: found.index,
    end: found.index + found[0].length,
  }));
}

/** Like editKernelArgs, but on the text, so that a person's spacing stays and adding then removing gives the same bytes. */
function editWords(value: string, edit: ArgEdit): string {
  const words = wordsOf(value);
  const init = words.findIndex((word) => word.text === '--');
  const kernel = init === -1 ? words : words.slice(0, init);
  const stays = kernel.filter((word) => editKernelArgs([word.text], edit)[0] === word.text);
  const kept = stays.map((word) => word.text);
  const added = editKernelArgs(kept, { add: edit.add ?? [] }).slice(kept.length);

  let text = '';
  let from = 0;
  let insertAt: number | null = null;
  kernel.forEach((word, index) => {
    if (stays.includes(word)) {
      text += value.slice(from, word.end);
      from = word.end;
      insertAt = text.length;
      return;
    }
    // A word goes with the space before it; the first one with the space behind it.
    const next = words[index + 1];
    if (from === 0) text += value.slice(0, word.start);
    from = from === 0 && next !== undefined ? next.start : word.end;
  });
  if (insertAt !== null)
    return added.length === 0 ? text + value.slice(from) : `${text} ${added.join(' ')}${value.slice(from)}`;
  if (added.length === 0) return text + value.slice(from);
  const rest = value.slice(from);
  return `${text}${added.join(' ')}${rest === '' || /^\s/.test(rest) ? '' : ' '}${rest}`;
}
