// SPDX-License-Identifier: GPL-3.0-or-later
import path from 'node:path';
import { failed, ok, type Result } from '../../contract/problem';
import type { VmAsked, VmNewDisk } from '../../contract/vm-change';
import type { KnownDomain } from '../../contract/vm-domain';
import { vmThing, type VmThing, type VmVolume } from '../../contract/vm-half';
import { answerDisc } from '../../core/vm/windows/answer-disc';
import { listNetworks } from './networks';
import { listPools, lookAtVolume, usualPool, type Pool } from './pools';
import type { WantBasis } from './wanted';

type Create = Extract<VmAsked, { kind: 'create' }>;

/** What a new VM needs made: pools before the images that lie in them, and the disc with the answers. */
export interface Stores {
  readonly things: readonly VmThing[];
  readonly answers: Uint8Array | null;
  readonly answersAt: string | null;
}

/** Everything is looked at before anything is made: a folder nobody may write to, a name that is taken. */
export async function thingsFor(asked: Create, basis: WantBasis): Promise<Result<Stores>> {
  const pools = await listPools(basis.libvirt.peek);
  if (!pools.ok) return pools;
  const answers = asked.install?.answers == null ? null : answerDisc(asked.install.answers);
  const folder = asked.disks[0] === undefined ? usualPool.path : path.posix.dirname(asked.disks[0].path);
  const answersAt = answers === null ? null : `${folder}/${asked.recipe.name}-answers.iso`;
  const volumes: Wish[] = [
    ...asked.disks.map((disk): Wish => ({ path: disk.path, format: disk.format, bytes: disk.sizeGiB * 2 ** 30, holds: 'disk' })),
    ...(answers === null || answersAt === null ? [] : [{ path: answersAt, format: 'raw' as const, bytes: answers.length, holds: 'answers' as const }]),
  ];
  const stray = asked.disks.find((disk) => !isOfRecipe(disk, asked));
  if (stray !== undefined) return failed('bad-input', { what: 'disk', path: stray.path });
  const made: VmThing[] = [];
  for (const volume of volumes) {
    const placed = await placeIn(pools.value, made, { volume, basis });
    if (!placed.ok) return placed;
    made.push(...placed.value);
  }
  return ok({ things: made, answers, answersAt });
}

type Wish = Pick<VmVolume, 'path' | 'format' | 'bytes' | 'holds'>;

const isOfRecipe = (disk: VmNewDisk, { recipe }: Create): boolean => recipe.disks.some((one) => one.kind === 'image' && one.path === disk.path && one.format === disk.format);

/** The volume, and its pool where that must be started or made first. */
async function placeIn(pools: readonly Pool[], made: readonly VmThing[], { volume, basis }: { readonly volume: Wish; readonly basis: WantBasis }): Promise<Result<readonly VmThing[]>> {
  const [folder, name] = [path.posix.dirname(volume.path), path.posix.basename(volume.path)];
  const pool = pools.find((one) => one.path === folder);
  if (pool === undefined && folder !== usualPool.path) return failed('refused', { why: 'pool-missing', name: folder });
  const poolName = pool?.name ?? (pools.some((one) => one.name === usualPool.name) ? 'switchyard' : usualPool.name);
  const wanted = vmThing.safeParse({ kind: 'volume', pool: poolName, name, ...volume });
  if (!wanted.success || wanted.data.kind !== 'volume' || `${folder}/${name}` !== volume.path) return failed('bad-input', { what: 'disk', path: volume.path });
  if (pool?.active === true) return onlyNew(wanted.data, basis);
  const known = made.some((one) => one.kind === 'pool' && one.name === poolName);
  return ok([...(known ? [] : [{ kind: 'pool' as const, name: poolName, path: folder, define: pool === undefined }]), wanted.data]);
}

async function onlyNew(volume: VmVolume, { libvirt }: WantBasis): Promise<Result<readonly VmThing[]>> {
  const there = await lookAtVolume(libvirt.ask, volume);
  if (!there.ok) return there;
  return there.value === null ? ok([volume]) : failed('refused', { why: 'volume-taken', name: volume.name });
}

/** Networks of a definition that must be started, or made first. */
export async function networksFor(known: KnownDomain, { libvirt, network }: WantBasis): Promise<Result<readonly VmThing[]>> {
  const names = [...new Set(known.networks.flatMap((one) => (one.kind === 'network' ? [one.source] : [])))];
  if (names.length === 0) return ok([]);
  const all = await listNetworks(libvirt.peek);
  if (!all.ok) return all;
  const things: VmThing[] = [];
  for (const name of names) {
    const now = all.value.find((one) => one.name === name);
    if (now?.active === true) continue;
    // Only libvirt's own usual network has a definition that is not ours to invent.
    if (now === undefined && (name !== 'default' || network === null)) return failed('refused', { why: 'network-missing', name });
    const thing = vmThing.safeParse({ kind: 'network', name, define: now === undefined, autostart: now?.autostart !== true });
    if (!thing.success) return failed('bad-input', { what: 'network', name });
    things.push(thing.data);
  }
  return ok(things);
}
