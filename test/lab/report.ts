// SPDX-License-Identifier: GPL-3.0-or-later
import type { Scenario } from './scenario';

export interface Played {
  readonly name: string;
  readonly at: 'passed' | 'failed' | 'not-run';
  readonly seconds: number;
}

export interface Choice {
  readonly quick: boolean;
  /** Words of which a name or machine must hold one; none: all. */
  readonly only: readonly string[];
  /** `i/n`: every n-th scenario from the i-th on, spread by budget so that shards take alike. */
  readonly shard: string | undefined;
}

/** The scenarios of a run. A shard is filled greedily, the longest first, so that none is much longer than another. */
export function chosen(all: readonly Scenario[], { quick, only, shard }: Choice): readonly Scenario[] {
  const wanted = all.filter((one) => (!quick || one.quick === true) && (only.length === 0 || only.some((text) => `${one.on}: ${one.name}`.includes(text))));
  if (shard === undefined) return wanted;
  const [index, count] = (/^(\d+)\/(\d+)$/.exec(shard) ?? []).slice(1).map(Number);
  if (index === undefined || count === undefined || index < 1 || index > count) throw new Error(`--shard wants i/n with i from 1 to n, not ${shard}`);
  const loads = Array.from({ length: count }, () => 0);
  const mine = new Set<Scenario>();
  for (const one of wanted.toSorted((a, b) => b.budget - a.budget)) {
    const at = loads.indexOf(Math.min(...loads));
    loads[at] = (loads[at] ?? 0) + one.budget;
    if (at === index - 1) mine.add(one);
  }
  return wanted.filter((one) => mine.has(one));
}

const minutes = (seconds: number): string => `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;

/** What will be played and what it may cost, before anything is. */
export const plan = (list: readonly Scenario[]): readonly string[] => [
  `${list.length} scenarios with -accel tcg, ${minutes(list.reduce((sum, one) => sum + one.budget, 0))} in all on a quiet computer (without making the image):`,
  ...list.map((one) => `  ${String(one.budget).padStart(4)} s  ${one.on}: ${one.name}`),
];

/** What some seconds are worth where others ask more of this computer than it has: of a quiet one's. */
export const worth = (seconds: number, load: number, cores: number): number => seconds / Math.max(1, load / cores);

/** Whether a scenario that has had so many seconds of a quiet computer has failed by being late: at twice its budget. */
export const isLate = ({ budget }: Scenario, had: number): boolean => had > budget * 2;

/** The last lines, the report, and the exit code. NOT RUN fails only where the lab is required; it never counts as passed. */
export function summary(played: readonly Played[], reasons: readonly string[], required: boolean): { lines: readonly string[]; report: object; code: number } {
  const count = (at: Played['at']): number => played.filter((one) => one.at === at).length;
  const [passed, failed, notRun] = [count('passed'), count('failed'), count('not-run')];
  const lines = [
    ...reasons.map((reason) => `NOT RUN: the lab needs ${reason}`),
    `lab: ${passed} passed, ${failed} failed, ${notRun} NOT RUN`,
    ...(notRun > 0 && required ? ['REQUIRE_LAB=1: what is not run counts as failed'] : []),
  ];
  return { lines, report: { passed, failed, notRun, reasons, played }, code: failed > 0 || (notRun > 0 && required) ? 1 : 0 };
}
