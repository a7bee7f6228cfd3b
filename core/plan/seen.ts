// SPDX-License-Identifier: GPL-3.0-or-later
import type { Place, PlaceState, PlanBasis } from '../../contract/plan';

/** One place as a look found it. `text` null: absent, an image, or not readable by who looked. */
export interface PlaceLook {
  readonly place: Place;
  readonly state: PlaceState;
  readonly text: string | null;
}

/** What the planner needs to know beside the facts: gathered by host/look-places.ts, the same for a person and for root. */
export interface PlacesSeen {
  /** Kernel releases with a vmlinuz in /boot, sorted; null when the folder could not be listed. */
  readonly kernels: readonly string[] | null;
  /** Whether this grub-mkconfig reads /etc/default/grub.d, a patch of the Debian family (host fact 5.3.1); null unknown. */
  readonly grubDropIns: boolean | null;
  readonly places: readonly PlaceLook[];
  /** Who asks, by user number; null when nobody is named, or they are not in /etc/passwd. */
  readonly person: PlanBasis['person'];
  /** libvirt's default network. */
  readonly network: NonNullable<PlanBasis['network']>;
}

export const stateOf = (seen: PlacesSeen, place: Place): PlaceState | null =>
  seen.places.find((look) => look.place === place)?.state ?? null;

/** Text that everybody may read; only this may shape a plan, because a person's look must give the same as root's. */
export function openTextOf(seen: PlacesSeen, place: Place): string | null {
  const look = seen.places.find((candidate) => candidate.place === place);
  return look?.state.kind === 'file' ? look.text : null;
}
