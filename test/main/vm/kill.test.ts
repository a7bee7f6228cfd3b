// SPDX-License-Identifier: GPL-3.0-or-later
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { transactionId } from '../../../contract/history';
import { ok, type Result } from '../../../contract/problem';
import type { VmThing } from '../../../contract/vm-half';
import { changeVm, recoverVms, undoVm, type VmChange } from '../../../main/vm/half';
import { openHalfStore, type HalfStore } from '../../../main/vm/half-store';
import { openLibvirt, type Libvirt, type Virsh } from '../../../main/vm/libvirt';
import { buildWorld } from '../../../rehearsal/world';
import { powerOn } from '../../../rehearsal/start';
import { virshIn } from '../../../rehearsal/vm/virsh';
import { unlink } from '../../../rehearsal/disk';
import { folderAt, listing } from '../../../rehearsal/files';
import { sampleFacts } from '../../rehearsal/sample';

const uuid = '7f0c2b52-6f0a-4d6c-9a1e-0c6d5a1b4001';
const id = transactionId.parse('00000000000000aa');
const xml = `<domain type='kvm'>\n  <name>guest</name>\n  <uuid>${uuid}</uuid>\n  <devices/>\n</domain>\n`;
const things: readonly VmThing[] = [
  { kind: 'network', name: 'default', define: true, autostart: true },
  { kind: 'pool', name: 'default', path: '/var/lib/libvirt/images', define: true },
  { kind: 'volume', pool: 'default', name: 'guest.qcow2', path: '/var/lib/libvirt/images/guest.qcow2', format: 'qcow2', bytes: 2 ** 34, holds: 'disk' },
  { kind: 'volume', pool: 'default', name: 'guest-answers.iso', path: '/var/lib/libvirt/images/guest-answers.iso', format: 'raw', bytes: 6, holds: 'answers' },
];
const change: VmChange = { id, uuid, xml, things, about: { name: 'guest', what: 'create' } };
const contents = { answers: new TextEncoder().encode('secret'), network: '<network>\n  <name>default</name>\n</network>\n' };

/** The power goes, or the process is killed, at the `at`th question to libvirt: before it was asked, or after it did it and before we heard. */
class Killed extends Error {}

function bench(stopAt: number, after: boolean) {
  const world = buildWorld(sampleFacts(), {}, null);
  powerOn(world);
  // A machine whose libvirt has no network of that name.
  unlink(world.disk, folderAt(world.disk, '/etc/libvirt/qemu/networks'), 'default.xml');
  const calls = { count: 0, stopAt };
  const virsh: Virsh = (words, text) => {
    const stops = calls.count++ === calls.stopAt;
    if (stops && !after) return Promise.reject(new Killed());
    const answer = ok(virshIn(world, words, text));
    return stops ? Promise.reject(new Killed()) : Promise.resolve(answer);
  };
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-kill-'));
  const store = openHalfStore(join(folder, 'vm'));
  const libvirt = openLibvirt(virsh, 'system', { steadyClock: null, apicv: null });
  const image = () => new Map([...listing(world.disk, '/etc/libvirt'), ...listing(world.disk, '/var/lib/libvirt')].filter(([place]) => !/\/(?:libvirt|images|qemu|networks|autostart|storage)$/.test(place)));
  return { calls, store, libvirt, image, end: () => { rmSync(folder, { recursive: true, force: true }); } };
}

const attempt = async (work: () => Promise<Result<unknown>>): Promise<'killed' | Result<unknown>> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Killed) return 'killed';
    throw error;
  }
};
const apply = (libvirt: Libvirt, store: HalfStore) => attempt(() => changeVm(libvirt, store, change, { contents }));
/** Starts of this program until nothing is open any more. */
async function recovered(libvirt: Libvirt, store: HalfStore): Promise<void> {
  for (let starts = 0; starts < 3; starts++) {
    const results = await recoverVms(libvirt, store);
    if (results.length === 0) return;
    for (const { result } of results) expect(result.ok ? 'settled' : JSON.stringify(result.problem)).toBe('settled');
  }
  throw new Error('it never comes to rest');
}

async function callsOf(work: (one: ReturnType<typeof bench>) => Promise<unknown>): Promise<number> {
  const one = bench(-1, false);
  await work(one);
  one.end();
  return one.calls.count;
}

describe('a process that is killed at any question to libvirt', () => {
  test.each([false, true])('while it applies (the question done: %s), ends in the state before', async (after) => {
    const total = await callsOf(({ libvirt, store }) => apply(libvirt, store));
    expect(total).toBeGreaterThan(12);
    for (let at = 0; at < total; at++) {
      const one = bench(at, after);
      const before = one.image();
      expect(await apply(one.libvirt, one.store), String(at)).toBe('killed');
      one.calls.stopAt = -1;
      await recovered(one.libvirt, one.store);
      expect(one.image(), `killed at ${at}`).toEqual(before);
      one.end();
    }
  }, 60_000);

  test.each([false, true])('while it undoes (the question done: %s), ends in the state before when it is asked again', async (after) => {
    const whole = await callsOf(({ libvirt, store }) => apply(libvirt, store));
    const total = await callsOf(async ({ libvirt, store }) => {
      await apply(libvirt, store);
      await undoVm(libvirt, store, id);
    });
    for (let at = whole; at < total; at++) {
      const one = bench(at, after);
      const before = one.image();
      expect(await apply(one.libvirt, one.store)).toMatchObject({ ok: true });
      expect(await attempt(() => undoVm(one.libvirt, one.store, id)), String(at)).toBe('killed');
      one.calls.stopAt = -1;
      expect(await undoVm(one.libvirt, one.store, id)).toMatchObject({ ok: true, value: { state: 'undone', left: [] } });
      expect(one.image(), `killed at ${at}`).toEqual(before);
      one.end();
    }
  }, 60_000);

  test('killed while it puts back, the next start ends it', async () => {
    const one = bench(14, true);
    const before = one.image();
    expect(await apply(one.libvirt, one.store)).toBe('killed');
    for (let at = 0; at < 6; at++) {
      one.calls.count = 0;
      one.calls.stopAt = at;
      await recoverVms(one.libvirt, one.store).catch(() => undefined);
    }
    one.calls.stopAt = -1;
    await recovered(one.libvirt, one.store);
    expect(one.image()).toEqual(before);
    one.end();
  });

  test('a disk that was there is not ours: the change is refused, and it stays', async () => {
    const one = bench(-1, false);
    const { ask } = one.libvirt;
    await ask(['pool-define-as', '--name', 'default', '--type', 'dir', '--target', '/var/lib/libvirt/images']);
    await ask(['pool-start', 'default']);
    await ask(['vol-create-as', '--pool', 'default', '--name', 'guest.qcow2', '--capacity', `${2 ** 34}B`, '--format', 'qcow2']);
    const before = one.image();
    const refused = await changeVm(one.libvirt, one.store, { ...change, things: things.filter((thing) => thing.kind === 'volume') }, { contents });
    expect(refused).toMatchObject({ ok: false, problem: { code: 'refused', detail: { why: 'volume-taken' } } });
    expect(one.image()).toEqual(before);
    expect(await recoverVms(one.libvirt, one.store)).toEqual([]);
    one.end();
  });
});
