// SPDX-License-Identifier: GPL-3.0-or-later
import type { Place, PlanBasis, Step } from '../../../contract/plan';
import type { Result } from '../../../contract/problem';

/** How the machine will be told to start differently: once as a trial, then always. */
export interface StartChange {
  readonly kernel: string;
  /** Whose initramfs the trial starts. */
  readonly image: 'own' | 'default';
  /** Whose table of the early script it binds: `this` transaction's, an earlier one's by its name, or `none`. */
  readonly bind: string;
  /** Kernel arguments besides. */
  readonly args: readonly string[];
}

/** What a boot loader must be able to do for a plan; the next loaders (systemd-boot, BLS) are further objects of this shape. */
export interface Loader {
  readonly name: NonNullable<PlanBasis['loader']>;
  readonly places: readonly Place[];
  /** Whether a start can be tried once here and then be over by itself. */
  mayTryOnce(volume: NonNullable<PlanBasis['bootVolume']>): Result<void>;
  /** Adds the trial entry (prepare) and takes it for one start (trial). */
  tryOnce(change: StartChange): readonly Step[];
  /** Makes the change true of every start (keep). */
  keep(change: StartChange): readonly Step[];
  /** Takes the trial entry away again, last of keep. */
  clear(places: PlanBasis['places']): readonly Step[];
}
