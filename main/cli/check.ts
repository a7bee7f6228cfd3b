// SPDX-License-Identifier: GPL-3.0-or-later
import { parseArgs } from 'node:util';
import type { DriftReport, DriftStep } from '../../contract/point';
import { liveMachine } from '../../host/live';
import type { Machine } from '../../host/machine';
import { say } from '../../words/say';
import { driftOn } from '../points';
import { exits, type Io } from './io';
import { heading, paragraph, styled } from './layout';
import { sentence } from './tell';

/** Beside sysexits: what was kept does not hold any more. */
const drifted = 1;

/** `switchyard check`: the machine against what was kept last. Needs no password and changes nothing; 1 when something changed. */
export function check(args: readonly string[], io: Io, machine: Machine = liveMachine()): Promise<number> {
  let json: boolean;
  try {
    json = parseArgs({ args: [...args], options: { json: { type: 'boolean' } } }).values.json ?? false;
  } catch (error) {
    io.err(`${say(io.language, 'cli.bad-option', { why: error instanceof Error ? (error.message.split('.')[0] ?? '') : '' })}\n`);
    return Promise.resolve(exits.usage);
  }
  const report = driftOn(machine, Date.now());
  io.out(json ? `${JSON.stringify({ schema: 1, kind: 'drift', ...report }, null, 2)}\n` : reportText(report, io));
  return Promise.resolve(report.state === 'changed' ? drifted : exits.ok);
}

function reportText(report: DriftReport, io: Io): string {
  const title = heading(io, say(io.language, 'drift.title'));
  return [title, paragraph(io, say(io.language, `drift.${report.state}`), '  '), ...report.steps.map((step) => stepText(step, io)), ...repairText(report, io)].join('');
}

const styles = { holds: 'green', changed: 'red', unknown: 'yellow' } as const;

function stepText({ sentence: what, at, why, path }: DriftStep, io: Io): string {
  const name = [sentence(io.language, what.code, what.detail), path ?? ''].filter((part) => part !== '').join('  ');
  const first = paragraph(io, `${styled(io, styles[at], say(io.language, `drift.at.${at}`))}: ${name}`, '  ');
  return why === null ? first : first + paragraph(io, sentence(io.language, why.code, why.detail), '    ');
}

function repairText({ repair, repairWhy }: DriftReport, io: Io): readonly string[] {
  if (repair?.kind === 'restore') {
    const choices = repair.choices.map(({ place, take }) => ` --take ${place}=${take}`).join('');
    return [`\n${paragraph(io, say(io.language, 'drift.repair', { point: `${repair.to.transaction}:${repair.to.side}`, choices }), '  ')}`];
  }
  return repairWhy === null ? [] : [`\n${paragraph(io, sentence(io.language, repairWhy.code, repairWhy.detail), '  ')}`];
}
