// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciAddress } from '../../contract/pci';
import type { Verdict } from '../../contract/verdict';
import type { Gpu, Inventory } from './inventory';
import { isLaptop } from './laptop';
import { guestOf } from './guest';
import { because, sightOf, witness } from './reason';

type Answer = Verdict['boot_gpu'];
const derived = (gpu: Gpu, code: Parameters<typeof because>[0]): Answer => ({ address: gpu.fn.address, confidence: 'derived', reason: because(code, {}, [sightOf(gpu.fn)]) });

/** Which function showed firmware's picture. Answers only with an address the source shows; a guess says `likely`. */
export function bootDisplay(machine: Inventory): Answer {
  const told = machine.facts.display.bootDisplay;
  if (told.value !== null && machine.byAddress.has(told.value)) return { address: told.value, confidence: 'derived', reason: because('boot-told-by-kernel', {}, witness(told)) };
  const gpus = machine.gpus.filter((gpu) => gpu.kind !== 'discrete-vf');
  const marked = gpus.filter((gpu) => gpu.fn.bootVga === true);
  if (marked.length === 1 && marked[0] !== undefined) return derived(marked[0], 'boot-marked');
  if (gpus.length === 0) return { address: null, confidence: 'unknown', reason: because('boot-none') };
  if (marked.length > 1) return ambiguous(gpus);
  if (machine.facts.machine.chassis.value === 'sbc') return { address: null, confidence: 'derived', reason: because('boot-not-pci', {}, witness(machine.facts.machine.chassis)) };
  return byElimination(machine, gpus) ?? guess(machine, gpus) ?? ambiguous(gpus);
}

const ambiguous = (gpus: readonly Gpu[]): Answer => ({ address: null, confidence: 'unknown', reason: because('boot-ambiguous', { count: String(gpus.length) }, gpus.map((gpu) => sightOf(gpu.fn))) });

function byElimination(machine: Inventory, gpus: readonly Gpu[]): Answer | null {
  const vga = gpus.filter((gpu) => gpu.fn.class === '0300');
  const [only] = gpus;
  if (machine.facts.pci.complete && gpus.length === 1 && only !== undefined) return derived(only, 'boot-only-display');
  const emulated = vga.filter((gpu) => gpu.kind === 'virtual');
  if (emulated[0] !== undefined && emulated.length === 1 && guestOf(machine.facts).value === true) return derived(emulated[0], 'boot-emulated');
  if (vga[0] === undefined || vga.length > 1) return null;
  return isExcerptOfReserved(machine, vga[0]) ? null : derived(vga[0], 'boot-only-vga');
}

/** A part of a listing that shows a card given to vfio-pci: something the part does not show carries the host's picture. */
export const isExcerptOfReserved = (machine: Inventory, gpu: Gpu): boolean => !machine.facts.pci.complete && gpu.kind === 'discrete' && gpu.setAside;

function guess(machine: Inventory, gpus: readonly Gpu[]): Answer | null {
  const integrated = gpus.filter((gpu) => gpu.kind === 'integrated');
  if (isLaptop(machine).value === true && integrated.length === 1 && integrated[0] !== undefined) return likely(integrated[0], 'boot-panel-likely');
  const free = gpus.filter((gpu) => gpu.fn.class === '0300' && !gpu.setAside);
  const someReserved = gpus.some((gpu) => gpu.setAside);
  return someReserved && free.length === 1 && free[0] !== undefined ? likely(free[0], 'boot-unreserved-likely') : null;
}

const likely = (gpu: Gpu, code: Parameters<typeof because>[0]): Answer => ({ address: gpu.fn.address, confidence: 'likely', reason: because(code, {}, [sightOf(gpu.fn)]) });

/**
 * The card to be careful with when nobody says which one shows the picture: firmware takes the first of several cards.
 * With integrated graphics or a management controller there is another screen for the host, and no card is suspected.
 */
export function suspectedDisplay(machine: Inventory, boot: Answer): PciAddress | null {
  if (boot.address !== null) return boot.address;
  const gpus = machine.gpus.filter((gpu) => gpu.kind !== 'discrete-vf');
  if (gpus.some((gpu) => gpu.kind !== 'discrete')) return null;
  const candidates = gpus.filter((gpu) => gpu.fn.class === '0300' && !gpu.setAside);
  return gpus.length > 1 ? (candidates[0]?.fn.address ?? null) : null;
}
