// SPDX-License-Identifier: GPL-3.0-or-later
import type { Step } from '../../contract/plan';
import { touchesOf } from '../../core/step/changes';
import { pathOf } from '../../core/step/places';
import type { ProgramName } from '../programs';
import type { Bench } from './bench';

/** Files outside the store that a step may change: saved before it and told after it. */
export function pathsOf(bench: Bench, step: Step): readonly string[] {
  return touchesOf(step)
    .filter((place) => place !== 'trial-config')
    .map((place) => pathOf(place, bench.transaction));
}

/** Every program a step may start; asked for before the first step of a plan. */
export function programsOf(step: Step): readonly ProgramName[] {
  switch (step.kind) {
    case 'trial-config':
      return ['remove-unpacked'];
    case 'trial-image':
    case 'default-image':
      return ['mkinitramfs', 'lsinitramfs', 'unmkinitramfs', 'remove-unpacked', 'copy-attributes'];
    case 'boot-config':
      return ['grub-mkconfig', 'grub-script-check', 'copy-attributes'];
    default:
      return ['copy-attributes'];
  }
}
