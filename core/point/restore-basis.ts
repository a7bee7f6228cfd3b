// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import type { PlanBasis } from '../../contract/plan';
import type { Moment } from '../../contract/point';
import { failed, ok, type Result } from '../../contract/problem';
import { placesToLook } from '../plan/basis';
import { bootVolumeOf } from '../plan/boot-volume';
import { groupsOf } from '../plan/device-set';
import { keptOf } from '../plan/kept';
import { stateOf, type PlacesSeen } from '../plan/seen';
import { hostOf, kernelsOf } from '../plan/supported';

type Promise = NonNullable<Moment['promise']>;

/** What our own files promise now; files that somebody else edited promise nothing that counts. */
export function promiseNow(seen: PlacesSeen): Promise {
  const kept = keptOf(seen);
  return kept.ok ? kept.value : { table: null, args: [] };
}

/**
 * What a restore depends on: the machine, and every place as it is. A file of ours that somebody edited is no reason to
 * refuse, as it is for other plans: leading it back is what is asked for. `gives`: what a trial will give away.
 */
export function restoreBasis(facts: HostFacts, seen: PlacesSeen, gives: Promise | null): Result<PlanBasis> {
  const host = hostOf(facts);
  if (!host.ok) return host;
  const { release, ...machine } = host.value;
  const kernels = kernelsOf(facts, seen, release);
  if (!kernels.ok) return kernels;
  const places = placesToLook(kernels.value, release);
  const odd = places.find((place) => stateOf(seen, place)?.kind === 'odd');
  if (odd !== undefined) return failed('precondition-failed', { why: 'place-odd', place: odd });
  const left = places.find((place) => place.startsWith('trial-image:') && stateOf(seen, place)?.kind !== 'absent');
  if (left !== undefined) return failed('refused', { why: 'trial-left', place: left });
  const volume = bootVolumeOf(facts.system.mounts.value, '/boot/grub');
  if (!volume.ok) return volume;
  const groups = gives?.table == null ? ok([]) : groupsOf(facts, gives.table.devices);
  if (!groups.ok) return groups;
  return ok({
    schema: 1,
    planner: 1,
    groups: groups.value,
    kernel: { release, images: kernels.value.filter((kernel) => stateOf(seen, `default-image:${kernel}`)?.kind !== 'absent') },
    ...machine,
    loader: 'grub',
    generator: 'initramfs-tools',
    bootVolume: volume.value,
    iommu: { cpuVendor: facts.cpu.vendor.value ?? 'other', active: (facts.iommu.groups.value ?? []).length > 0, needs: null },
    kept: promiseNow(seen),
    person: null,
    network: null,
    own: {},
    places: places.map((place) => ({ place, state: stateOf(seen, place) ?? { kind: 'hidden' as const } })),
  });
}
