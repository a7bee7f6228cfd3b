// SPDX-License-Identifier: GPL-3.0-or-later
import type { Verdict } from '../../contract/verdict';
import { slotOf } from '../read/address';
import { isExcerptOfReserved } from './boot-display';
import type { Inventory } from './inventory';
import { because, sightOf } from './reason';

/** Is there exactly one card, and nothing else that could show the host's picture? `null` when a part of a listing leaves it open. */
export function judgeSingle(machine: Inventory): Verdict['single_gpu'] {
  const slots = cardSlots(machine);
  const cards = machine.gpus.filter((gpu) => gpu.kind === 'integrated' || gpu.kind === 'discrete');
  const sights = machine.gpus.map((gpu) => sightOf(gpu.fn));
  const [only] = cards;
  if (only === undefined) return { value: false, reason: because('single-none', {}, sights) };
  if (slots.size > 1) return { value: false, reason: because('single-several', { count: String(slots.size) }, sights) };
  if (machine.gpus.some((gpu) => gpu.kind === 'bmc' || gpu.kind === 'virtual')) return { value: false, reason: because('single-console-elsewhere', {}, sights) };
  const { chassis } = machine.facts.machine;
  if (chassis.value === 'sbc' || (only.fn.class === '0302' && !machine.facts.pci.complete)) return { value: false, reason: because('single-console-elsewhere', {}, sights) };
  if (isExcerptOfReserved(machine, only) || (chassis.value === 'server' && !machine.facts.pci.complete)) return { value: null, reason: because('single-excerpt', {}, sights) };
  return { value: true, reason: because('single-yes', {}, sights) };
}

/** The slots that hold an integrated or discrete GPU: functions of one slot are one card. */
export const cardSlots = (machine: Inventory): ReadonlySet<string> => new Set(machine.gpus.filter((gpu) => gpu.kind === 'integrated' || gpu.kind === 'discrete').map((gpu) => slotOf(gpu.fn.address)));
