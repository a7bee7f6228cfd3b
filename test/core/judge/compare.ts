// SPDX-License-Identifier: GPL-3.0-or-later
import type { Verdict } from '../../../contract/verdict';
import type { Expectation } from './corpus';

/** One compared field: whether it agrees, and whether a wrong answer there can hurt somebody. */
export interface Compared {
  readonly field: string;
  readonly agrees: boolean;
  readonly hurts: boolean;
  readonly wanted: string;
  readonly got: string;
}

const set = (list: readonly string[]): string => [...list].sort().join(' ');
const bad = (value: string): string => (value === 'yes' || value === 'possible' ? 'trouble' : 'fine');

const row = (field: string, got: string, wanted: readonly string[], hurts = false): Compared => ({ field, got, wanted: wanted.join(' | '), agrees: wanted.includes(got), hurts });
const also = <T>(value: T | undefined): T[] => (value === undefined ? [] : [value]);

/** A guess (`likely`) may be left out; a proven address may not. */
function bootRow(verdict: Verdict, { boot_gpu, second_opinion }: Expectation): Compared {
  const guess = boot_gpu.confidence === 'likely' ? ['null'] : [];
  const proven = boot_gpu.address !== null && ['derived', 'stated'].includes(boot_gpu.confidence);
  return row('boot_gpu', String(verdict.boot_gpu.address), [String(boot_gpu.address), ...guess, ...also(second_opinion?.boot_gpu).map(String)], proven);
}

function cardRows(verdict: Verdict, wanted: Expectation['passthrough'][number], second: string | undefined): Compared[] {
  const got = verdict.passthrough.find((one) => one.gpu === wanted.gpu);
  const answers = [wanted.verdict, ...also(second)];
  return [
    row(`verdict ${wanted.gpu}`, got?.verdict ?? '-', answers, answers.length === 1 && wanted.verdict === 'no'),
    ...(['own_functions', 'bind_together', 'leave_on_host'] as const).map((field) => row(`${field} ${wanted.gpu}`, got === undefined ? '-' : set(got[field]), [set(wanted[field])], true)),
    row(`iommu_group ${wanted.gpu}`, String(got?.iommu_group), [String(wanted.iommu_group)]),
  ];
}

/** Every field of a verdict against the experts': either of two opinions is right; reset answers are two classes (RULES.md). */
export function compare(verdict: Verdict, expected: Expectation): Compared[] {
  const second = expected.second_opinion ?? {};
  const rows: Compared[] = [];
  const put = (...parts: Parameters<typeof row>) => rows.push(row(...parts));

  put('gpus', set(verdict.gpus.map((gpu) => gpu.address)), [set(expected.gpus.map((gpu) => gpu.address))]);
  for (const gpu of expected.gpus) put(`kind ${gpu.address}`, verdict.gpus.find((one) => one.address === gpu.address)?.kind ?? '-', [gpu.kind]);
  rows.push(bootRow(verdict, expected), ...expected.passthrough.flatMap((wanted) => cardRows(verdict, wanted, second.verdict?.[wanted.gpu])));
  put('identical present', String(verdict.identical_ids.present), [String(expected.identical_ids.present)]);
  put('identical gpu_ids', ids(verdict.identical_ids.gpu_ids), [ids(expected.identical_ids.gpu_ids)]);
  put('id_also_matches', matches(verdict.identical_ids.id_also_matches_other_devices), [matches(expected.identical_ids.id_also_matches_other_devices)], true);
  put('single_gpu', String(verdict.single_gpu.value), [String(expected.single_gpu.value), ...also(second.single_gpu).map(String)]);
  put('iommu_off', String(verdict.iommu_off.value), [String(expected.iommu_off.value)]);
  put('hybrid_laptop', String(verdict.hybrid_laptop.value), [String(expected.hybrid_laptop.value), ...also(second.hybrid_laptop).map(String)]);
  put('reset_bug', bad(verdict.reset_bug.value), [expected.reset_bug.value, ...also(second.reset_bug)].map(bad));
  put('vgpu kind', verdict.vgpu.kind, [expected.vgpu.kind, ...also(second.vgpu)]);
  put('vgpu capable', String(verdict.vgpu.capable), [String(expected.vgpu.capable)]);
  put('action', verdict.recommended_action.code, [expected.recommended_action.code, ...also(second.action)]);
  put('target', String(verdict.recommended_action.target), [expected.recommended_action.target, ...also(second.target).flat()].map(String));
  return rows;
}

const ids = (map: Readonly<Record<string, readonly string[]>>): string => set(Object.entries(map).map(([id, list]) => `${id}=${set(list).replaceAll(' ', ',')}`));
const matches = (list: readonly { id: string; pass: string; also_matches: readonly string[] }[]): string => set(list.map((one) => `${one.id}@${one.pass}>${set(one.also_matches).replaceAll(' ', ',')}`));
