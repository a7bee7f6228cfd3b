// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciAddress, PciFunction } from '../../contract/pci';
import type { GpuKind } from '../../contract/verdict';
import { busOf, compareAddresses, domainOf, slotOf } from '../read/address';
import { arcAudio } from './families/intel';

/**
 * The functions that are the card itself (RULES.md, "Sets"). Discrete: its whole slot, and Intel Arc's sound on its own bus.
 * AMD integrated: the display and the 0403 function of vendor 1002 (1022 audio and PSP are the board's). All others: the display alone.
 */
export function ownFunctions(fn: PciFunction, kind: GpuKind, functions: readonly PciFunction[], kinds: ReadonlyMap<PciAddress, GpuKind>): readonly PciFunction[] {
  const slot = functions.filter((other) => slotOf(other.address) === slotOf(fn.address));
  switch (kind) {
    case 'discrete':
      return [...slot.filter((other) => kinds.get(other.address) !== 'discrete-vf' && other.physicalFunction === null), ...arcSound(fn, functions, kinds)].sort((a, b) => compareAddresses(a.address, b.address));
    case 'integrated':
      return fn.vendor === '1002' ? slot.filter((other) => other.address === fn.address || (other.vendor === '1002' && other.class === '0403')) : [fn];
    default:
      return [fn];
  }
}

/** Arc puts its sound behind a sibling port of the same on-card switch (host.md 1.1.3, rule 3). */
function arcSound(fn: PciFunction, functions: readonly PciFunction[], kinds: ReadonlyMap<PciAddress, GpuKind>): PciFunction[] {
  if (fn.vendor !== '8086') return [];
  const sounds = functions.filter((other) => other.vendor === '8086' && other.class === '0403' && (arcAudio.has(other.device) || sharesSwitch(fn, other)) && busOf(other.address) !== busOf(fn.address));
  if (!fn.unknown.includes('topology')) return sounds.filter((sound) => sharesSwitch(fn, sound));
  return pairByOrder(fn, sounds, functions.filter((other) => other.vendor === '8086' && kinds.get(other.address) === 'discrete'));
}

/** The on-card switch is the pair of bridges next above the display: its upstream port is the last but one. */
function sharesSwitch(fn: PciFunction, sound: PciFunction): boolean {
  const port = fn.upstream.at(-2);
  return fn.upstream.length >= 3 && sound.upstream.length === fn.upstream.length && port !== undefined && sound.upstream.at(-2) === port;
}

/** Without a tree: the kernel numbers a switch's ports one after the other, so each sound belongs to the nearest card before it. */
function pairByOrder(fn: PciFunction, sounds: readonly PciFunction[], cards: readonly PciFunction[]): PciFunction[] {
  return sounds.filter((sound) => {
    const before = cards.filter((card) => domainOf(card.address) === domainOf(sound.address) && compareAddresses(card.address, sound.address) < 0);
    return before.at(-1)?.address === fn.address;
  });
}
