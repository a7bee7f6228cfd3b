// SPDX-License-Identifier: GPL-3.0-or-later
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { failed, ok, type Result } from '../../contract/problem';
import { machineId } from '../../contract/target';
import type { VmRecipe } from '../../contract/vm';
import type { VmAsked, VmRun } from '../../contract/vm-change';
import { liveMachine } from '../../host/live';
import { openNews } from '../../main/dispatch';
import { openRuns } from '../../main/runs';
import { openChanges, type Changes, type VmBench } from '../../main/vm/changes';
import { checkDefinition } from '../../main/vm/check';
import { drawHalves } from '../../main/vm/drawing';
import { openHalfStore } from '../../main/vm/half-store';
import { openLibvirt, type Libvirt } from '../../main/vm/libvirt';
import { listNetworks, startNetwork, stopNetwork, usersOfNetwork } from '../../main/vm/networks';
import { listPools, lookAtVolume } from '../../main/vm/pools';
import { runSchemaCheck } from '../../main/programs';
import { schemaCheckBy } from '../../main/vm/schema';
import { consoleOf, openScreen } from '../../main/vm/screens';
import { openStreams } from '../../main/vm/streams';
import { recoverVms } from '../../main/vm/half';
import { plain } from '../core/vm/recipes';
import { startLibvirtd, whyNot, type PrivateLibvirt } from './libvirtd';

const reason = whyNot();
if (reason !== null) console.log(`NOT RUN: changes of VMs in a real libvirtd, because ${reason}`);

