// SPDX-License-Identifier: GPL-3.0-or-later
import type { World } from '../../rehearsal/world';

/** What a person would miss of the running system: who drives and who may drive each function, and the pages set aside. */
export function portraitOf({ kernel }: World): string {
  if (kernel === null) return 'off';
  const functions = [...kernel.functions.values()].map((one) => `${one.hardware.address} ${one.driver ?? '-'} ${one.override ?? '-'}`);
  return [...functions, `pages ${kernel.parameters.get('hugepages-2048kB') ?? '0'}`].join('\n');
}

/** Lines of one that the other does not have. */
export function movedBetween(before: string, now: string): readonly string[] {
  const were = new Set(before.split('\n'));
  return now.split('\n').filter((line) => !were.has(line));
}
