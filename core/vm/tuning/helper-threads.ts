// SPDX-License-Identifier: GPL-3.0-or-later
import type { VmTuningReason } from '../../../contract/vm-tuning';
import { threadsOf, type Core } from './cores';

/** Where the emulator and the disks' I/O thread run. */
export interface HelperThreads {
  readonly emulator: readonly number[];
  readonly io: readonly number[];
  readonly reason: VmTuningReason;
}

/** The host's cores, best suited first: slow ones if there are, then the guest's node, then not the first core. */
export function helperThreads(guest: readonly Core[], host: readonly Core[]): HelperThreads | null {
  const efficient = host.filter((core) => core.kind === 'efficiency');
  const node = guest[0]?.node ?? null;
  const near = host.filter((core) => core.node === node);
  const home = efficient.length >= 2 ? efficient : near.length > 0 ? near : host;
  const [one, two] = home;
  if (one === undefined) return null;
  if (two === undefined) return shared(one, host.find((core) => core !== one));
  if (efficient.length >= 4) return { emulator: threadsOf(home.slice(0, 2)), io: threadsOf(home.slice(2, 4)), reason: { code: 'helpers-efficient', detail: {} } };
  const code = efficient.length >= 2 ? 'helpers-efficient' : 'helpers-apart';
  return { emulator: one.threads, io: two.threads, reason: { code, detail: {} } };
}

/** One core near the guest: the I/O thread goes elsewhere if it can, else both share. */
function shared(one: Core, other: Core | undefined): HelperThreads {
  if (other !== undefined) return { emulator: one.threads, io: other.threads, reason: { code: 'helpers-apart', detail: {} } };
  return { emulator: one.threads, io: one.threads, reason: { code: 'helpers-share', detail: {} } };
}
