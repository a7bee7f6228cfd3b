// SPDX-License-Identifier: GPL-3.0-or-later
import type { RestoreTake } from '../../contract/plan';
import type { Moment, VmSeen } from '../../contract/point';

/** One VM whose state a point holds, and what becomes of it. */
export interface VmDecision {
  /** As a choice names it. */
  readonly place: string;
  readonly vm: string;
  readonly then: Pick<VmSeen, 'nvram' | 'tpm'>;
  readonly takes: readonly RestoreTake[];
  readonly chosen: RestoreTake;
}

/** A guest writes its variables and its TPM's state whenever it runs: what is there now is nobody's to give up but the person's. */
export const vmsOf = ({ vms }: Moment, choices: readonly { readonly place: string; readonly take: RestoreTake }[]): readonly VmDecision[] =>
  (vms ?? []).map(({ vm, nvram, tpm }) => {
    const place = `vm-state:${vm}`;
    const chosen = choices.find((choice) => choice.place === place)?.take === 'then' ? 'then' : 'now';
    return { place, vm, then: { nvram, tpm }, takes: ['then', 'now'], chosen };
  });
