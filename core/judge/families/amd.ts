// SPDX-License-Identifier: GPL-3.0-or-later
import type { FamilyRow } from './family';

const apu = (from: number, to: number, family: string): FamilyRow => ({ from, to, family, place: 'integrated', reset: 'possible', vgpu: 'none' });
const card = (from: number, to: number, family: string, reset: FamilyRow['reset'] = 'unknown'): FamilyRow => ({ from, to, family, place: 'discrete', reset, vgpu: 'none' });
const shared = (from: number, to: number, family: string, reset: FamilyRow['reset'] = 'unknown'): FamilyRow => ({ ...card(from, to, family, reset), vgpu: 'sriov' });

/**
 * Device ids of AMD/ATI chips. Names and ranges: pci.ids and the amdgpu/radeon id tables.
 * Reset: host.md 4.6 (vendor-reset's device-db for Polaris, Vega 10/20, Navi 10/12/14; APUs have no usable reset).
 * Sharing: host.md 7.4 (gim: S7150, MI210X, MI300X, MI325X, MI350X, V710; V340/V520/V620 with vendor stacks).
 */
export const amdFamilies: readonly FamilyRow[] = [
  // Server display chip of 2005-2010 boards: it is the management controller's console.
  { from: 0x515e, to: 0x515e, family: 'ES1000', place: 'bmc', reset: 'no', vgpu: 'none' },
  { from: 0x5969, to: 0x5969, family: 'ES1000', place: 'bmc', reset: 'no', vgpu: 'none' },
  // Cards made to be shared.
  shared(0x6929, 0x6929, 'Tonga'),
  shared(0x692f, 0x692f, 'Tonga'),
  shared(0x6864, 0x6864, 'Vega 10', 'yes'),
  shared(0x686c, 0x686c, 'Vega 10', 'yes'),
  shared(0x7362, 0x7362, 'Navi 12', 'yes'),
  shared(0x73a1, 0x73a1, 'RDNA2', 'possible'),
  shared(0x73ae, 0x73ae, 'RDNA2', 'possible'),
  shared(0x73ce, 0x73ce, 'RDNA2', 'possible'),
  shared(0x7460, 0x7461, 'RDNA3', 'possible'),
  shared(0x740f, 0x7410, 'CDNA2'),
  shared(0x74a0, 0x74bf, 'CDNA3'),
  shared(0x75a0, 0x75bf, 'CDNA4'),
  // APUs.
  apu(0x1114, 0x1114, 'Krackan Point'),
  apu(0x1304, 0x131d, 'Kaveri'),
  apu(0x13c0, 0x13c0, 'Granite Ridge'),
  apu(0x13db, 0x13fe, 'Cyan Skillfish'),
  apu(0x1435, 0x1435, 'Van Gogh'),
  apu(0x1506, 0x1506, 'Mendocino'),
  apu(0x150e, 0x150e, 'Strix Point'),
  apu(0x1586, 0x1586, 'Strix Halo'),
  apu(0x15bf, 0x15c8, 'Phoenix'),
  apu(0x15d8, 0x15d8, 'Picasso'),
  apu(0x15dd, 0x15dd, 'Raven Ridge'),
  apu(0x15e7, 0x15e7, 'Barcelo'),
  apu(0x1636, 0x1636, 'Renoir'),
  apu(0x1638, 0x1638, 'Cezanne'),
  apu(0x163f, 0x163f, 'Van Gogh'),
  apu(0x164c, 0x164c, 'Lucienne'),
  apu(0x164d, 0x164d, 'Rembrandt'),
  apu(0x164e, 0x164e, 'Raphael'),
  apu(0x164f, 0x164f, 'Phoenix'),
  apu(0x1681, 0x1681, 'Rembrandt'),
  apu(0x1900, 0x1902, 'Hawk Point'),
  apu(0x9640, 0x964f, 'Llano'),
  apu(0x9800, 0x980f, 'Wrestler'),
  apu(0x9830, 0x985f, 'Kabini'),
  apu(0x9870, 0x987f, 'Carrizo'),
  apu(0x98c0, 0x98ef, 'Stoney'),
  apu(0x9900, 0x99af, 'Trinity'),
  // Chipset graphics from before APUs: same trouble, no reset at all.
  apu(0x4136, 0x4137, 'Radeon IGP'),
  apu(0x4336, 0x4337, 'Radeon IGP'),
  apu(0x4437, 0x4437, 'Radeon IGP'),
  apu(0x5834, 0x5835, 'Radeon IGP'),
  apu(0x5954, 0x5955, 'Radeon Xpress'),
  apu(0x5974, 0x5975, 'Radeon Xpress'),
  apu(0x5a41, 0x5a42, 'Radeon Xpress'),
  apu(0x5a61, 0x5a62, 'Radeon Xpress'),
  apu(0x7834, 0x7835, 'Radeon IGP'),
  apu(0x791e, 0x791f, 'RS690'),
  apu(0x793f, 0x7942, 'RS600'),
  apu(0x796c, 0x796f, 'RS740'),
  apu(0x9610, 0x9616, 'RS780'),
  apu(0x9710, 0x9715, 'RS880'),
  // Cards.
  card(0x6640, 0x665f, 'Bonaire', 'possible'),
  card(0x67a0, 0x67bf, 'Hawaii', 'possible'),
  card(0x67c0, 0x67ff, 'Polaris', 'yes'),
  card(0x6fdf, 0x6fdf, 'Polaris', 'yes'),
  card(0x6980, 0x699f, 'Polaris', 'yes'),
  card(0x694c, 0x694f, 'Vega M', 'unknown'),
  card(0x6860, 0x687f, 'Vega 10', 'yes'),
  card(0x69a0, 0x69af, 'Vega 12', 'unknown'),
  card(0x66a0, 0x66af, 'Vega 20', 'yes'),
  card(0x7310, 0x731f, 'Navi 10', 'yes'),
  card(0x7340, 0x734f, 'Navi 14', 'yes'),
  card(0x7360, 0x736f, 'Navi 12', 'yes'),
  card(0x7388, 0x738e, 'CDNA'),
  card(0x73a0, 0x73ff, 'RDNA2', 'possible'),
  card(0x7420, 0x743f, 'RDNA2', 'possible'),
  card(0x7408, 0x741f, 'CDNA2'),
  card(0x7440, 0x749f, 'RDNA3', 'possible'),
  card(0x7500, 0x759f, 'RDNA4', 'possible'),
  card(0x6780, 0x679f, 'Tahiti'),
  card(0x6800, 0x685f, 'GCN 1'),
  card(0x6600, 0x663f, 'GCN 1'),
  card(0x6660, 0x667f, 'GCN 1'),
  card(0x6920, 0x693f, 'Tonga'),
  card(0x7300, 0x730f, 'Fiji'),
  card(0x0000, 0xffff, 'Radeon'),
];

/** Virtual functions that carry an id of their own (pci.ids: "MxGPU", "VF"). */
export const amdVirtualFunctions: ReadonlySet<string> = new Set(['692f', '686c', '73ae', '73ce', '7461', '7410', '74b5', '74b6', '74b9', '74bd', '75b0', '75b3']);
