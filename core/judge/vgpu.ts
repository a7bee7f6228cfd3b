// SPDX-License-Identifier: GPL-3.0-or-later
import type { Verdict, VgpuKind } from '../../contract/verdict';
import type { Inventory } from './inventory';
import { because, sightOf } from './reason';

const names: Readonly<Record<VgpuKind, string>> = { none: '', 'gvt-g': 'GVT-g', sriov: 'SR-IOV', 'nvidia-vgpu': 'NVIDIA vGPU', mig: 'MIG' };

const bestFirst: readonly VgpuKind[] = ['mig', 'nvidia-vgpu', 'sriov', 'gvt-g'];

/** The best way one of the cards could be shared with documented software, licensed and out-of-tree included (host.md 7). */
export function judgeVgpu(machine: Inventory): Verdict['vgpu'] {
  const cards = machine.gpus.filter((gpu) => gpu.kind !== 'bmc' && gpu.kind !== 'virtual');
  const kind = bestFirst.find((one) => cards.some((gpu) => gpu.family.vgpu === one)) ?? 'none';
  const best = cards.find((gpu) => gpu.family.vgpu === kind);
  if (kind === 'none' || best === undefined) return { kind: 'none', capable: false, reason: because('vgpu-none', {}, cards.map((gpu) => sightOf(gpu.fn))) };
  return { kind, capable: true, reason: because('vgpu-family', { how: names[kind], family: best.family.name }, [sightOf(best.fn)]) };
}
