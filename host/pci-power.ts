// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciFunction } from '../contract/pci';
import { readName } from '../core/read/sysfs/clean';
import { readInteger, readSwitch } from '../core/read/sysfs/numbers';
import { note, textOf, type Reading } from './pci-reading';

/** Power state; none of these files wakes the function. Source: host.md 0.3 rule 5. */
export function powerOf(reading: Reading): PciFunction['power'] {
  const { machine, folder, entries } = reading;
  if (!entries.has('power') && !entries.has('power_state')) return null;
  const runtime = machine.text(`${folder}/power/runtime_status`);
  const control = machine.text(`${folder}/power/control`);
  if (entries.has('power') && (runtime.at !== 'is' || control.at !== 'is')) note(reading, 'power');
  return {
    state: entries.has('power_state') ? short(textOf(reading, 'power_state', 'power')) : null,
    runtime: runtime.at === 'is' ? short(runtime.value) : null,
    control: control.at === 'is' ? short(control.value) : null,
    d3coldAllowed: entries.has('d3cold_allowed') ? readSwitch(textOf(reading, 'd3cold_allowed', 'power') ?? '') : null,
  };
}

const short = (text: string | null): string | null => (text === null ? null : readName(text, 16) || null);

/**
 * Whether asking its config space, link or resize attributes could wake it. Only a function that is surely awake is
 * asked: a kernel without runtime power management has no `power` folder, and then there is nobody to put it to sleep.
 */
export function asleep(reading: Reading, power: PciFunction['power']): boolean {
  if (power?.state?.startsWith('D3') === true) return true;
  if (!reading.entries.has('power')) return false;
  return power?.runtime !== 'active' && power?.runtime !== 'unsupported';
}

/** Link speed and width now and at most; null for a function without a PCI Express link. */
export function linkOf(reading: Reading): PciFunction['link'] {
  if (!reading.entries.has('current_link_speed') && !reading.entries.has('max_link_speed')) return null;
  const read = (name: string): string | null => (reading.entries.has(name) ? textOf(reading, name, 'link') : null);
  return {
    speed: speedOf(read('current_link_speed')),
    width: readInteger(read('current_link_width') ?? ''),
    maxSpeed: speedOf(read('max_link_speed')),
    maxWidth: readInteger(read('max_link_width') ?? ''),
  };
}

/** `Unknown` means that there is no link just now. */
const speedOf = (text: string | null): string | null =>
  text === null || text.startsWith('Unknown') ? null : readName(text, 32) || null;
