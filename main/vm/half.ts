// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok, type Result } from '../../contract/problem';
import type { VmHalf } from '../../contract/vm-half';
import type { HalfStore } from './half-store';
import type { Libvirt } from './libvirt';

type Asked = Pick<Libvirt, 'xml' | 'define' | 'undefine'>;

/** What is wanted of one VM: this definition, or none. */
export interface VmChange {
  readonly id: VmHalf['id'];
  readonly uuid: string;
  readonly xml: string | null;
}

/**
 * Changes a VM as half of a restore point: what was there is on disk before libvirt is asked, and what libvirt made of it afterwards.
 * A refusal of libvirt's leaves everything as it was. Fails as libvirt does, or with `busy` when this id has been used.
 */
export async function changeVm(libvirt: Asked, store: HalfStore, change: VmChange): Promise<Result<VmHalf>> {
  const used = store.read(change.id);
  if (used.ok || used.problem.code !== 'not-found') return used.ok ? failed('busy', { what: 'vm-half' }) : used;
  const before = await definitionOf(libvirt, change.uuid);
  if (!before.ok) return before;
  const begun: VmHalf = { schema: 1, id: change.id, uuid: change.uuid, before: before.value, after: null, state: 'begun' };
  const noted = store.write(begun);
  if (!noted.ok) return noted;
  const made = await put(libvirt, change.uuid, change.xml);
  if (!made.ok) {
    store.write({ ...begun, state: 'undone' });
    return made;
  }
  const after = await definitionOf(libvirt, change.uuid);
  if (!after.ok) return after; // What libvirt did is not known: the next start finds it begun and puts it back.
  const done: VmHalf = { ...begun, after: after.value, state: 'done' };
  const ended = store.write(done);
  return ended.ok ? ok(done) : ended;
}

/**
 * Puts a VM back as it was before. Somebody's later change is not overwritten: it fails with `precondition-failed`.
 * The disk, NVRAM and TPM state are never deleted by it.
 */
export async function undoVm(libvirt: Asked, store: HalfStore, id: string): Promise<Result<VmHalf>> {
  const half = store.read(id);
  if (!half.ok || half.value.state === 'undone') return half;
  const now = await definitionOf(libvirt, half.value.uuid);
  if (!now.ok) return now;
  if (now.value === half.value.before) return settle(store, half.value);
  if (half.value.state === 'done' && now.value !== half.value.after) return failed('precondition-failed', { what: 'vm-changed' });
  const back = await put(libvirt, half.value.uuid, half.value.before);
  return back.ok ? settle(store, half.value) : back;
}

function settle(store: HalfStore, half: VmHalf): Result<VmHalf> {
  const undone: VmHalf = { ...half, state: 'undone' };
  const written = store.write(undone);
  return written.ok ? ok(undone) : written;
}

/** At the start of Switchyard: every half that a crash left begun is put back. Gives what could not be. */
export async function recoverVms(libvirt: Asked, store: HalfStore): Promise<readonly { readonly id: string; readonly result: Result<VmHalf> }[]> {
  const settled: { readonly id: string; readonly result: Result<VmHalf> }[] = [];
  for (const id of store.ids()) {
    const half = store.read(id);
    if (half.ok && half.value.state !== 'begun') continue;
    settled.push({ id, result: half.ok ? await undoVm(libvirt, store, id) : half });
  }
  return settled;
}

/** The stored definition; null when there is no such VM. */
async function definitionOf(libvirt: Asked, uuid: string): Promise<Result<string | null>> {
  const text = await libvirt.xml(uuid);
  return text.ok || text.problem.detail['why'] !== 'vm-missing' ? text : ok(null);
}

async function put(libvirt: Asked, uuid: string, xml: string | null): Promise<Result<void>> {
  if (xml === null) {
    const gone = await libvirt.undefine(uuid, 'keep');
    return !gone.ok && gone.problem.detail['why'] === 'vm-missing' ? ok(undefined) : gone;
  }
  const defined = await libvirt.define(xml);
  return defined.ok ? ok(undefined) : defined;
}
