// SPDX-License-Identifier: GPL-3.0-or-later
import type { VmTuningReason } from '../../../contract/vm-tuning';
import { domainsOf, type Core } from './cores';
import type { TuningWish } from './wish';

/** The cores the guest gets, in guest order, and why these. */
export interface GuestCores {
  readonly cores: readonly Core[];
  readonly reasons: readonly VmTuningReason[];
}

const say = (code: VmTuningReason['code'], detail: VmTuningReason['detail'] = {}): VmTuningReason => ({ code, detail });

/** Cores that stay with the host: one of up to four, else two; none of the fast ones where slow ones stay anyway. */
export function reserveOf(all: readonly Core[]): number {
  return all.length <= 4 ? 1 : 2;
}

/** What every part of the choice looks at, and the reasons it leaves. */
interface Choice {
  readonly all: readonly Core[];
  readonly wish: TuningWish;
  readonly reasons: VmTuningReason[];
}

/**
 * Which cores the guest gets. They are of one kind and have equally many threads, because a guest sees one even board;
 * they lie on the card's node and behind one cache when they fit; the core of thread 0 stays with the host unless a whole other cache does.
 */
export function chooseGuestCores(all: readonly Core[], wish: TuningWish): GuestCores {
  const choice: Choice = { all, wish, reasons: [] };
  const { reasons } = choice;
  const even = evenOnes(ofOneKind(isolatedOnes(choice), reasons), reasons);
  const near = nearCard(even, choice);
  const most = Math.min(all.length - reserveOf(all), mostOf(near, all));
  const wanted = wish.cores ?? usual(near, choice, most);
  const count = Math.max(1, Math.min(wanted, most));
  if (wish.cores !== null && count < wish.cores) reasons.push(say('fewer-cores', { wanted: String(wish.cores), given: String(count) }));
  return { cores: take(near, count, choice), reasons };
}

function isolatedOnes({ all, wish, reasons }: Choice): readonly Core[] {
  const isolated = all.filter((core) => core.threads.every((thread) => wish.isolated.includes(thread)));
  if (isolated.length === 0) return all;
  reasons.push(say('isolated-already', { count: String(isolated.length) }));
  return isolated;
}

function ofOneKind(cores: readonly Core[], reasons: VmTuningReason[]): readonly Core[] {
  const fast = cores.filter((core) => core.kind !== 'efficiency');
  if (fast.length === cores.length || fast.length === 0) return cores;
  // One fast core that is also the host's first leaves nothing to give: then the slow ones serve.
  if (fast.every((core) => core.first)) return cores.filter((core) => core.kind === 'efficiency');
  reasons.push(say('performance-cores', { count: String(fast.length) }));
  return fast;
}

/** Cores with the number of threads most of them have; a core whose sibling is switched off would break the pairs. */
function evenOnes(cores: readonly Core[], reasons: VmTuningReason[]): readonly Core[] {
  const counts = new Map<number, number>();
  for (const core of cores) counts.set(core.threads.length, (counts.get(core.threads.length) ?? 0) + (core.first ? 0 : 1));
  const [best] = [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0]);
  if (best === undefined || counts.size === 1) return cores;
  reasons.push(say('uneven-cores', { threads: String(best[0]) }));
  return cores.filter((core) => core.threads.length === best[0]);
}

function nearCard(cores: readonly Core[], { all, wish, reasons }: Choice): readonly Core[] {
  if (wish.cardNode === null || new Set(all.map((core) => core.node)).size <= 1) return cores;
  const near = cores.filter((core) => core.node === wish.cardNode);
  if (near.length > 0 && mostOf(near, all) >= Math.min(wish.cores ?? 1, all.length - reserveOf(all))) {
    reasons.push(say('card-node', { node: String(wish.cardNode) }));
    return near;
  }
  reasons.push(say('card-node-too-small', { node: String(wish.cardNode) }));
  return cores;
}

/** True when the host keeps a cache all to itself, so that even thread 0's core may go. On hybrid processors it never may. */
const mayGiveFirst = (taken: readonly Core[], all: readonly Core[]): boolean =>
  all.every((core) => core.kind !== 'efficiency') && domainsOf(all).some((domain) => domain.length >= reserveOf(all) && !domain.some((core) => taken.includes(core)));

/** The most of these cores the guest may have. */
function mostOf(cores: readonly Core[], all: readonly Core[]): number {
  const first = cores.some((core) => core.first);
  return first && !mayGiveFirst(cores, all) ? Math.max(1, cores.length - 1) : cores.length;
}

/** Without a wish: one cache's worth, and where caches are tiny, four cores. */
function usual(near: readonly Core[], { all, wish }: Choice, most: number): number {
  const [best] = ordered(near, wish);
  const one = best === undefined ? 1 : mostOf(best, all);
  return Math.min(most, Math.max(one, Math.min(4, most)));
}

/** Caches by how well they serve: for play the largest first, for computing the one without thread 0 first. */
function ordered(cores: readonly Core[], wish: TuningWish): Core[][] {
  const size = (domain: readonly Core[]): number => domain[0]?.cacheKiB ?? 0;
  const first = (domain: readonly Core[]): number => Number(domain.some((core) => core.first));
  return domainsOf(cores).sort((a, b) => (wish.profile === 'play' ? size(b) - size(a) : 0) || first(a) - first(b) || b.length - a.length);
}

function take(near: readonly Core[], count: number, choice: Choice): readonly Core[] {
  const { all, wish, reasons } = choice;
  const order = ordered(near, wish);
  const fitting = order.find((domain) => mostOf(domain, all) >= count);
  if (fitting !== undefined) {
    const given = highest(fitting, count, choice);
    const other = order.find((domain) => domain !== fitting);
    const larger = other !== undefined && (fitting[0]?.cacheKiB ?? 0) > (other[0]?.cacheKiB ?? 0);
    reasons.push(say(larger ? 'largest-cache' : 'one-cache', { size: String(Math.round((fitting[0]?.cacheKiB ?? 0) / 1024)) }));
    return given;
  }
  const spread = order.flatMap((domain) => domain.filter((core) => !core.first));
  const enough = spread.length >= count ? spread : order.flat();
  const given = enough.slice(0, count);
  reasons.push(say(given.some((core) => core.first) ? 'first-core-given' : 'first-core-kept'));
  reasons.push(say('cache-spans', { count: String(domainsOf(given).length) }));
  return byNumber(given);
}

/** The highest-numbered cores of a cache, so that the low ones, where the kernel's own work gathers, stay with the host. */
function highest(domain: readonly Core[], count: number, { reasons }: Choice): readonly Core[] {
  const rest = domain.filter((core) => !core.first);
  const given = byNumber(rest.length >= count ? rest : domain).slice(-count);
  reasons.push(say(given.some((core) => core.first) ? 'first-core-given' : 'first-core-kept'));
  return given;
}

const byNumber = (cores: readonly Core[]): Core[] => [...cores].sort((a, b) => (a.threads[0] ?? 0) - (b.threads[0] ?? 0));
