// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import type { Intent, Place, PlanBasis } from '../../contract/plan';
import { failed, ok, type Result } from '../../contract/problem';
import { grub } from './boot/grub';
import { bootVolumeOf } from './boot-volume';
import { givenDevices, groupsOf, screenStays } from './device-set';
import { initramfsTools } from './initramfs/initramfs-tools';
import { iommuOf } from './iommu';
import { keptOf } from './kept';
import { stateOf, type PlacesSeen } from './seen';
import { hostOf } from './supported';

/** Every place a look must tell of before a plan can be drawn. */
export function placesToLook(kernels: readonly string[], running: string): readonly Place[] {
  return [...grub.places, ...initramfsTools.places(kernels, running)];
}

/**
 * Boils facts down to what a plan may depend on. Volatile facts (drivers, power, group numbers, who holds a device)
 * may refuse here, and never appear in what comes out.
 */
export function basisOf(facts: HostFacts, seen: PlacesSeen, intent: Intent): Result<PlanBasis> {
  const host = hostOf(facts, seen);
  if (!host.ok) return host;
  const { release, kernels } = host.value;
  const places = placesToLook(kernels, release);
  const usable = refusePlaces(seen, places, release);
  if (!usable.ok) return usable;
  const kept = keptOf(seen);
  if (!kept.ok) return kept;
  const iommu = iommuOf(facts, intent);
  if (!iommu.ok) return iommu;
  const groups = intent.kind === 'dedicate' ? setOf(facts, intent, kept.value) : ok([]);
  if (!groups.ok) return groups;
  const volume = bootVolumeOf(facts.system.mounts.value, '/boot/grub');
  if (!volume.ok) return volume;
  return ok({
    schema: 1,
    planner: 1,
    groups: groups.value,
    kernel: {
      release,
      images: kernels.filter((kernel) => stateOf(seen, `default-image:${kernel}`)?.kind !== 'absent'),
    },
    distribution: host.value.distribution,
    architecture: host.value.architecture,
    firmware: host.value.firmware,
    loader: grub.name,
    generator: initramfsTools.name,
    iommu: iommu.value,
    bootVolume: volume.value,
    kept: kept.value,
    places: places.map((place) => ({ place, state: stateOf(seen, place) ?? { kind: 'hidden' as const } })),
  });
}

/** The groups of everything that will be given away, and whether the person may lose the screen it drives. */
function setOf(
  facts: HostFacts,
  intent: Extract<Intent, { kind: 'dedicate' }>,
  kept: PlanBasis['kept'],
): Result<PlanBasis['groups']> {
  const given = givenDevices(kept.table?.devices ?? [], intent.devices);
  // Loaded modules say nothing: until somebody needs it, vfio-pci is a file on the disk.
  if (facts.kernel.config.value?.['CONFIG_VFIO_PCI'] === 'n') return failed('refused', { why: 'no-vfio' });
  const groups = groupsOf(facts, given);
  if (!groups.ok) return groups;
  if (!screenStays(facts, given) && !intent.consents.includes('lose-only-screen'))
    return failed('refused', { why: 'only-screen' });
  return groups;
}

/** A plan starts from places that are what they should be, and from nothing of ours that still waits. */
function refusePlaces(seen: PlacesSeen, places: readonly Place[], running: string): Result<void> {
  for (const place of places) {
    const state = stateOf(seen, place);
    if (state === null || state.kind === 'hidden') return failed('precondition-failed', { why: 'place-hidden', place });
    if (state.kind === 'odd') return failed('precondition-failed', { why: 'place-odd', place });
  }
  for (const place of ['grub-config', 'grub-env', `default-image:${running}`]) {
    if (stateOf(seen, place)?.kind === 'absent') return failed('precondition-failed', { why: 'place-missing', place });
  }
  const trial = `trial-image:${running}`;
  return stateOf(seen, trial)?.kind === 'absent'
    ? ok(undefined)
    : failed('refused', { why: 'trial-left', place: trial });
}
