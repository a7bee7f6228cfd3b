// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciAddress } from './pci';
import type { Detail } from './problem';

/** *good*: Ready. *note*: Worth knowing. *warn*: Careful. *stop*: Stops here. */
export type Weight = 'good' | 'note' | 'warn' | 'stop';

/** *seen*: a kernel state or file proves it. *inferred*: likely from what is there. *unknown*: could not be told. */
export type Confidence = 'seen' | 'inferred' | 'unknown';

export interface Evidence {
  /** A file, or `lspci line 12`. */
  readonly place: string;
  readonly value: string;
}

/** What to do about it; `command` is one line to copy, already right for this distribution. */
export interface Next {
  readonly code: string;
  readonly detail: Detail;
  readonly command?: string;
}

/** What we think about one thing. `code` picks the sentence in words/findings; `evidence` is shown under "Why?". */
export interface Finding {
  readonly code: string;
  readonly weight: Weight;
  readonly confidence: Confidence;
  readonly about: PciAddress | 'host';
  readonly detail: Detail;
  readonly evidence: readonly Evidence[];
  readonly next?: Next;
}
