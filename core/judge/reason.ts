// SPDX-License-Identifier: GPL-3.0-or-later
import type { Fact } from '../../contract/facts';
import type { Evidence } from '../../contract/finding';
import type { VerdictCode } from '../../contract/judge-codes';
import type { PciFunction } from '../../contract/pci';
import type { Detail } from '../../contract/problem';
import type { Reason } from '../../contract/verdict';

export const because = (code: VerdictCode, detail: Detail = {}, evidence: readonly Evidence[] = []): Reason => ({ code, detail, evidence: evidence.slice(0, 64) });

/** A fact as evidence: nothing when nobody could read it. */
export function witness<T>(fact: Fact<T>, show: (value: T) => string = String): Evidence[] {
  return fact.value === null ? [] : [{ place: fact.from ?? 'stated', value: show(fact.value).slice(0, 1024) }];
}

/** What was read about a function, as one line. */
export function sightOf(fn: PciFunction): Evidence {
  const group = fn.iommuGroup === null ? '' : ` group ${String(fn.iommuGroup)}`;
  const driver = fn.driver === null ? '' : ` driver ${fn.driver}`;
  return { place: fn.from, value: `${fn.address} [${fn.class}] ${fn.vendor}:${fn.device}${group}${driver}` };
}
