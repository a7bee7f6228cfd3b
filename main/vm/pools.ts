// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok, type Result } from '../../contract/problem';
import type { VmVolume, VolumeSeen } from '../../contract/vm-half';
import { readXml, type XmlElement } from '../../core/read/xml';
import { attributeOf, find, textOf } from '../../core/read/xml-find';
import { lines, nothing, type Ask } from './ask';

export interface Pool {
  readonly name: string;
  readonly active: boolean;
  /** The folder, of a pool that is one. */
  readonly path: string | null;
  readonly freeMiB: number | null;
}

/** Where libvirt keeps images on every distribution, and the name virt-manager gives the pool there. */
export const usualPool = { name: 'default', path: '/var/lib/libvirt/images' } as const;

/** Pools that are folders; others (LVM, iSCSI ...) are not ours to make volumes in. */
export async function listPools(ask: Ask): Promise<Result<readonly Pool[]>> {
  const all = await ask(['pool-list', '--all', '--name', '--type', 'dir']);
  if (!all.ok) return all;
  const active = await ask(['pool-list', '--name', '--type', 'dir']);
  if (!active.ok) return active;
  const on = new Set(lines(active.value));
  const pools: Pool[] = [];
  for (const name of lines(all.value)) {
    const root = rootOf(await ask(['pool-dumpxml', name]));
    if (root === null) continue;
    const path = textOf(find(root, 'target', 'path')).trim();
    const free = bytesOf(find(root, 'available'));
    pools.push({ name, active: on.has(name), path: path === '' ? null : path, freeMiB: on.has(name) && free !== null ? Math.floor(free / 2 ** 20) : null });
  }
  return ok(pools);
}

export async function startPool(ask: Ask, { name, path, define }: { readonly name: string; readonly path: string; readonly define: boolean }): Promise<Result<void>> {
  if (define) {
    const defined = await ask(['pool-define-as', '--name', name, '--type', 'dir', '--target', path]);
    if (!defined.ok) return defined;
  }
  return nothing(await ask(['pool-start', name]));
}

/** Stopping a pool deletes nothing in it: libvirt only stops looking. */
export async function stopPool(ask: Ask, name: string, undefine: boolean): Promise<Result<void>> {
  const pools = await listPools(ask);
  if (!pools.ok) return pools;
  const now = pools.value.find((one) => one.name === name);
  if (now?.active === true) {
    const stopped = await ask(['pool-destroy', name]);
    if (!stopped.ok) return stopped;
  }
  return now === undefined || !undefine ? ok(undefined) : nothing(await ask(['pool-undefine', name]));
}

/** What lies in it, looked at anew: one line each, to be counted and not to be read. */
export async function volumesOf(ask: Ask, pool: string): Promise<Result<readonly string[]>> {
  const fresh = await ask(['pool-refresh', pool]);
  if (!fresh.ok) return fresh;
  const listed = await ask(['vol-list', pool]);
  return listed.ok ? ok(lines(listed.value)) : listed;
}

type Place = Pick<VmVolume, 'pool' | 'name'>;

/** Null: there is no such volume. The pool is looked at anew first, because files come and go beside libvirt. */
export async function lookAtVolume(ask: Ask, { pool, name }: Place): Promise<Result<VolumeSeen | null>> {
  const fresh = await ask(['pool-refresh', pool]);
  if (!fresh.ok) return fresh;
  const text = await ask(['vol-dumpxml', name, '--pool', pool]);
  if (!text.ok) return text.problem.detail['why'] === 'volume-missing' ? ok(null) : text;
  const root = rootOf(text);
  const [capacity, allocation] = [bytesOf(root === null ? null : find(root, 'capacity')), bytesOf(root === null ? null : find(root, 'allocation'))];
  if (root === null || capacity === null || allocation === null) return failed('bad-input', { why: 'virsh-shape' });
  return ok({ capacity, allocation, written: textOf(find(root, 'target', 'timestamps', 'mtime')).trim().slice(0, 64) });
}

/** Only what is written takes room: libvirt's raw volumes are whole unless told otherwise. */
export async function makeVolume(ask: Ask, volume: VmVolume, content: Uint8Array | null): Promise<Result<void>> {
  const { pool, name, format, bytes } = volume;
  const sparse = format === 'raw' && content === null ? ['--allocation', '0'] : [];
  const made = await ask(['vol-create-as', '--pool', pool, '--name', name, '--capacity', `${bytes}B`, '--format', format, ...sparse]);
  if (!made.ok || content === null) return nothing(made);
  return nothing(await ask(['vol-upload', '--pool', pool, '--vol', name, '--file'], content));
}

export const deleteVolume = async (ask: Ask, { pool, name }: Place): Promise<Result<void>> => nothing(await ask(['vol-delete', name, '--pool', pool]));

function rootOf(text: Result<string>): XmlElement | null {
  const document = text.ok ? readXml(text.value) : null;
  return document?.ok === true ? document.value.root : null;
}

const units: Readonly<Record<string, number>> = { bytes: 1, B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };

function bytesOf(element: XmlElement | null): number | null {
  const [text, unit] = [textOf(element).trim(), units[attributeOf(element, 'unit') ?? 'bytes']];
  return element === null || !/^\d{1,15}$/.test(text) || unit === undefined ? null : Number(text) * unit;
}
