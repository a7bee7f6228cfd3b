// SPDX-License-Identifier: GPL-3.0-or-later
import type { Finding } from '../../../contract/finding';
import type { HostFacts } from '../../../contract/facts';
import { domainOf } from '../../read/address';
import { find, todo } from '../finding';
import { firmwareMenu, firmwareRestart } from '../firmware-menus';
import type { Inventory } from '../inventory';
import { sightOf, witness } from '../reason';

/** Start mode, Secure Boot, large BARs, VMD: what the running system tells about the firmware's settings (host.md 2). */
export function checkFirmware(machine: Inventory): Finding[] {
  const { facts } = machine;
  return [...mode(facts), ...locks(facts), ...bars(machine), ...vmd(machine)];
}

function mode(facts: HostFacts): Finding[] {
  const evidence = witness(facts.firmware.mode);
  switch (facts.firmware.mode.value) {
    case 'uefi':
      return [find('host', 'good', 'firmware-uefi', { evidence })];
    case 'bios':
      return [find('host', 'note', 'firmware-bios', { evidence, next: todo('next-firmware-uefi', firmwareMenu(facts, 'uefi')) })];
    case null:
      return [];
    default:
      return facts.firmware.mode.value satisfies never;
  }
}

/** Lockdown keeps unsigned modules out (vendor-reset, i915-sriov, an unsigned nvidia); binding and VFIO go on (host.md 1.6). */
function locks(facts: HostFacts): Finding[] {
  const { secureBoot, lockdown } = facts.firmware;
  if (lockdown.value !== null && lockdown.value !== 'none')
    return [find('host', 'note', secureBoot.value === true ? 'secure-boot-locks' : 'lockdown-active', { detail: { level: lockdown.value }, evidence: [...witness(secureBoot), ...witness(lockdown)], next: todo('next-sign-module') })];
  return [];
}

const fourGiB = 2n ** 32n;
const quarterGiB = 256 * 1024 * 1024;

function bars(machine: Inventory): Finding[] {
  const { facts } = machine;
  const known = machine.functions.filter((fn) => !fn.unknown.includes('bars'));
  const high = known.find((fn) => fn.bars.some((bar) => bar.kind === 'memory' && BigInt(`0x${bar.start}`) >= fourGiB));
  const menu = todo('next-firmware-above-4g', firmwareMenu(facts, 'above-4g'), firmwareRestart(facts));
  const found: Finding[] = [];
  const cards = machine.gpus.filter((gpu) => gpu.kind === 'discrete' && !gpu.fn.unknown.includes('bars') && gpu.fn.bars.length > 0);
  if (high !== undefined) found.push(find('host', 'good', 'above-4g-on', { evidence: [sightOf(high)] }));
  else if (cards.length > 0) found.push(find('host', 'note', 'above-4g-likely-off', { confidence: 'inferred', evidence: cards.map((gpu) => sightOf(gpu.fn)), next: menu }));
  for (const { fn } of cards) {
    const memory = fn.bars.filter((bar) => bar.kind === 'memory' && bar.prefetchable);
    const now = Math.max(0, ...memory.map((bar) => bar.size));
    const most = Math.max(0, ...memory.flatMap((bar) => bar.resizableTo ?? []));
    const detail = { now: mebibytes(now), most: mebibytes(Math.max(now, most)) };
    if (now > quarterGiB) found.push(find(fn.address, 'good', 'rebar-on', { detail, evidence: [sightOf(fn)], confidence: 'inferred' }));
    else if (most > now) found.push(find(fn.address, 'note', 'rebar-off', { detail, evidence: [sightOf(fn)], confidence: 'inferred', next: menu }));
  }
  return found;
}

const mebibytes = (bytes: number): string => String(Math.round(bytes / 1024 / 1024));

/** Intel VMD puts devices into a PCI domain of their own, where they cannot be given away one by one. */
function vmd(machine: Inventory): Finding[] {
  const inside = machine.functions.find((fn) => parseInt(domainOf(fn.address), 16) >= 0x10000 && fn.class !== '0604');
  const controller = machine.functions.some((fn) => fn.vendor === '8086' && fn.class === '0104' && /volume management|vmd/i.test(fn.name ?? ''));
  if (inside === undefined || !controller) return [];
  return [find('host', 'note', 'vmd-on', { evidence: [sightOf(inside)], next: todo('next-firmware-vmd') })];
}
