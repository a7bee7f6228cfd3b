// SPDX-License-Identifier: GPL-3.0-or-later
import type { OwnContent } from '../../../contract/steps-now';
import { blockBody } from '../edit/marker-block';

/** What each permission says in libvirt's abstraction for QEMU (apparmor.d(5)). */
const rules = { 'shared-memory': '  /dev/shm/looking-glass rw,' } as const;

export const apparmorLines = (allowed: OwnContent<'apparmor-rule'>): readonly string[] => allowed.map((what) => rules[what]);

/** What our block allows; null when there is none, or it is torn, or holds other lines. */
export function readApparmorRule(text: string): OwnContent<'apparmor-rule'> | null {
  const block = blockBody(text);
  if (!block.ok || block.value === null) return null;
  const lines = block.value.split('\n');
  const allowed = (['shared-memory'] as const).filter((what) => lines.includes(rules[what]));
  return allowed.length > 0 && `${apparmorLines(allowed).join('\n')}\n` === block.value ? allowed : null;
}
