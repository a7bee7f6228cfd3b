// SPDX-License-Identifier: GPL-3.0-or-later
import type { CpuTopology } from '../../../contract/facts';

/** A cache as one thread sees it. */
export interface ThreadCache {
  readonly level: number;
  readonly sizeKiB: number;
  readonly threads: readonly number[];
}

/** Every cache once, although each thread lists its own view of it, and the index of each thread's last-level cache. */
export function sharedCaches(perThread: ReadonlyMap<number, readonly ThreadCache[]>): {
  readonly caches: CpuTopology['caches'];
  readonly last: ReadonlyMap<number, number>;
} {
  const caches: CpuTopology['caches'] = [];
  const seen = new Map<string, number>();
  const last = new Map<number, number>();
  for (const [thread, views] of perThread) {
    let deepest = 0;
    for (const view of views) {
      const key = `${view.level}:${view.sizeKiB}:${view.threads.join(',')}`;
      const index = seen.get(key) ?? caches.length;
      if (index === caches.length) {
        if (caches.length === 4096) break;
        seen.set(key, index);
        caches.push({ level: view.level, sizeKiB: view.sizeKiB, threads: [...view.threads] });
      }
      if (view.level > deepest) {
        deepest = view.level;
        last.set(thread, index);
      }
    }
  }
  return { caches, last };
}
