// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import type { Intent, Place, PlanBasis } from '../../contract/plan';
import { failed, ok, type Result } from '../../contract/problem';
import { ownPlaces } from '../../contract/steps-now';
import { grub } from './boot/grub';
import { bootVolumeOf } from './boot-volume';
import { deviceSets } from './device-set';
import { initramfsTools } from './initramfs/initramfs-tools';
import { iommuOf } from './iommu';
import { keptOf } from './kept';
import { aboutOf } from './needs';
import { ownOf } from './own';
import { refuseNow } from './refuse-now';
import { stateOf, type PlacesSeen } from './seen';
import { hostOf, kernelsOf, type Host } from './supported';

/** Every place a look must tell of before a plan can be drawn. */
export function placesToLook(kernels: readonly string[], running: string): readonly Place[] {
  return [...startPlaces(kernels, running), ...ownPlaces];
}

const startPlaces = (kernels: readonly string[], running: string): readonly Place[] => [...grub.places, ...initramfsTools.places(kernels, running)];

/**
 * Boils facts down to what a plan may depend on: only what the intent is about. Volatile facts (drivers, power, group
 * numbers, who holds a device) may refuse here, and never appear in what comes out.
 */
export function basisOf(facts: HostFacts, seen: PlacesSeen, intent: Intent): Result<PlanBasis> {
  const host = hostOf(facts);
  if (!host.ok) return host;
  const about = aboutOf(intent);
  const start = about.start ? startOf(facts, seen, { host: host.value, intent }) : ok(noStart);
  if (!start.ok) return start;
  const own = ownOf(seen, about.own);
  if (!own.ok) return own;
  const given = givenOf(facts, seen, intent);
  if (!given.ok) return given;
  if (about.person && seen.person === null) return failed('refused', { why: 'no-person' });
  if (about.network && seen.network === 'absent') return failed('refused', { why: 'no-default-network' });
  const { kernels, places, ...rest } = start.value;
  const { release, ...machine } = host.value;
  return ok({
    schema: 1,
    planner: 1,
    groups: given.value.groups,
    kernel: { release, images: kernels.filter((kernel) => stateOf(seen, `default-image:${kernel}`)?.kind !== 'absent') },
    ...machine,
    ...rest,
    kept: given.value.kept,
    person: about.person ? seen.person : null,
    network: about.network ? seen.network : null,
    own: own.value,
    places: [...places, ...about.own].map((place) => ({ place, state: stateOf(seen, place) ?? { kind: 'hidden' as const } })),
  });
}

/** What every start gives away now and what is to be given, after everything that must not be so at this moment. */
function givenOf(facts: HostFacts, seen: PlacesSeen, intent: Intent): Result<Pick<PlanBasis, 'groups' | 'kept'>> {
  const isAbout = aboutOf(intent).start || intent.kind === 'on-demand' || intent.kind === 'single-card';
  const kept = isAbout ? keptOf(seen) : ok({ table: null, args: [] });
  if (!kept.ok) return kept;
  const refused = refuseNow(facts, intent, kept.value);
  if (!refused.ok) return refused;
  const groups = deviceSets(facts, intent, kept.value);
  return groups.ok ? ok({ groups: groups.value, kept: kept.value }) : groups;
}

type Start = Pick<PlanBasis, 'loader' | 'generator' | 'bootVolume' | 'iommu'> & {
  readonly kernels: readonly string[];
  readonly places: readonly Place[];
};

/** Of a plan that changes no start. */
const noStart: Start = { loader: null, generator: null, bootVolume: null, iommu: { cpuVendor: 'other', active: false, needs: null }, kernels: [], places: [] };

function startOf(facts: HostFacts, seen: PlacesSeen, { host, intent }: { readonly host: Host; readonly intent: Intent }): Result<Start> {
  const kernels = kernelsOf(facts, seen, host.release);
  if (!kernels.ok) return kernels;
  const places = startPlaces(kernels.value, host.release);
  const usable = refusePlaces(seen, places, host.release);
  if (!usable.ok) return usable;
  const iommu = iommuOf(facts, intent);
  if (!iommu.ok) return iommu;
  const volume = bootVolumeOf(facts.system.mounts.value, '/boot/grub');
  if (!volume.ok) return volume;
  return ok({ loader: grub.name, generator: initramfsTools.name, bootVolume: volume.value, iommu: iommu.value, kernels: kernels.value, places });
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

