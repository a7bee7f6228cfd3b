// SPDX-License-Identifier: GPL-3.0-or-later
import type { Confidence, Evidence, Finding, Next, Weight } from '../../contract/finding';
import type { CardCode, NextCode, ReadinessCode, TodoCode } from '../../contract/judge-codes';
import type { PciAddress } from '../../contract/pci';
import type { Detail } from '../../contract/problem';

interface Saying {
  readonly detail?: Detail;
  readonly evidence?: readonly Evidence[];
  readonly next?: Next | undefined;
  readonly confidence?: Confidence;
}

/** A finding; *seen* unless said otherwise. */
export function find(about: PciAddress | 'host', weight: Weight, code: ReadinessCode | CardCode | TodoCode, saying: Saying = {}): Finding {
  const { detail = {}, evidence = [], next, confidence = 'seen' } = saying;
  const plain = { code, weight, confidence, about, detail, evidence };
  return next === undefined ? plain : { ...plain, next };
}

/** What to do, with one line to copy where there is one. */
export const todo = (code: NextCode, detail: Detail = {}, command?: string): Next => (command === undefined ? { code, detail } : { code, detail, command });
