// SPDX-License-Identifier: GPL-3.0-or-later
import type { Problem } from '../../contract/problem';
import type { Session } from './session.svelte';

/** What went wrong, in one sentence; a reason inside the detail has its own sentence where there is one. */
export function problemSentence(session: Session, problem: Problem): string {
  const why = problem.detail['why'];
  const exact = why === undefined ? [] : [`problem.${problem.code}.${why}`, `step.${problem.code}.${why}`, `step.refused.${why}`];
  return session.tell(exact.find(session.has) ?? `problem.${problem.code}`, problem.detail);
}

/** The problem as plain text for a report: codes only, no names of people, hosts or files. */
export function problemReport(version: string, problem: Problem): string {
  const lines = [`switchyard ${version}`, `problem: ${problem.code}`];
  if (problem.stepId !== undefined) lines.push(`step: ${problem.stepId}`);
  for (const key of ['why', 'code', 'ask']) {
    const value = problem.detail[key];
    if (value !== undefined && /^[a-z0-9.-]{1,64}$/.test(value)) lines.push(`${key}: ${value}`);
  }
  return lines.join('\n');
}
