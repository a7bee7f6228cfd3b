// SPDX-License-Identifier: GPL-3.0-or-later
import type { VgpuKind } from '../../../contract/verdict';
import type { FamilyRow } from './family';

const igpu = (from: number, to: number, family: string, vgpu: VgpuKind = 'none'): FamilyRow => ({ from, to, family, place: 'integrated', reset: 'no', vgpu });
const arc = (from: number, to: number, family: string, vgpu: VgpuKind = 'none'): FamilyRow => ({ from, to, family, place: 'discrete', reset: 'no', vgpu });

/**
 * Device ids of Intel graphics. Ranges: include/drm/intel/pciids.h.
 * Sharing: host.md 7.3 (GVT-g generation 8 to 9.5; SR-IOV on Tiger Lake and from the 12th generation of Core on, Flex and Battlemage).
 */
export const intelFamilies: readonly FamilyRow[] = [
  arc(0x4905, 0x4909, 'DG1'),
  arc(0x56c0, 0x56c2, 'Data Center GPU Flex', 'sriov'),
  arc(0x4f80, 0x4f8c, 'Arc A'),
  arc(0x5690, 0x56bf, 'Arc A'),
  arc(0xe200, 0xe2ef, 'Arc B', 'sriov'),
  arc(0x0b69, 0x0b6e, 'Data Center GPU Max'),
  arc(0x0bd0, 0x0be5, 'Data Center GPU Max'),
  igpu(0x0042, 0x0046, 'Ironlake'),
  igpu(0x0100, 0x012b, 'Sandy Bridge'),
  igpu(0x0150, 0x0172, 'Ivy Bridge'),
  igpu(0x0f30, 0x0f33, 'Bay Trail'),
  igpu(0x0155, 0x0157, 'Bay Trail'),
  igpu(0x0400, 0x042e, 'Haswell'),
  igpu(0x0a00, 0x0a2e, 'Haswell'),
  igpu(0x0c00, 0x0c2e, 'Haswell'),
  igpu(0x0d00, 0x0d2e, 'Haswell'),
  igpu(0x1600, 0x163e, 'Broadwell', 'gvt-g'),
  igpu(0x22b0, 0x22b3, 'Cherry Trail', 'gvt-g'),
  igpu(0x1900, 0x193d, 'Skylake', 'gvt-g'),
  igpu(0x0a84, 0x0a84, 'Apollo Lake', 'gvt-g'),
  igpu(0x1a84, 0x1a85, 'Apollo Lake', 'gvt-g'),
  igpu(0x5a84, 0x5a85, 'Apollo Lake', 'gvt-g'),
  igpu(0x3184, 0x3185, 'Gemini Lake', 'gvt-g'),
  igpu(0x5900, 0x593d, 'Kaby Lake', 'gvt-g'),
  igpu(0x87c0, 0x87ca, 'Amber Lake', 'gvt-g'),
  igpu(0x3e90, 0x3eaf, 'Coffee Lake', 'gvt-g'),
  igpu(0x9b21, 0x9bff, 'Comet Lake', 'gvt-g'),
  igpu(0x5a40, 0x5a5c, 'Cannon Lake'),
  igpu(0x8a50, 0x8a71, 'Ice Lake'),
  igpu(0x4500, 0x4571, 'Elkhart Lake'),
  igpu(0x4e50, 0x4e71, 'Jasper Lake'),
  igpu(0x4c80, 0x4c9a, 'Rocket Lake'),
  igpu(0x9a40, 0x9af8, 'Tiger Lake', 'sriov'),
  igpu(0x4680, 0x46d4, 'Alder Lake', 'sriov'),
  igpu(0xa720, 0xa7ad, 'Raptor Lake', 'sriov'),
  igpu(0x7d40, 0x7d40, 'Meteor Lake', 'sriov'),
  igpu(0x7d45, 0x7d45, 'Meteor Lake', 'sriov'),
  igpu(0x7d55, 0x7d60, 'Meteor Lake', 'sriov'),
  igpu(0x7dd5, 0x7dd5, 'Meteor Lake', 'sriov'),
  igpu(0x7d41, 0x7d67, 'Arrow Lake', 'sriov'),
  igpu(0x7dd1, 0x7dd1, 'Arrow Lake', 'sriov'),
  igpu(0xb640, 0xb640, 'Arrow Lake', 'sriov'),
  igpu(0x6420, 0x64b0, 'Lunar Lake', 'sriov'),
  igpu(0xb080, 0xb0bf, 'Panther Lake', 'sriov'),
  igpu(0xfd80, 0xfd81, 'Wildcat Lake', 'sriov'),
  igpu(0xd740, 0xd75f, 'Nova Lake', 'sriov'),
  { from: 0x0000, to: 0xffff, family: 'Intel graphics', place: 'by-place', reset: 'no', vgpu: 'none' },
];

/** Sound functions of Arc cards: DG1, DG2 and Battlemage put them on a bus of their own (host.md 1.1.3). Source: sound/pci/hda id table. */
export const arcAudio: ReadonlySet<string> = new Set(['490d', '4f90', '4f91', '4f92', 'e2f7', 'e2f8']);
