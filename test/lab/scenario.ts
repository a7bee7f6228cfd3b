// SPDX-License-Identifier: GPL-3.0-or-later
import type { Lab } from './lab';
import type { TopologyName } from './topology';

/** What a scenario may use beside the lab. */
export interface Telling {
  readonly say: (line: string) => void;
  /** Facts and transcripts of real kernels are to be written anew into test/fixtures/lab. */
  readonly record: boolean;
}

/** One story on a real kernel. */
export interface Scenario {
  /** A sentence in the present tense that is true of the product. */
  readonly name: string;
  /** The machine it plays on; made ready before the clock of the scenario starts. */
  readonly on: TopologyName;
  /** Seconds on a quiet machine with two cores; it fails at twice that. */
  readonly budget: number;
  /** Part of `lab:quick`. */
  readonly quick?: boolean;
  readonly play: (lab: Lab, telling: Telling) => Promise<void>;
}
