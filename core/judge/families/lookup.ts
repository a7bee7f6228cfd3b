// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciFunction } from '../../../contract/pci';
import { amdFamilies } from './amd';
import { rowOf, type Family, type FamilyRow } from './family';
import { intelFamilies } from './intel';
import { nvidiaFamilies } from './nvidia';

/** Vendors whose display adapters exist only in software (RULES.md, "What a GPU is"). */
const emulated: ReadonlySet<string> = new Set(['1013', '1234', '1af4', '1b36', '15ad', '1414', '80ee']);

const bmc = (from: number, to: number, family: string): FamilyRow => ({ from, to, family, place: 'bmc', reset: 'no', vgpu: 'none' });
const other = (place: FamilyRow['place'], family: string): FamilyRow => ({ from: 0, to: 0xffff, family, place, reset: 'unknown', vgpu: 'none' });

/**
 * Makers of the small display chips inside server management controllers, and the other makers of graphics.
 * Matrox: only the G200 of iLO/iDRAC/Pilot/Nuvoton controllers is one (pci.ids 0520-0538 with an E in its name).
 */
const tables: Readonly<Record<string, readonly FamilyRow[]>> = {
  '10de': nvidiaFamilies,
  '1002': amdFamilies,
  '8086': intelFamilies,
  '1a03': [bmc(0, 0xffff, 'ASPEED')],
  '102b': [bmc(0x0522, 0x0522, 'Matrox G200e'), bmc(0x0524, 0x0524, 'Matrox G200e'), bmc(0x0530, 0x053f, 'Matrox G200e'), other('discrete', 'Matrox')],
  '18ca': [bmc(0, 0xffff, 'XGI Volari')],
  '19e5': [bmc(0, 0xffff, 'HiSilicon')],
  '1050': [bmc(0, 0xffff, 'Nuvoton')],
  '126f': [bmc(0x0700, 0x07ff, 'Silicon Motion'), other('discrete', 'Silicon Motion')],
  '1106': [other('integrated', 'VIA')],
  '1039': [other('integrated', 'SiS')],
  '1d17': [other('integrated', 'Zhaoxin')],
  '0014': [other('integrated', 'Loongson')],
  '1db7': [other('integrated', 'Phytium')],
};

/** What the committed tables say about a display function; never looks at where it sits. */
export function familyOf(fn: Pick<PciFunction, 'vendor' | 'device'>): Family {
  if (emulated.has(fn.vendor)) return { name: 'emulated', place: 'virtual', reset: 'no', vgpu: 'none', known: true };
  const row = rowOf(tables[fn.vendor] ?? [], parseInt(fn.device, 16));
  if (row === undefined) return { name: 'unknown', place: 'by-place', reset: 'unknown', vgpu: 'none', known: false };
  return { name: row.family, place: row.place, reset: row.reset, vgpu: row.vgpu, known: true };
}
