// SPDX-License-Identifier: GPL-3.0-or-later
import type { DeviceIdentity, Place, PlanBasis, Step } from '../../../contract/plan';

/** What an initramfs generator must be able to do for a plan; dracut and mkinitcpio are further objects of this shape. */
export interface Generator {
  readonly name: NonNullable<PlanBasis['generator']>;
  places(kernels: readonly string[], running: string): readonly Place[];
  /** An image of our own for the running kernel, built from a private configuration (prepare). */
  prepare(kernel: string, devices: readonly DeviceIdentity[]): readonly Step[];
  /** The early script in every image (keep). */
  keep(
    kernels: readonly string[],
    devices: readonly DeviceIdentity[],
    kept: PlanBasis['kept']['table'],
  ): readonly Step[];
  /** No script in any image any more (keep). */
  keepNothing(kernels: readonly string[]): readonly Step[];
  /** Takes our own image away again, last of keep. */
  clear(kernel: string): readonly Step[];
}
