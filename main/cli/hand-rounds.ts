// SPDX-License-Identifier: GPL-3.0-or-later
import type { HandReport, HandRun } from '../../contract/hand-run';
import { machineId } from '../../contract/target';
import { sumsOf, type Spread } from '../../core/hand-off/report';
import { liveMachine } from '../../host/live';
import { probe } from '../../host/probe';
import { isKey, say } from '../../words/say';
import { idOf } from '../hand-off';
import { selfTest } from '../hand-rounds';
import { openHistory } from '../history/history';
import { dataFolder } from '../settings';
import { libvirtHere } from '../vm/here';
import { personHere } from './confirm';
import { mayEnd } from './ending';
import { startingOf, tellMissing } from './hand-off';
import { printable } from './hand-off-words';
import { exits, type Io } from './io';

/** What a test by rounds was asked for. */
export interface RoundsAsked {
  readonly name: string;
  readonly count: number;
  /** Each round ends by pulling the plug, for a guest that does not answer. */
  readonly force: boolean;
  readonly json: boolean;
  /** The desktop may end, as often as there are rounds. */
  readonly yes: boolean;
}

/** `switchyard hand-off VM --rounds N`: judged rounds, their times by phase, kept in the history as the window's are. */
export async function handRounds({ name, count, force, json, yes }: RoundsAsked, io: Io): Promise<number> {
  const id = await idOf(name);
  if (!id.ok) return tellMissing(io, id.problem.code, name);
  const machine = liveMachine();
  const libvirt = libvirtHere(probe(machine));
  const state = await libvirt.state(id.value);
  if (!state.ok || state.value !== 'off') {
    io.err(`${say(io.language, 'hand-off.cli-rounds-off', { name: printable(name) })}\n`);
    return exits.refused;
  }
  if (!(await mayEnd(await startingOf(id.value, name), { io, person: personHere(), yes }))) return exits.refused;
  let through = 0;
  let said: string | null = null;
  const stop = stopper();
  const report = await selfTest(
    {
      bench: { machine: machineId.parse('this'), libvirt, eyes: () => machine, pace: 200 },
      vm: id.value,
      name: printable(name).slice(0, 128),
      clock: Date.now,
      stopped: stop.asked,
      set(more: Partial<HandRun>) {
        said = more.said ?? said;
        if (more.rounds == null || more.rounds.through === through) return;
        through = more.rounds.through;
        if (!json) io.out(`${say(io.language, 'hand-off.cli-round', { number: through, wanted: more.rounds.wanted })}\n`);
      },
    },
    { count, force },
  );
  stop.end();
  const kept = await keep(report);
  io.out(json ? `${JSON.stringify(report)}\n` : linesOfReport(report, io.language).map((line) => `${line}\n`).join(''));
  if (said !== null) io.err(`${say(io.language, 'hand-off.cli-said', { said: printable(said) })}\n`);
  if (!kept) io.err(`${say(io.language, 'hand-off.cli-not-kept')}\n`);
  return report.end === 'done' ? exits.ok : exits.refused;
}

/** Ctrl-C once ends the test after the round in hand: a card is not left half way. */
function stopper(): { readonly asked: () => boolean; readonly end: () => void } {
  let asked = false;
  const hear = (): void => {
    asked = true;
  };
  process.on('SIGINT', hear);
  return { asked: () => asked, end: () => void process.off('SIGINT', hear) };
}

async function keep(report: HandReport): Promise<boolean> {
  const history = await openHistory({ folder: dataFolder(), clock: Date.now });
  if (!history.ok) return false;
  const kept = history.value.rememberReport('this', report);
  history.value.close();
  return kept.ok;
}

/** Fastest, usual and slowest of each phase, each way, and how it ended. */
export function linesOfReport(report: HandReport, language: Io['language']): readonly string[] {
  const sums = sumsOf(report);
  const row = (name: string, { min, median, max }: Spread): string => `  ${say(language, 'hand-off.cli-spread', { name, min: Math.round(min), median: Math.round(median), max: Math.round(max) })}`;
  const ways = (['give', 'take'] as const).flatMap((way) => {
    const all = sums.all[way];
    if (all === null) return [];
    return [say(language, `window.hand.report.${way}`), row(say(language, 'window.hand.report.all'), all), ...sums.phases.filter((one) => one.way === way).map((one) => row(say(language, `hand-off.phase-${one.phase}`), one.spread))];
  });
  const end = say(language, `window.hand.report.end.${report.end}`, { number: sums.failed?.round ?? report.rounds.length });
  const why = sums.failed?.move.why ?? null;
  const reason = why === null ? [] : [`hand-off.refused-${why}`, `hand-off.trouble-${why}`].filter(isKey).slice(0, 1).map((key) => say(language, key));
  return [...ways, say(language, 'window.hand.report', { good: sums.good, wanted: report.wanted }), end, ...reason];
}
