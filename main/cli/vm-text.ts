// SPDX-License-Identifier: GPL-3.0-or-later
import type { Problem } from '../../contract/problem';
import type { VmNote } from '../../contract/vm-codes';
import type { VmEntry } from '../../contract/vm-life';
import type { VmMedia } from '../../contract/vm-media';
import type { VmMode } from '../../contract/vm-mode';
import type { VmTuning } from '../../contract/vm-tuning';
import type { VmUse } from '../../core/vm/modes';
import { isKey, say, type Key } from '../../words/say';
import { exits, type Io } from './io';
import { heading, pairs, paragraph, styled } from './layout';
import { sentence, tell } from './tell';

/** Says what went wrong with a VM: the exact cause and the next action where there are sentences for it, and the exit code. */
export function vmProblem(io: Io, problem: Problem): number {
  const why = problem.detail['why'] ?? '';
  const exact = [`vm.refusal.${why}`, `vm.failure.${why}`].find(isKey);
  if (exact === undefined) tell(io, problem);
  else for (const key of [exact, `${exact}.next`].filter(isKey)) io.err(`${sentence(io.language, key, problem.detail)}\n`);
  if (problem.detail['said'] !== undefined) io.err(`${problem.detail['said']}\n`);
  switch (problem.code) {
    case 'not-found':
    case 'unreadable':
      return exits.noInput;
    case 'bad-input':
    case 'too-large':
      return exits.badInput;
    case 'unsupported-host':
      return exits.unavailable;
    default:
      return exits.refused;
  }
}

interface Chosen {
  readonly best: VmMode | null;
  readonly system: string;
  readonly use: VmUse;
}

export function modesText(io: Io, modes: readonly VmMode[], { best, system, use }: Chosen): string {
  const t = (key: Key, detail: Readonly<Record<string, string | number>> = {}): string => say(io.language, key, detail);
  const name = (mode: VmMode): string => [t(`vm.mode.${mode.mode}`), mode.way === null ? '' : t('vm.way', { way: mode.way === 'single-card' ? 'single' : mode.way }), mode.card?.name ?? ''].filter((one) => one !== '').join(', ');
  const blocks = modes.map((mode) => {
    const said = [...mode.reasons.map(({ code, detail }) => sentence(io.language, `finding.${code}`, detail)), ...mode.notes.map((code) => t(`vm.mode.${code}`))];
    const costs = mode.costs.map(({ code, detail }) => sentence(io.language, `finding.${code}`, detail)).join(' ');
    return [paragraph(io, `${name(mode)}: ${t('vm.possible', { possible: mode.possible })}`, '  '), ...said.map((one) => styled(io, 'dim', paragraph(io, one, '    '))), ...(costs === '' ? [] : [styled(io, 'dim', paragraph(io, t('vm.costs', { what: costs }), '    '))])].join('');
  });
  const advice = best === null ? t('vm.nothing-recommended', { use }) : t('vm.recommended', { use, mode: name(best) });
  return [`${styled(io, 'bold', t('vm.modes-title', { system }))}\n`, ...blocks, `\n${paragraph(io, advice)}`].join('');
}

/** Numbers as a list of runs: `0-3,8-11`. */
export function ranges(numbers: readonly number[]): string {
  const sorted = [...numbers].sort((a, b) => a - b);
  const runs: [number, number][] = [];
  for (const one of sorted) {
    const last = runs.at(-1);
    if (last?.[1] === one - 1) last[1] = one;
    else runs.push([one, one]);
  }
  return runs.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(',');
}

export function layoutText(io: Io, plan: VmTuning): string {
  const t = (key: Key, detail: Readonly<Record<string, string | number>> = {}): string => say(io.language, key, detail);
  const rows = plan.pinning === null ? [] : [t('vm.layout-guest', { threads: plan.pinning.vcpus.join(' ') }), t('vm.layout-emulator', { threads: ranges(plan.pinning.emulator) }), t('vm.layout-io', { threads: ranges(plan.pinning.io) })];
  return [
    `${styled(io, 'bold', t('vm.layout-title'))}\n`,
    paragraph(io, t('vm.layout-cores', { cores: plan.cores, threads: plan.threads, memory: plan.memory.sizeMiB }), '  '),
    ...[...rows, t('vm.layout-host', { threads: ranges(plan.host) })].map((row) => paragraph(io, row, '  ')),
    heading(io, t('vm.notes-title')),
    ...plan.reasons.map(({ code, detail }) => paragraph(io, t(`vm.tuning.${code}`, detail), '  ')),
  ].join('');
}

export const notesText = (io: Io, notes: readonly VmNote[]): string => notes.map(({ code, detail }) => paragraph(io, say(io.language, `vm.note.${code}`, detail))).join('');

export function discText(io: Io, disc: VmMedia): string {
  const t = (key: Key, detail: Readonly<Record<string, string>> = {}): string => `${say(io.language, key, detail)}\n`;
  switch (disc.kind) {
    case 'windows':
      return t('vm.disc-windows', { system: disc.system === 'windows-11' ? 'eleven' : disc.system === 'windows-10' ? 'ten' : 'other', images: disc.images.map((one) => one.name).join(', ') });
    case 'drivers':
      return t('vm.disc-drivers', { systems: disc.systems.join(', '), label: disc.label });
    case 'linux':
      return t('vm.disc-linux', { label: disc.label });
    case 'other':
      return t('vm.disc-other', { label: disc.label });
    case 'unusable':
      return t(`vm.media.${disc.why}`, disc.detail);
    default:
      return disc satisfies never;
  }
}

export function vmsText(io: Io, vms: readonly VmEntry[]): string {
  const line = ({ state, known }: VmEntry): string => {
    const now = say(io.language, 'vm.state', { state });
    if (known === null) return now;
    const devices = known.functions.map((one) => one.address).join(', ');
    return say(io.language, 'vm.entry', { state: now, vcpus: known.vcpus, memory: known.memoryMiB, devices: devices === '' ? 'none' : devices });
  };
  return pairs(io, vms.map((vm) => [vm.known?.name ?? vm.uuid, line(vm)] as const));
}
