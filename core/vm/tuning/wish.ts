// SPDX-License-Identifier: GPL-3.0-or-later

/** What a person, or the chosen card, asks of the layout. */
export interface TuningWish {
  /** Cores for the guest; null: as many as serve it well. */
  readonly cores: number | null;
  /** `play`: the largest cache. `compute`: away from the host's interrupts, memory on one node. */
  readonly profile: 'play' | 'compute';
  /** The NUMA node the given card hangs on; null unknown or no card. */
  readonly cardNode: number | null;
  readonly memoryMiB: number;
  /** A device reaches into the guest's memory, so all of it is taken at start. */
  readonly pinsMemory: boolean;
  /** Threads that the kernel was told to leave alone (isolcpus). */
  readonly isolated: readonly number[];
}
