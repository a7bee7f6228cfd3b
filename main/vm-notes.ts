// SPDX-License-Identifier: GPL-3.0-or-later
import type { Conflict, RestoreReview } from '../contract/point';
import type { Result } from '../contract/problem';
import type { VmEntry } from '../contract/vm-life';
import type { Machine } from '../host/machine';

type Note = RestoreReview['notes'][number];

/**
 * Says of every VM whose state a point holds what a person must know first: it is gone, it runs, a disk of it is missing.
 * libvirt answers with the person's own rights; where it does not, only its UUID is known.
 */
export async function withVms(drawn: RestoreReview, machine: Machine, ask: () => Promise<Result<readonly VmEntry[]>>): Promise<RestoreReview> {
  if (!drawn.conflicts.some(({ why }) => why === 'vm')) return drawn;
  const vms = await ask();
  if (!vms.ok) return drawn;
  const named = drawn.conflicts.map((conflict) => (conflict.why === 'vm' ? { ...conflict, path: nameOf(conflict, vms.value) } : conflict));
  const notes = drawn.conflicts.filter(({ why }) => why === 'vm').flatMap((conflict) => notesOf(conflict, { vms: vms.value, machine }));
  return { ...drawn, conflicts: named, notes: [...drawn.notes, ...notes].slice(0, 32) };
}

const uuidOf = ({ place }: Conflict): string => place.slice(place.indexOf(':') + 1);
const nameOf = (conflict: Conflict, vms: readonly VmEntry[]): string => vms.find(({ uuid }) => uuid === uuidOf(conflict))?.known?.name ?? conflict.path;

function notesOf(conflict: Conflict, { vms, machine }: { readonly vms: readonly VmEntry[]; readonly machine: Machine }): readonly Note[] {
  const found = vms.find(({ uuid }) => uuid === uuidOf(conflict));
  const vm = nameOf(conflict, vms);
  if (found === undefined) return [{ code: 'restore.note.vm-gone', detail: { vm } }];
  const missing = (found.known?.disks ?? []).some(({ place, disc }) => !disc && place.startsWith('/') && machine.stat(place).at === 'absent');
  return [
    ...(found.state === 'off' ? [] : [{ code: 'restore.note.vm-running', detail: { vm } }]),
    ...(missing ? [{ code: 'restore.note.disk-gone', detail: { vm } }] : []),
  ];
}