describe.skipIf(reason !== null)('changes of VMs in a real libvirtd', () => {
  let daemon: PrivateLibvirt;
  let libvirt: Libvirt;
  let folder: string;
  let bench: VmBench;
  let changes: Changes;
  let news: VmRun[] = [];
  let killAt = -1;
  const uuid = '7f0c2b52-6f0a-4d6c-9a1e-0c6d5a1b5001';

  beforeAll(async () => {
    daemon = await startLibvirtd();
    libvirt = openLibvirt(
      (words, text) => {
        if (killAt >= 0 && killAt-- === 0) return Promise.reject(new Error('killed'));
        return Promise.resolve(ok(daemon.raw(words, text)));
      },
      'system',
      { steadyClock: null, apicv: null },
    );
    folder = mkdtempSync(join(tmpdir(), 'switchyard-changes-'));
    const never = () => { throw new Error('no host half here'); };
    const side = { libvirt, store: openHalfStore(join(folder, 'vm')), disc: () => failed('not-found'), schema: schemaCheckBy((xml) => runSchemaCheck(xml, 'domain')), viewers: null, clock: Date.now, pace: 1000 };
    bench = {
      machine: machineId.parse('this'),
      side,
      hands: { eyes: () => liveMachine(), draw: never, reveal: never, call: never, restart: never, about: () => '', summaries: () => [], boot: () => null, undoScript: () => null, vms: () => libvirt.list(), vmSide: () => side },
    };
    const told = openNews();
    told.subscribe((name, body) => {
      if (name === 'vm.news') news.push(body as VmRun);
    });
    changes = openChanges(told, openRuns(told, Date.now), Date.now);
  }, 60_000);
  afterAll(async () => {
    await daemon.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const value = <T>(result: Result<T>): T => {
    if (!result.ok) throw new Error(JSON.stringify(result.problem));
    return result.value;
  };
  /** The smallest VM with a screen; emulated, because KVM inside a VM may open and not run. */
  const recipe = (change: Partial<VmRecipe> = {}): VmRecipe =>
    plain('linux', {
      uuid,
      name: 'seen',
      firmware: { kind: 'bios' },
      cpu: { ...plain('linux').cpu, accelerated: false, cores: 1, threads: 1 },
      memory: { sizeMiB: 128, pages: 'ordinary', limitMiB: null },
      disks: [{ kind: 'image', path: '/var/lib/libvirt/images/seen.qcow2', format: 'qcow2', bus: 'virtio', boot: 1 }],
      networks: [],
      display: { kind: 'vnc', password: 'aB3dEf9h' },
      ...change,
    });
  const created = (change: Partial<VmRecipe> = {}): VmAsked => ({ kind: 'create', recipe: recipe(change), disks: [{ path: '/var/lib/libvirt/images/seen.qcow2', format: 'qcow2', sizeGiB: 2 }], install: null, xml: null });
  async function apply(asked: VmAsked): Promise<VmRun> {
    const { review } = value(await drawHalves(bench, asked, null));
    news = [];
    value(await changes.apply(bench, { asked, host: null, approved: review.hash }));
    await changes.idle();
    return news.at(-1) ?? value(failed('internal'));
  }
  async function undo(run: VmRun): Promise<VmRun> {
    news = [];
    value(await changes.undo(bench, run.change ?? value(failed('internal'))));
    await changes.idle();
    return news.at(-1) ?? value(failed('internal'));
  }
  const volume = () => lookAtVolume(libvirt.ask, { pool: 'default', name: 'seen.qcow2' });

  test('a VM with emulated graphics is made with its disk, started, seen, stopped, and undone to nothing', async () => {
    const run = await apply(created());
    expect(run).toMatchObject({ at: 'done', problem: null });
    expect(value(await volume())).toMatchObject({ capacity: 2 * 2 ** 30 });
    expect(value(await consoleOf(libvirt, uuid, { 'virt-viewer': false, 'looking-glass': false }))).toMatchObject({ vnc: { why: 'not-running' }, viewers: [{ viewer: 'virt-viewer', installed: false }] });
    expect(await openScreen(libvirt, uuid)).toMatchObject({ ok: false, problem: { detail: { why: 'not-running' } } });
    value(await libvirt.act(uuid, 'start'));
    expect(value(await libvirt.state(uuid))).toBe('running');
    expect(value(await consoleOf(libvirt, uuid, { 'virt-viewer': true, 'looking-glass': false })).vnc).toEqual({ why: null });
    const screen = value(await openScreen(libvirt, uuid));
    expect(screen.password).toBe('aB3dEf9h');
    const streams = openStreams({ patience: 5000, silence: 5000 });
    const stream = value(streams.open(screen.socket, screen.first));
    const bytes = async (): Promise<Buffer> => Buffer.from(value(await streams.read(stream)).data, 'base64');
    expect((await bytes()).toString('latin1')).toBe('RFB 003.008\n');
    value(await streams.write(stream, Buffer.from('RFB 003.008\n').toString('base64')));
    // One way to show who one is, and it is VNC's password (RFC 6143, 7.1.2): nobody gets in without it.
    expect([...(await bytes())]).toEqual([1, 2]);
    expect(await undo(run)).toMatchObject({ at: 'failed', problem: { detail: { why: 'vm-runs' } } });
    value(await libvirt.act(uuid, 'force-off'));
    expect(value(await streams.read(stream))).toEqual({ data: '', ended: 'vm' });
    // The guest had no system and wrote nothing, so its disk is as it was made.
    expect(await undo(run)).toMatchObject({ at: 'undone', left: [] });
    expect(value(await libvirt.list())).toEqual([]);
    expect(value(await listPools(libvirt.ask))).toEqual([]);
  }, 120_000);

  test('an edit of somebody else’s VM and its undo leave it byte for byte, with its password', async () => {
    value(await libvirt.define(`<domain type='qemu'><name>theirs</name><uuid>${uuid}</uuid><title>made by hand</title><memory unit='MiB'>64</memory><vcpu>1</vcpu><os><type arch='x86_64' machine='q35'>hvm</type></os><devices><graphics type='vnc' autoport='yes' passwd='Secret99'><listen type='address' address='127.0.0.1'/></graphics></devices></domain>`));
    const before = value(await libvirt.xml(uuid));
    expect(before).toContain("passwd='Secret99'");
    const adopted = await apply({ kind: 'edit', uuid, edits: [{ kind: 'adopt' }, { kind: 'memory', sizeMiB: 96 }] });
    expect(adopted).toMatchObject({ at: 'done' });
    expect(value(await libvirt.list())[0]?.known).toMatchObject({ ours: true, memoryMiB: 96 });
    expect(value(await libvirt.xml(uuid))).toContain("passwd='Secret99'");
    expect(await undo(adopted)).toMatchObject({ at: 'undone' });
    expect(value(await libvirt.xml(uuid))).toBe(before);
    const gone = await apply({ kind: 'undefine', uuid });
    expect(value(await libvirt.list())).toEqual([]);
    expect(await undo(gone)).toMatchObject({ at: 'undone' });
    expect(value(await libvirt.xml(uuid))).toBe(before);
    value(await libvirt.undefine(uuid, 'delete'));
  }, 60_000);

  test('what libvirt refuses is put back, and its cause is told', async () => {
    const asked = created({ uuid: '7f0c2b52-6f0a-4d6c-9a1e-0c6d5a1b5002' });
    const drawn = value(await drawHalves(bench, asked, null));
    const odd: VmAsked = asked.kind === 'create' ? { ...asked, xml: (drawn.wanted.after ?? '').replace('</devices>', '  <odd/>\n  </devices>') } : asked;
    expect(await apply(odd)).toMatchObject({ at: 'failed', problem: { code: 'refused', detail: { why: 'schema' } } });
    expect(value(await libvirt.list())).toEqual([]);
    expect(value(await listPools(libvirt.ask))).toEqual([]);
    const checked = await checkDefinition(bench.side, drawn.wanted.after ?? '', null);
    expect(checked).toMatchObject({ faults: [], schema: true, known: { name: 'seen' } });
    const faulty = (drawn.wanted.after ?? '').replace(/<vcpu[^>]*>1</, '<vcpu>one<');
    const line = faulty.split('\n').findIndex((one) => one.includes('<vcpu>')) + 1;
    expect((await checkDefinition(bench.side, faulty, null)).faults).toMatchObject([{ code: 'schema', line, detail: { name: 'vcpu' } }]);
  }, 60_000);

  test('a network is made, starts with the computer, and is taken away again', async () => {
    // Over a bridge of the computer's own, which need not be there: this kind asks for no rules and no servers.
    const definition = "<network><name>default</name><forward mode='bridge'/><bridge name='nobridge0'/></network>";
    const change = { name: 'default', define: true, autostart: true };
    value(await startNetwork(libvirt.ask, change, definition));
    expect(value(await listNetworks(libvirt.peek))).toEqual([{ name: 'default', active: true, autostart: true }]);
    expect(await startNetwork(libvirt.ask, change, null)).toMatchObject({ ok: false, problem: { code: 'refused' } });
    expect(value(await usersOfNetwork(libvirt, 'default'))).toEqual([]);
    value(await stopNetwork(libvirt.ask, change));
    expect(value(await listNetworks(libvirt.peek))).toEqual([]);
    value(await stopNetwork(libvirt.ask, change));
  }, 60_000);

  test('killed at questions of the real one, the next start ends in the state before', async () => {
    const asked = created({ uuid: '7f0c2b52-6f0a-4d6c-9a1e-0c6d5a1b5003' });
    let reached = 0;
    const quiet = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    for (let at = 6; at < 30; at++) {
      const { review } = value(await drawHalves(bench, asked, null));
      // Drawing anew takes its questions first; the kill comes after them.
      killAt = at;
      const begun = await changes.apply(bench, { asked, host: null, approved: review.hash }).catch(() => null);
      await changes.idle();
      const whole = killAt >= 0;
      killAt = -1;
      if (begun?.ok === true && !whole) reached += 1;
      for (const { result } of await recoverVms(libvirt, bench.side.store)) value(result);
      if (whole) {
        await undo(news.at(-1) ?? value(failed('internal')));
        break;
      }
      expect(value(await libvirt.list()), String(at)).toEqual([]);
      expect(value(await listPools(libvirt.ask)), String(at)).toEqual([]);
    }
    quiet.mockRestore();
    expect(reached).toBeGreaterThan(6);
  }, 120_000);
});
