// SPDX-License-Identifier: GPL-3.0-or-later
import type { Place, PlaceState, Plan } from '../contract/plan';
import { failed, ok, type Result } from '../contract/problem';
import { touchesOf } from '../core/step/changes';
import { pathOf } from '../core/step/places';
import { lookPlaces } from '../host/look-places';
import type { Hands } from './hands';
import { sameState } from './replace-file';
import type { Story } from './replay';

/**
 * Whether the places keep will change are still what the plan saw, and no kernel came or went between review and keep.
 * Places that prepare and trial changed themselves are told by the journal, not here; what a keep that failed put back byte
 * for byte is another file by its number, and the same.
 */
export function driftSince(hands: Hands, plan: Plan, story: Story): Result<void> {
  const changed = new Set(plan.steps.filter((step) => step.phase !== 'keep').flatMap(touchesOf));
  const now = lookPlaces(hands, plan.basis.kernel.release).places;
  const images = plan.basis.places.map(({ place }) => place).filter((place) => place.startsWith('default-image:'));
  const seen = now.map(({ place }) => place).filter((place) => place.startsWith('default-image:'));
  if (images.length !== seen.length || images.some((place) => !seen.includes(place))) return failed('plan-stale', { why: 'kernels' });
  const different = plan.basis.places.find(({ place, state }) => !changed.has(place) && !isSameState(state, stateIn(now, place)) && !isPutBack(hands, story, pathOf(place, '')));
  return different === undefined ? ok(undefined) : failed('plan-stale', { why: 'changed', place: different.place });
}

function isPutBack(hands: Hands, { steps }: Story, path: string): boolean {
  const was = steps.filter(({ outcome }) => outcome === 'undone').flatMap(({ saved }) => saved).find((file) => file.path === path)?.was;
  const is = was === undefined || was === null ? null : hands.inspect(path);
  return is?.ok === true && was !== undefined && sameState(is.value, was);
}

const stateIn = (now: readonly { readonly place: Place; readonly state: PlaceState }[], place: Place): PlaceState | null => now.find((each) => each.place === place)?.state ?? null;

/** A device number may be another after a restart; the file's own number is not. */
function isSameState(a: PlaceState, b: PlaceState | null): boolean {
  if (b === null || a.kind !== b.kind) return false;
  const told = (state: PlaceState): string => JSON.stringify(state.kind === 'stat' ? { ...state, identity: state.identity.split(':').pop() } : state, Object.keys(state).sort());
  return told(a) === told(b);
}
