// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok, type Result } from '../../../contract/problem';
import { readAssignment } from '../../read/grub-default';
import { editKernelArgs, readKernelArgs, type ArgEdit } from '../../read/kernel-args';

/**
 * Edits the words of one variable of /etc/default/grub and no other byte; for systems without a drop-in folder.
 * Refuses what is not a plain assignment, and a file that never assigns it.
 */
export function editAssignment(text: string, name: string, edit: ArgEdit): Result<string> {
  const found = readAssignment(text, name);
  if (!found.ok) return found;
  const assignment = found.value;
  if (assignment === null) return failed('precondition-failed', { why: 'not-assigned', name });
  if ((edit.add ?? []).some((arg) => /["'\\$`\s]/.test(arg))) return failed('bad-input', { why: 'needs-quoting', name });
  const old = readKernelArgs(assignment.value);
  const wanted = editKernelArgs(old, edit);
  // A person's own spacing stays when no word changes.
  if (wanted.length === old.length && wanted.every((arg, index) => arg === old[index])) return ok(text);
  const value = wanted.join(' ');
  const quote = assignment.quote === '' && /\s/.test(value) ? '"' : assignment.quote;
  const lines = text.split('\n');
  lines[assignment.line] = `${assignment.before}${quote}${value}${quote}${assignment.after}`;
  return ok(lines.join('\n'));
}
