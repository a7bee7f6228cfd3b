// SPDX-License-Identifier: GPL-3.0-or-later
import type { Change, Review, ReviewStep } from '../../contract/review';
import { say } from '../../words/say';
import type { Io } from './io';
import { heading, paragraph, styled } from './layout';
import { sentence } from './tell';

const phases = ['now', 'prepare', 'trial', 'keep'] as const;

/** A plan as a person reads it at a terminal: its phases, each step's sentence and exact changes, what it takes for granted, and the ways back. */
export function reviewText(review: Review, io: Io): string {
  const told = phases.flatMap((phase) => {
    const steps = review.steps.filter((step) => step.phase === phase);
    return steps.length === 0 ? [] : [heading(io, say(io.language, `step.phase.${phase}`)), ...steps.map((step) => stepText(step, io))];
  });
  const assumed = review.assumptions.map(({ code, detail }) => paragraph(io, sentence(io.language, code, detail), '  i '));
  return [...told, ...(assumed.length === 0 ? [] : ['\n', ...assumed]), kitText(review, io)].join('');
}

function stepText(step: ReviewStep, io: Io): string {
  return [paragraph(io, sentence(io.language, step.sentence.code, step.sentence.detail), '  - '), ...step.changes.map((change) => changeText(change, io))].join('');
}

const most = 60;

/** As diff does: what is taken away and what is put; a new file of many lines by its first. */
function changeText(change: Change, io: Io): string {
  switch (change.kind) {
    case 'file': {
      const lines = change.lines.filter(({ mark }) => mark !== ' ');
      const shown = lines.slice(0, most).map(({ mark, text }) => `      ${styled(io, mark === '+' ? 'green' : 'red', `${mark} ${text}`)}\n`);
      const more = lines.length > most ? [`      ${say(io.language, 'apply.more-lines', { count: lines.length - most })}\n`] : [];
      return [`      ${styled(io, 'dim', change.path)}\n`, ...shown, ...more].join('');
    }
    case 'hidden':
      return paragraph(io, say(io.language, 'apply.hidden', { path: change.path }), '      ');
    case 'command':
      return `      ${styled(io, 'dim', '$')} ${change.line}\n`;
    case 'node':
      return `      ${styled(io, 'dim', change.path)} = ${change.value}\n`;
    default:
      return change satisfies never;
  }
}

function kitText({ wayBack }: Review, io: Io): string {
  if (wayBack === null || wayBack === undefined) return '';
  const lines = wayBack.ways.map(({ way, state, detail }) => paragraph(io, sentence(io.language, `trial.way.${way}.${state}`, detail), '  - '));
  if (wayBack.risk !== 'each-start') return heading(io, say(io.language, 'trial.way.title')) + lines.join('');
  return heading(io, say(io.language, 'trial.way.desktop-title')) + paragraph(io, say(io.language, 'trial.risk.each-start'), '  ') + lines.join('');
}
