// SPDX-License-Identifier: GPL-3.0-or-later
import { placeNames, type Place } from '../../contract/plan';
import { defaultImage } from '../step/places';

/** There only while a trial waits; at rest nothing of ours is in them. */
const passing: readonly string[] = ['trial-image', 'trial-config'];

/** Every place a restore point tells of: all that a plan may name and that outlives a trial. */
export function pointPlaces(kernels: readonly string[]): readonly Place[] {
  const plain = placeNames.filter((name) => !passing.includes(name) && name !== 'default-image');
  return [...plain, ...kernels.map(defaultImage)];
}

/** Looked at, never written: the person's own. */
export const isLookedAtOnly = (place: Place): boolean => place === 'grub-default';

/** Made by a tool from sources: what somebody made anew there can be made anew again, and nothing of theirs is lost. */
export const isGenerated = (place: Place): boolean => place === 'grub-config' || place.startsWith('default-image:');
