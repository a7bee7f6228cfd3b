// SPDX-License-Identifier: GPL-3.0-or-later
import { note, pinsMemory, type Draft } from './draft';
import { knows } from './gates';
import { element, worded, type Drawn } from './xml/draw';

/** Memory: how much, in which pages, and that nothing merges or moves it where a device reaches into it. */
export function memory(draft: Draft): Drawn[] {
  const { sizeMiB, limitMiB } = draft.recipe.memory;
  const size = (name: string): Drawn => worded(name, sizeMiB, { unit: 'MiB' });
  const backing = element('memoryBacking', {}, pages(draft));
  const limited = limitMiB !== null && draft.host.connection !== 'session';
  return [
    size('memory'),
    size('currentMemory'),
    ...(backing.content.length > 0 ? [backing] : []),
    ...(limited ? [element('memtune', {}, [worded('hard_limit', limitMiB, { unit: 'MiB' })])] : []),
  ];
}

function pages(draft: Draft): Drawn[] {
  const { recipe, host } = draft;
  const merging = pinsMemory(recipe) ? [element('nosharepages')] : [];
  if (recipe.memory.pages === 'ordinary') return merging;
  const small = recipe.memory.pages === '2M';
  note(draft, 'huge-pages-reserved', { count: String(Math.ceil(recipe.memory.sizeMiB / (small ? 2 : 1024))), size: small ? '2 MiB' : '1 GiB' });
  const threads = knows(host, 'allocation-threads') ? Math.min(8, recipe.cpu.cores * recipe.cpu.threads) : undefined;
  if (threads === undefined) note(draft, 'allocation-plain');
  return [
    element('hugepages', {}, [element('page', small ? { size: 2048, unit: 'KiB' } : { size: 1, unit: 'GiB' })]),
    element('nosharepages'),
    element('allocation', { mode: 'immediate', threads }),
  ];
}

/** True when a disk has an I/O thread of its own. */
export const hasIoThread = (draft: Draft): boolean => draft.recipe.disks.some((disk) => disk.kind !== 'function' && disk.bus === 'virtio');

/** Weights on the scale of cgroup v2, whose middle is 100. */
const weights = { low: 50, normal: null, high: 400 } as const;
const period = 100_000;

/** Virtual CPUs, where they run and how much of the machine's time they may take. */
export function threads(draft: Draft): Drawn[] {
  const { cpu } = draft.recipe;
  const io = hasIoThread(draft);
  const tune = [...bounds(draft), ...pins(draft, io)];
  const node = draft.host.connection === 'session' ? null : (cpu.pinning?.memory ?? null);
  return [
    worded('vcpu', cpu.cores * cpu.threads, { placement: 'static' }),
    ...(io ? [worded('iothreads', 1)] : []),
    ...(tune.length > 0 ? [element('cputune', {}, tune)] : []),
    ...(node === null ? [] : [element('numatune', {}, [element('memory', { mode: node.mode, nodeset: node.node })])]),
  ];
}

/** Weight and cap. A connection without rights has no control groups: what cannot be had there is said. */
function bounds(draft: Draft): Drawn[] {
  const { cpu, memory: wanted } = draft.recipe;
  const weight = weights[cpu.share];
  if (draft.host.connection === 'session') {
    if (weight !== null || cpu.capPercent !== null || wanted.limitMiB !== null) note(draft, 'session-limits');
    return [];
  }
  return [
    ...(weight === null ? [] : [worded('shares', weight)]),
    ...(cpu.capPercent === null ? [] : [worded('period', period), worded('quota', (period / 100) * cpu.capPercent)]),
  ];
}

function pins(draft: Draft, io: boolean): Drawn[] {
  const { pinning } = draft.recipe.cpu;
  if (pinning === null) return [];
  return [
    ...pinning.vcpus.map((thread, vcpu) => element('vcpupin', { vcpu, cpuset: thread })),
    element('emulatorpin', { cpuset: pinning.emulator.join(',') }),
    ...(io ? [element('iothreadpin', { iothread: 1, cpuset: pinning.io.join(',') })] : []),
  ];
}
