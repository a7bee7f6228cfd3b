// SPDX-License-Identifier: GPL-3.0-or-later
import type { Evidence } from '../../contract/finding';
import type { PciFunction } from '../../contract/pci';
import type { Verdict } from '../../contract/verdict';
import type { Inventory } from './inventory';
import { because, sightOf, witness } from './reason';

/** Names under which chips are sold inside laptops only: `GTX 765M`, `MX150`, `RX 7600S`, `Max-Q`, `Mobile`. */
const mobileName = /\b(mobile|max-q|laptop)\b|\d{3,4}M\b|\bMX ?\d{3}\b|\bRX \d{4}S\b|^\s*\d{4}S\b/i;

/** AMD gives class 0380 to the graphics card of a laptop (host.md 1.1.2). */
const isLaptopClass = (fn: PciFunction): boolean => fn.vendor === '1002' && fn.class === '0380';

/** A chip's bracket may list several models; only when all of them are mobile does the chip prove a laptop. */
const isMobile = (fn: PciFunction): boolean => (/\[([^[\]]+)\]\s*$/.exec(fn.name ?? '')?.[1] ?? '').split('/').every((model) => mobileName.test(model));

/** Whether the machine is a laptop: told, seen by its own panel, or inferred from a mobile chip. */
export function isLaptop(machine: Inventory): { readonly value: boolean | null; readonly evidence: readonly Evidence[] } {
  const { chassis } = machine.facts.machine;
  if (chassis.value !== null) return { value: chassis.value === 'laptop', evidence: witness(chassis) };
  const panel = (machine.facts.display.connectors.value ?? []).find((connector) => connector.internal);
  if (panel !== undefined) return { value: true, evidence: [{ place: machine.facts.display.connectors.from ?? 'connectors', value: panel.name }] };
  const mobile = machine.gpus.find((gpu) => gpu.kind === 'discrete' && (isMobile(gpu.fn) || (isLaptopClass(gpu.fn) && machine.gpus.some((other) => other.kind === 'integrated'))));
  return mobile === undefined ? { value: null, evidence: [] } : { value: true, evidence: [sightOf(mobile.fn)] };
}

/** Laptop with integrated and discrete graphics (host.md 1.7). A 3D controller alone in a part of a listing implies the panel's unseen GPU. */
export function judgeHybrid(machine: Inventory): Verdict['hybrid_laptop'] {
  const laptop = isLaptop(machine);
  const integrated = machine.gpus.filter((gpu) => gpu.kind === 'integrated');
  const discrete = machine.gpus.filter((gpu) => gpu.kind === 'discrete');
  const sights = [...laptop.evidence, ...[...integrated, ...discrete].map((gpu) => sightOf(gpu.fn))];
  if (laptop.value === false || discrete.length === 0) return { value: false, kind: 'none', reason: because('hybrid-no', {}, sights) };
  const screenless = discrete.every((gpu) => gpu.fn.class !== '0300');
  if (integrated.length === 0) {
    const unseen = laptop.value === true && screenless && !machine.facts.pci.complete;
    return unseen ? { value: true, kind: 'muxless', reason: because('hybrid-unseen-panel', {}, sights) } : { value: false, kind: 'none', reason: because('hybrid-no', {}, sights) };
  }
  if (laptop.value === null) return { value: false, kind: 'none', reason: because('hybrid-unknown', {}, sights) };
  return { value: true, kind: screenless ? 'muxless' : muxSeen(machine), reason: because('hybrid-yes', {}, sights) };
}

/** Connectors tell: an internal panel on the card means a switch, none at all means that pictures go through the integrated GPU. */
function muxSeen(machine: Inventory): Verdict['hybrid_laptop']['kind'] {
  const connectors = machine.facts.display.connectors.value;
  if (connectors === null) return 'unknown';
  const cards = new Set(machine.gpus.filter((gpu) => gpu.kind === 'discrete').map((gpu) => gpu.fn.address));
  const onCard = connectors.filter((connector) => connector.gpu !== null && cards.has(connector.gpu));
  if (onCard.some((connector) => connector.internal)) return 'muxed';
  return onCard.length === 0 ? 'muxless' : 'unknown';
}
