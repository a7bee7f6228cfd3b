// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciAddress, PciFunction } from '../../contract/pci';
import type { Verdict } from '../../contract/verdict';
import type { Inventory } from './inventory';
import { leavesDisplay, type Judged } from './passthrough';
import { idOf } from './pci-kind';
import { because, sightOf } from './reason';

type Identical = Verdict['identical_ids'];

/** Twins by vendor:device (a subsystem id does not separate them: `ids=` and `new_id` would take both), and ids of a card that match something else. */
export function judgeIdentical(machine: Inventory, judged: readonly Judged[]): Identical {
  const byId = gather(machine.functions);
  const gpuIds = gather(machine.gpus.map((gpu) => gpu.fn));
  const twins = [...gpuIds].filter(([, list]) => list.length > 1);
  const matches = judged.filter((card) => canBePassed(card, machine)).flatMap((card) => matchesOf(card, byId));
  const code = twins.length > 0 ? 'identical-gpus' : matches.length > 0 ? 'identical-other' : 'identical-none';
  const sights = [...twins.flatMap(([, list]) => list), ...(twins.length > 0 ? [] : matches.flatMap((match) => byId.get(match.id) ?? []))];
  return {
    present: twins.length > 0,
    gpu_ids: Object.fromEntries(twins.map(([id, list]) => [id, list.map((fn) => fn.address)])),
    id_also_matches_other_devices: matches,
    reason: because(code, { count: String(twins.flatMap(([, list]) => list).length), id: twins[0]?.[0] ?? matches[0]?.id ?? '' }, sights.slice(0, 64).map(sightOf)),
  };
}

/** A card that cannot go, or whose going would take the last display along, is not a set to pass. */
const canBePassed = (card: Judged, machine: Inventory): boolean => card.answer !== 'no' && (!card.conditions.includes('pass-shared-gpus') || leavesDisplay(card.gpu, machine));

function matchesOf(card: Judged, byId: ReadonlyMap<string, readonly PciFunction[]>): { id: string; pass: PciAddress; also_matches: PciAddress[] }[] {
  const own = new Set(card.gpu.own);
  return card.gpu.own.flatMap((fn) => {
    const also = (byId.get(idOf(fn)) ?? []).filter((other) => !own.has(other));
    return also.length === 0 ? [] : [{ id: idOf(fn), pass: fn.address, also_matches: also.map((other) => other.address) }];
  });
}

function gather(functions: readonly PciFunction[]): Map<string, PciFunction[]> {
  const found = new Map<string, PciFunction[]>();
  for (const fn of functions) {
    const list = found.get(idOf(fn));
    if (list === undefined) found.set(idOf(fn), [fn]);
    else list.push(fn);
  }
  return found;
}
