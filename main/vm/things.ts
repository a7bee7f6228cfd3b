// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok, type Result } from '../../contract/problem';
import type { Sentence } from '../../contract/review';
import type { VmThing, VmThingKept, VmVolume, VolumeSeen } from '../../contract/vm-half';
import type { Libvirt } from './libvirt';
import { listNetworks, startNetwork, stopNetwork, usersOfNetwork } from './networks';
import { deleteVolume, listPools, lookAtVolume, makeVolume, startPool, stopPool, volumesOf } from './pools';

export type Around = Pick<Libvirt, 'ask' | 'live' | 'list'>;

/** What is not in the journal: bytes of the answer disc (they hold a password), and libvirt's own definition of a network. */
export interface Contents {
  readonly answers: Uint8Array | null;
  readonly network: string | null;
}

/** Bytes an image may take and still be as empty as qemu-img leaves it: its own tables alone. */
const emptyMost = 1024 * 1024;

/** Makes a thing. Fails when it is there already: then it is not ours, and nothing of it is touched. */
export async function makeThing({ ask }: Around, thing: VmThing, contents: Contents): Promise<Result<VolumeSeen | null>> {
  const none = (done: Result<void>): Result<null> => (done.ok ? ok(null) : done);
  switch (thing.kind) {
    case 'network':
      if (thing.define && contents.network === null) return failed('refused', { why: 'network-missing', name: thing.name });
      return none(await startNetwork(ask, thing, thing.define ? contents.network : null));
    case 'pool':
      return none(await startPool(ask, thing));
    case 'volume': {
      if (thing.holds === 'answers' && contents.answers === null) return failed('refused', { why: 'answers-gone' });
      const there = await lookAtVolume(ask, thing);
      if (!there.ok) return there;
      if (there.value !== null) return failed('refused', { why: 'volume-taken', name: thing.name });
      const made = await makeVolume(ask, thing, thing.holds === 'answers' ? contents.answers : null);
      return made.ok ? lookAtVolume(ask, thing) : made;
    }
    default:
      return thing satisfies never;
  }
}

/** Null: it is gone. A sentence: it was used since and stays. */
export async function unmakeThing(around: Around, kept: VmThingKept): Promise<Result<Sentence | null>> {
  const { thing } = kept;
  switch (thing.kind) {
    case 'network': {
      const networks = await listNetworks(around.ask);
      if (!networks.ok) return networks;
      if (!networks.value.some((one) => one.name === thing.name)) return ok(null);
      const users = await usersOfNetwork(around, thing.name);
      if (!users.ok) return users;
      if (users.value.length > 0) return ok({ code: 'vm.left.network', detail: { name: thing.name } });
      return gone(await stopNetwork(around.ask, thing));
    }
    case 'pool': {
      const pools = await listPools(around.ask);
      if (!pools.ok) return pools;
      const now = pools.value.find((one) => one.name === thing.name);
      if (now === undefined) return ok(null);
      const inside = now.active ? await volumesOf(around.ask, thing.name) : ok([]);
      if (!inside.ok) return inside;
      if (inside.value.length > 0) return ok({ code: 'vm.left.pool', detail: { name: thing.name } });
      return gone(await stopPool(around.ask, thing.name, thing.define));
    }
    case 'volume':
      return unmakeVolume(around, thing, kept.as);
    default:
      return thing satisfies never;
  }
}

/** An image goes only while it is as we left it and no VM names it; what a guest wrote is never deleted. */
async function unmakeVolume(around: Around, volume: VmVolume, as: VolumeSeen | null): Promise<Result<Sentence | null>> {
  const now = await lookAtVolume(around.ask, volume);
  if (!now.ok) return now.problem.detail['why'] === 'pool-missing' ? ok(null) : now;
  if (now.value === null) return ok(null);
  const vms = await around.list();
  if (!vms.ok) return vms;
  const named = vms.value.some(({ known }) => known === null || known.disks.some((disk) => disk.place === volume.path));
  if (named) return ok({ code: 'vm.left.disk-named', detail: { path: volume.path } });
  // The disc with the answers is ours whatever became of it: no guest can write to it, and it holds a password.
  const used = volume.holds === 'disk' && isUsed(now.value, volume, as);
  return used ? ok({ code: 'vm.left.disk-used', detail: { path: volume.path } }) : gone(await deleteVolume(around.ask, volume));
}

function isUsed(now: VolumeSeen, volume: VmVolume, as: VolumeSeen | null): boolean {
  if (as !== null) return now.capacity !== as.capacity || now.allocation !== as.allocation || now.written !== as.written;
  // A crash came between making it and looking at it: ours is as large as was asked, and empty.
  return now.capacity !== volume.bytes || now.allocation > emptyMost;
}

const gone = (done: Result<void>): Result<null> => (done.ok ? ok(null) : done);
