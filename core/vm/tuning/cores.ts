// SPDX-License-Identifier: GPL-3.0-or-later
import type { CpuTopology } from '../../../contract/facts';

type Thread = CpuTopology['threads'][number];

/** A physical core: its online threads, in order of their numbers. */
export interface Core {
  readonly key: string;
  readonly threads: readonly number[];
  readonly package: number;
  readonly node: number | null;
  /** Index of its last-level cache in the topology; null unknown. */
  readonly cache: number | null;
  /** Size of that cache, 0 unknown. */
  readonly cacheKiB: number;
  readonly kind: Thread['kind'];
  /** Thread 0 lives here: interrupts and timers of the kernel gather there. */
  readonly first: boolean;
}

/** Threads under their core; the number of a core is unique only inside its package and die. */
export function threadsByCore(threads: readonly Thread[]): Map<string, Thread[]> {
  const groups = new Map<string, Thread[]>();
  for (const thread of threads) {
    const key = `${thread.package}:${thread.die}:${thread.core}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [thread]);
    else group.push(thread);
  }
  return groups;
}

/** The machine's cores with at least one online thread, lowest thread first. */
export function coresOf(topology: CpuTopology): Core[] {
  return [...threadsByCore(topology.threads.filter((thread) => thread.online))].flatMap(([key, group]) => coreOf(key, group, topology)).sort((a, b) => lowest(a) - lowest(b));
}

const lowest = (core: Core): number => core.threads[0] ?? 0;

function coreOf(key: string, group: readonly Thread[], topology: CpuTopology): Core[] {
  const threads = group.map((thread) => thread.id).sort((a, b) => a - b);
  const [any] = group;
  if (any === undefined) return [];
  const cache = group.find((thread) => thread.lastLevelCache !== null)?.lastLevelCache ?? null;
  const size = cache === null ? undefined : topology.caches[cache]?.sizeKiB;
  return [{ key, threads, package: any.package, node: any.node, cache, cacheKiB: size ?? 0, kind: any.kind, first: threads.includes(0) }];
}

/** Cores that share a last-level cache; where no cache is told, those of one package and node. */
export function domainsOf(cores: readonly Core[]): Core[][] {
  const domains = new Map<string, Core[]>();
  for (const core of cores) {
    const key = core.cache === null ? `package ${core.package} ${core.node ?? ''}` : `cache ${core.cache}`;
    domains.set(key, [...(domains.get(key) ?? []), core]);
  }
  return [...domains.values()];
}

export const threadsOf = (cores: readonly Core[]): number[] => cores.flatMap((core) => core.threads);
