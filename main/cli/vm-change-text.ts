// SPDX-License-Identifier: GPL-3.0-or-later
import type { Change } from '../../contract/review';
import type { VmDrawn, VmRun } from '../../contract/vm-change';
import { say } from '../../words/say';
import type { Io } from './io';
import { heading, paragraph, styled } from './layout';
import { sentence } from './tell';
import { notesText } from './vm-text';

/** Everything that will be done: each step, its exact lines, its way back, and what the computer still lacks. */
export function drawnText(io: Io, drawn: VmDrawn): string {
  if (drawn.review.nothingToDo) return paragraph(io, say(io.language, 'vm.refusal.nothing-to-do'));
  const steps = drawn.review.steps.flatMap((step) => [
    paragraph(io, sentence(io.language, step.sentence.code, step.sentence.detail), '  - '),
    ...step.list.map(({ code, detail }) => paragraph(io, sentence(io.language, code, detail), '    ')),
    ...step.changes.map((change) => changeText(io, change)),
    styled(io, 'dim', paragraph(io, sentence(io.language, step.undo.code, step.undo.detail), '    ')),
  ]);
  const lacks = drawn.needs.filter((need) => need.met !== 'yes');
  const needs = lacks.map(({ code, detail }) => paragraph(io, `${sentence(io.language, `vm.need.${code}`, detail)} (--with ${code})`, '  - '));
  return [
    `${styled(io, 'bold', say(io.language, 'vm.change-title', { name: drawn.name }))}\n`,
    ...steps,
    ...(needs.length === 0 ? [] : [heading(io, say(io.language, 'vm.needs-title')), ...needs]),
    ...(drawn.notes.length === 0 ? [] : [heading(io, say(io.language, 'vm.notes-title')), notesText(io, drawn.notes)]),
  ].join('');
}

/** What would move the cursor or turn the writing is shown as what it is: a sign too many. */
const visible = (text: string): string => text.replaceAll('\t', '  ').replaceAll(/[\p{Cc}\p{Cf}]/gu, '\ufffd');

function changeText(io: Io, change: Change): string {
  switch (change.kind) {
    case 'file':
      return change.lines
        .filter(({ mark }) => mark !== ' ')
        .map(({ mark, text }) => `      ${styled(io, mark === '+' ? 'green' : 'red', `${mark} ${visible(text)}`)}\n`)
        .join('');
    case 'command':
      return `      $ ${change.line}\n`;
    case 'node':
      return `      ${change.value} > ${change.path}\n`;
    case 'hidden':
      return `      ${change.path}\n`;
    default:
      return change satisfies never;
  }
}

export function runText(io: Io, run: VmRun): string {
  const left = run.left.map(({ code, detail }) => paragraph(io, sentence(io.language, code, detail), '  ! '));
  const words = say(io.language, 'vm.run', { at: run.at === 'undo-incomplete' ? 'incomplete' : run.at, name: run.name, change: run.change ?? '' });
  return `\n${paragraph(io, styled(io, run.problem === null ? 'green' : 'yellow', words))}${left.join('')}`;
}
