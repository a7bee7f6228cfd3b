// SPDX-License-Identifier: GPL-3.0-or-later
import type { Moment } from '../../contract/point';
import { allGrubEntries, readGrubConfig } from '../read/grub-cfg';
import { bindArg } from '../step/tokens';

/** Whether every normal entry of a start menu, whoever generated it, says what our files promise. */
export function hasWords(menu: string, promise: NonNullable<Moment['promise']>): boolean {
  const config = readGrubConfig(menu);
  if (!config.ok) return false;
  const normal = allGrubEntries(config.value.items).filter(({ id }) => id !== null && id.startsWith('gnulinux-') && !id.includes('-recovery-'));
  const words = wordsOf(promise);
  return normal.length > 0 && normal.every((entry) => words.every((word) => (entry.linux?.args ?? []).some((arg) => arg.raw === word)));
}

/** The kernel arguments a start must have. */
export const wordsOf = ({ table, args }: NonNullable<Moment['promise']>): readonly string[] => [...(table === null ? [] : [bindArg(table.transaction)]), ...args];
