// SPDX-License-Identifier: GPL-3.0-or-later
import type { CostCode, JudgeCode } from '../../contract/judge-codes';
import type { Reason, Way } from '../../contract/verdict';
import { detailOf, type Judged } from './passthrough';
import { isReserved } from './pci-kind';
import { sightOf } from './reason';

const say = (kind: Way['kind'], possible: Way['possible'], code: JudgeCode, ...rest: readonly [card: Judged, costs?: readonly CostCode[]]): Way => {
  const [card, costs = []] = rest;
  const reason: Reason = { code, detail: detailOf(card), evidence: [sightOf(card.gpu.fn)] };
  return { kind, possible, reasons: [reason], costs: costs.map((cost) => ({ code: cost, detail: {}, evidence: [] })) };
};

/** The ways that leave the card with the host: a part of it (mdev, SR-IOV), its 3D power (virtio-gpu), or nothing of it (emulated). */
export function shareWays(card: Judged): Way[] {
  return [mdev(card), sriov(card), virtio(card), say('emulated', 'yes', 'way-always', card, ['cost-slower', 'cost-no-games'])];
}

/** Mediated devices: types in sysfs prove it; else the family may have a licensed or old driver for it (host.md 7.1-7.3). */
function mdev(card: Judged): Way {
  const { fn, family } = card.gpu;
  if (fn.mdevTypes !== null && fn.mdevTypes.length > 0) return say('mdev', 'yes', 'way-types-listed', card, family.vgpu === 'gvt-g' ? ['cost-no-outputs', 'cost-slower'] : ['cost-licence', 'cost-no-outputs']);
  if (card.answer === 'no' && card.conditions.includes('pass-no-iommu-hardware')) return say('mdev', 'no', 'pass-no-iommu-hardware', card);
  switch (family.vgpu) {
    case 'gvt-g':
      return say('mdev', 'conditional', 'way-needs-host-driver', card, ['cost-restart', 'cost-no-outputs', 'cost-slower']);
    case 'nvidia-vgpu':
    case 'mig':
      return say('mdev', 'conditional', 'way-needs-vendor-software', card, ['cost-licence', 'cost-own-module', 'cost-no-outputs']);
    case 'sriov':
    case 'none':
      return say('mdev', 'no', 'way-family-cannot', card);
    default:
      return family.vgpu satisfies never;
  }
}

/** SR-IOV: the capability alone proves nothing, the host driver must support it (host.md 7.3, 11.2 no. 28). */
function sriov(card: Judged): Way {
  const { fn, kind, family } = card.gpu;
  const refusal = card.conditions[0] ?? 'way-not-passable';
  if (kind === 'discrete-vf') return card.answer === 'no' ? say('sriov', 'no', refusal, card) : say('sriov', card.answer, 'way-vf-itself', card, ['cost-no-outputs']);
  if (refusal === 'pass-no-iommu-hardware' || refusal === 'pass-in-guest') return say('sriov', 'no', refusal, card);
  if (fn.sriov !== null && fn.sriov.now > 0) return say('sriov', 'yes', 'way-vfs-possible', card, ['cost-no-outputs']);
  return byFamily(card, family.vgpu, fn.sriov?.total === 0);
}

function byFamily(card: Judged, vgpu: Judged['gpu']['family']['vgpu'], offersNone: boolean): Way {
  if (vgpu === 'none' || vgpu === 'gvt-g') return say('sriov', 'no', 'way-family-cannot', card);
  if (offersNone) return say('sriov', 'no', 'way-vfs-not-offered', card);
  return vgpu === 'sriov'
    ? say('sriov', 'conditional', 'way-vfs-possible', card, ['cost-own-module', 'cost-no-outputs'])
    : say('sriov', 'conditional', 'way-needs-vendor-software', card, ['cost-licence', 'cost-own-module', 'cost-no-outputs']);
}

/** virtio-gpu draws with the host's card, so the card needs a host driver that does 3D. */
function virtio(card: Judged): Way {
  const { fn, kind } = card.gpu;
  if (kind === 'bmc' || kind === 'virtual' || kind === 'discrete-vf') return say('virtio-gpu', 'no', 'way-needs-host-driver', card);
  if (isReserved(fn)) return say('virtio-gpu', 'no', 'way-reserved-at-start', card);
  if (fn.driver !== null) return say('virtio-gpu', fn.driver === 'nvidia' ? 'conditional' : 'yes', 'way-open', card, ['cost-slower']);
  return fn.unknown.includes('driver') ? say('virtio-gpu', 'unknown', 'way-not-told', card, ['cost-slower']) : say('virtio-gpu', 'no', 'way-needs-host-driver', card);
}
