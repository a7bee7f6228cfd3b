// SPDX-License-Identifier: GPL-3.0-or-later
import type { VmTuning } from '../../contract/vm-tuning';

type Tile = VmTuning['picture'][number];
export type Role = Tile['threads'][number]['role'];

/** What a legend counts, in this order; `helpers` does the work of both that stand before it. */
export const roles: readonly Role[] = ['guest', 'helpers', 'emulator', 'io', 'host', 'offline'];

/** Numbers as people write them: `2-7, 10`. */
export function ranges(numbers: readonly number[]): string {
  const parts: [number, number][] = [];
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const last = parts.at(-1);
    if (last !== undefined && number === last[1] + 1) last[1] = number;
    else parts.push([number, number]);
  }
  return parts.map(([from, to]) => (from === to ? String(from) : to === from + 1 ? `${String(from)}, ${String(to)}` : `${String(from)}-${String(to)}`)).join(', ');
}

/** Threads by what they do; roles nobody has are left out. */
export function threadsByRole(tiles: readonly Tile[]): readonly { readonly role: Role; readonly threads: readonly number[] }[] {
  const all = tiles.flatMap((tile) => tile.threads);
  return roles.map((role) => ({ role, threads: all.filter((thread) => thread.role === role).map((thread) => thread.id) })).filter((it) => it.threads.length > 0);
}

/** Cores that share a last-level cache stand together; where it is not told, those of a package and node. */
export interface Domain {
  readonly key: string;
  readonly package: number;
  readonly node: number | null;
  readonly cache: number | null;
  readonly tiles: readonly Tile[];
}

export function domainsOf(tiles: readonly Tile[]): readonly Domain[] {
  const domains = new Map<string, Tile[]>();
  for (const tile of tiles) {
    const key = `${String(tile.package)} ${String(tile.node ?? '')} ${String(tile.cache ?? '')}`;
    domains.set(key, [...(domains.get(key) ?? []), tile]);
  }
  return [...domains].flatMap(([key, group]) => {
    const [any] = group;
    return any === undefined ? [] : [{ key, package: any.package, node: any.node, cache: any.cache, tiles: [...group].sort((a, b) => (a.threads[0]?.id ?? 0) - (b.threads[0]?.id ?? 0)) }];
  });
}
