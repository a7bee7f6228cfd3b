// SPDX-License-Identifier: GPL-3.0-or-later
import type { Place, PlaceState, Plan } from '../contract/plan';
import { failed, ok, type Result } from '../contract/problem';
import { touchesOf } from '../core/step/changes';
import { lookPlaces } from '../host/look-places';
import type { Machine } from '../host/machine';

/**
 * Whether the places keep will change are still what the plan saw, and no kernel came or went between review and keep.
 * Places that prepare and trial changed themselves are told by the journal, not here.
 */
export function driftSince(machine: Machine, plan: Plan): Result<void> {
  const changed = new Set(plan.steps.filter((step) => step.phase !== 'keep').flatMap(touchesOf));
  const now = lookPlaces(machine, plan.basis.kernel.release).places;
  const images = plan.basis.places.map(({ place }) => place).filter((place) => place.startsWith('default-image:'));
  const seen = now.map(({ place }) => place).filter((place) => place.startsWith('default-image:'));
  if (images.length !== seen.length || images.some((place) => !seen.includes(place))) return failed('plan-stale', { why: 'kernels' });
  const different = plan.basis.places.find(({ place, state }) => !changed.has(place) && !isSameState(state, stateIn(now, place)));
  return different === undefined ? ok(undefined) : failed('plan-stale', { why: 'changed', place: different.place });
}

const stateIn = (now: readonly { readonly place: Place; readonly state: PlaceState }[], place: Place): PlaceState | null => now.find((each) => each.place === place)?.state ?? null;

/** A device number may be another after a restart; the file's own number is not. */
function isSameState(a: PlaceState, b: PlaceState | null): boolean {
  if (b === null || a.kind !== b.kind) return false;
  const told = (state: PlaceState): string => JSON.stringify(state.kind === 'stat' ? { ...state, identity: state.identity.split(':').pop() } : state, Object.keys(state).sort());
  return told(a) === told(b);
}
