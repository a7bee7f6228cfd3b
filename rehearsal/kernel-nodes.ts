// SPDX-License-Identifier: GPL-3.0-or-later
import { desktopOf } from './hand-off/desktop';
import { writeDesk } from './hand-off/views';
import { bind, probe, unbind, writeOverride, type Kernel, type KernelAnswer } from './kernel';
import { walk } from './walk';
import type { World } from './world';

/** One write to a kernel node by path, links followed; the answer is an errno name, or `blocks`. Claim new-attribute-eacces. */
export function writeKernel(world: World, path: string, value: string): KernelAnswer {
  const { kernel } = world;
  const spot = walk({ disk: world.disk, computed: world.computed }, path, 'follow');
  if (kernel === null || 'lost' in spot || spot.thing === null) return 'EACCES';
  kernel.seen = null;
  const desk = writeDesk(kernel, desktopOf(kernel), { path: spot.path, value });
  if (desk !== null) return desk;
  for (const [pattern, write] of nodes) {
    const found = pattern.exec(spot.path);
    if (found !== null) return write(kernel, value, found[1] ?? '');
  }
  if (spot.path === '/proc/sys/vm/compact_memory') return value.trim() === '1' ? 'done' : 'EINVAL';
  const pool = /^\/sys\/kernel\/mm\/hugepages\/hugepages-(\d+)kB\/nr_hugepages$/.exec(spot.path)?.[1];
  if (pool !== undefined) {
    givePages(world, kernel, { sizeKiB: Number(pool), asked: Number(value) });
    return 'done';
  }
  return 'EACCES';
}

/** Claim huge-pages-fewer: more than there is memory for, or more than is found in one piece, is taken as well, and gives fewer. */
export function givePages(world: World, kernel: Kernel, { sizeKiB, asked }: { readonly sizeKiB: number; readonly asked: number }): void {
  const memory = (world.build.facts.memory.total.value ?? 2 ** 34) / 1024;
  kernel.parameters.set(`hugepages-${sizeKiB}kB`, String(Math.min(asked, Math.floor((memory * 0.9) / sizeKiB), Number(kernel.parameters.get('hugepages-found') ?? asked))));
}

type Write = (kernel: Kernel, value: string, name: string) => KernelAnswer;

const address = '[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]';
const nodes: readonly (readonly [RegExp, Write])[] = [
  [/^\/sys\/bus\/pci\/(drivers_probe)$/, (kernel, value) => named(kernel, value, (state) => probe(kernel, state))],
  [/^\/sys\/bus\/pci\/drivers\/([^/]+)\/bind$/, (kernel, value, driver) => named(kernel, value, (state) => bind(kernel, state, driver))],
  [/^\/sys\/bus\/pci\/drivers\/([^/]+)\/unbind$/, (kernel, value, driver) => named(kernel, value, (state) => unbind(state, driver))],
  [new RegExp(`/(${address})/driver_override$`), (kernel, value, of) => named(kernel, of, (state) => writeOverride(state, value))],
  [new RegExp(`/(${address})/power/control$`), (kernel, value, of) => named(kernel, of, (state) => control(state, value.trim()))],
];

function named(kernel: Kernel, value: string, work: (state: Parameters<typeof unbind>[0]) => KernelAnswer): KernelAnswer {
  const state = kernel.functions.get(value.replace(/\n$/, ''));
  return state === undefined ? 'ENODEV' : work(state);
}

function control(state: Parameters<typeof unbind>[0], wanted: string): KernelAnswer {
  if (wanted !== 'on' && wanted !== 'auto') return 'EINVAL';
  state.powerControl = wanted;
  return 'done';
}
