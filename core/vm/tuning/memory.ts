// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../../contract/facts';
import type { VmPinning } from '../../../contract/vm';
import type { VmTuning, VmTuningReason } from '../../../contract/vm-tuning';
import type { Core } from './cores';
import type { TuningWish } from './wish';

type Memory = VmTuning['memory'];

/** MiB of a VM beside its guest's memory: the emulator, its firmware and its video memory. */
export const overheadMiB = 1024;
const mib = 1024 * 1024;

/** MiB that stay with the host: a quarter, at least 4 GiB, but never more than half of a small machine. */
export const hostShareMiB = (totalMiB: number): number => Math.max(Math.ceil(totalMiB / 4), Math.min(4096, Math.ceil(totalMiB / 2)));

export interface MemoryLayout {
  readonly memory: Memory;
  readonly node: VmPinning['memory'];
  readonly reasons: readonly VmTuningReason[];
}

/** How much memory the guest gets, from which node and in which pages. Huge pages never take what the host needs. */
export function layOutMemory(facts: HostFacts['memory'], guest: readonly Core[], wish: TuningWish, flags: readonly string[]): MemoryLayout {
  const totalMiB = facts.total.value === null ? null : Math.floor(facts.total.value / mib);
  const mostMiB = totalMiB === null ? null : Math.max(128, totalMiB - hostShareMiB(totalMiB) - overheadMiB);
  const reasons: VmTuningReason[] = [];
  const sizeMiB = mostMiB === null ? wish.memoryMiB : Math.min(wish.memoryMiB, mostMiB);
  if (mostMiB === null) reasons.push({ code: 'memory-unknown', detail: {} });
  if (sizeMiB < wish.memoryMiB) reasons.push({ code: 'memory-reduced', detail: { wanted: String(wish.memoryMiB), given: String(sizeMiB) } });
  const node = nodeFor(facts, guest, sizeMiB, reasons);
  const pages = pagesFor(facts, node, { wish, sizeMiB, flags, known: mostMiB !== null });
  reasons.push({ code: pages.code, detail: { count: String(pages.count), size: pages.pages === '1G' ? '1 GiB' : '2 MiB' } });
  // A page cannot be given in part.
  const whole = pages.pages === '1G' ? Math.floor(sizeMiB / 1024) * 1024 : pages.pages === '2M' ? sizeMiB - (sizeMiB % 2) : sizeMiB;
  return { memory: { sizeMiB: whole, mostMiB, pages: pages.pages, count: pages.count, when: pages.when }, node, reasons };
}

/** The node of the guest's cores. `strict` only when it has room: a strict node that is full fails the start. */
function nodeFor(facts: HostFacts['memory'], guest: readonly Core[], sizeMiB: number, reasons: VmTuningReason[]): VmPinning['memory'] {
  const nodes = new Set(guest.map((core) => core.node));
  const [id] = nodes;
  if (nodes.size !== 1 || id === undefined || id === null || (facts.nodes.value?.length ?? 0) < 2) return null;
  const node = facts.nodes.value?.find((one) => one.id === id);
  const free = node?.free ?? null;
  const fits = free !== null && free / mib >= sizeMiB + overheadMiB;
  reasons.push({ code: fits ? 'memory-near' : 'memory-spills', detail: { node: String(id) } });
  return { node: id, mode: fits ? 'strict' : 'preferred' };
}

interface Pages {
  readonly pages: Memory['pages'];
  readonly count: number;
  readonly when: Memory['when'];
  readonly code: VmTuningReason['code'];
}
interface Asked {
  readonly wish: TuningWish;
  readonly sizeMiB: number;
  readonly flags: readonly string[];
  readonly known: boolean;
}
const ordinary = (code: VmTuningReason['code']): Pages => ({ pages: 'ordinary', count: 0, when: 'none', code });

/**
 * Up to 8 GiB the kernel's transparent pages do as well, and an unpinned guest would lose its balloon. Above that 2 MiB pages;
 * 1 GiB pages from 64 GiB on and only at start, because running memory has no free gibibytes in one piece.
 */
function pagesFor(facts: HostFacts['memory'], node: VmPinning['memory'], { wish, sizeMiB, flags, known }: Asked): Pages {
  if (!wish.pinsMemory || sizeMiB <= 8192) return ordinary('pages-transparent');
  if (!known || facts.hugePages.value === null) return ordinary('pages-none');
  const free = (sizeKiB: number): number => poolFree(facts, sizeKiB, node);
  if (sizeMiB > 65_536 && flags.includes('pdpe1gb')) {
    const gibibytes = Math.floor(sizeMiB / 1024);
    return { pages: '1G', count: gibibytes, ...(free(1_048_576) >= gibibytes ? { when: 'ready', code: 'pages-ready' } : { when: 'boot', code: 'pages-boot' }) };
  }
  const count = Math.floor(sizeMiB / 2);
  const ready = free(2048);
  if (ready >= count) return { pages: '2M', count, when: 'ready', code: 'pages-ready' };
  const reachable = availableMiB(facts, node);
  const missingMiB = (count - ready) * 2;
  return reachable !== null && reachable >= missingMiB + overheadMiB + 1024 ? { pages: '2M', count, when: 'now', code: 'pages-now' } : { pages: '2M', count, when: 'boot', code: 'pages-boot' };
}

/** Free pages of a size, on the guest's node where it must come from there. */
function poolFree(facts: HostFacts['memory'], sizeKiB: number, node: VmPinning['memory']): number {
  const wanted = node?.mode === 'strict' ? node.node : null;
  return (facts.hugePages.value ?? []).find((pool) => pool.sizeKiB === sizeKiB && pool.node === wanted)?.free ?? 0;
}

/** Memory that could become huge pages now, in MiB. */
function availableMiB(facts: HostFacts['memory'], node: VmPinning['memory']): number | null {
  const here = node?.mode === 'strict' ? (facts.nodes.value?.find((one) => one.id === node.node)?.free ?? null) : facts.available.value;
  return here === null ? null : Math.floor(here / mib);
}
