// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import { planHash, type Intent } from '../../../contract/plan';
import type { Result } from '../../../contract/problem';
import { machineId } from '../../../contract/target';
import type { VmAsked, VmRun } from '../../../contract/vm-change';
import { assess } from '../../../core/judge/assess';
import { probe } from '../../../host/probe';
import { openNews } from '../../../main/dispatch';
import { handsOfRehearsal } from '../../../main/hands-rehearsal';
import { openRuns } from '../../../main/runs';
import { openChanges, type VmBench } from '../../../main/vm/changes';
import { draftFor } from '../../../main/vm/draft';
import { drawHalves } from '../../../main/vm/drawing';
import { openRehearsal } from '../../../rehearsal/machine';
import { sampleFacts } from '../../rehearsal/sample';

const value = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return result.value;
};

/** One machine, and programs on it that come and go. */
function machine() {
  const rehearsal = openRehearsal(sampleFacts(), {}, null);
  const hands = handsOfRehearsal(rehearsal);
  const bench: VmBench = { machine: machineId.parse('rehearsal-1'), hands, side: hands.vmSide() };
  const program = () => {
    const news = openNews();
    const told: VmRun[] = [];
    news.subscribe((name, body) => {
      if (name === 'vm.news') told.push(body as VmRun);
    });
    const runs = openRuns(news, Date.now);
    return { runs, changes: openChanges(news, runs, Date.now), told };
  };
  return { bench, program };
}

async function draft({ hands, side }: VmBench): Promise<VmAsked> {
  const facts = probe(hands.eyes());
  const host = value(await side.libvirt.host());
  const wish = { uuid: null, name: 'guest', system: 'linux' as const, use: 'work' as const, mode: { mode: 'vga' as const }, disk: { kind: 'new' as const, sizeGiB: 8, folder: null }, cores: null, memoryMiB: 1024, install: null };
  const { recipe, disks, install } = value(draftFor(wish, { facts, assessment: assess(facts), host, folders: [] }));
  return { kind: 'create', recipe, disks, install, xml: null };
}
const names = async ({ side }: VmBench) => value(await side.libvirt.list()).map((one) => one.known?.name);
const rest = async (runs: ReturnType<typeof openRuns>, bench: VmBench, at: string) => {
  await expect.poll(() => runs.state(bench)?.at, { timeout: 20_000 }).toBe(at);
};

describe('a crash between the halves', () => {
  const host: Intent = { kind: 'vm-host', needs: ['cards'] };

  test('the host half was done and the VM half not begun: the next start of the program ends it, under the same id', async () => {
    const { bench, program } = machine();
    const [before, after] = [program(), program()];
    const asked = await draft(bench);
    const drawing = value(await drawHalves(bench, asked, host));
    const run = value(await before.changes.apply(bench, { asked, host, approved: drawing.review.hash }));
    // The first program is gone as soon as root has begun: nobody in it hears the end. What it wrote down is all there is.
    expect(run).toMatchObject({ at: 'host', change: null });
    const written = bench.side.store.ids().map((id) => value(bench.side.store.read(id)));
    expect(written).toMatchObject([{ state: 'waiting', host: { plan: drawing.host?.review.hash, transaction: null } }]);
    await rest(before.runs, bench, 'kept');
    await before.changes.idle();
    const [done] = bench.hands.summaries();
    // As the crash would have left it: the half under its own id, not yet begun.
    const [half] = written;
    if (half === undefined || done === undefined) throw new Error('nothing was written');
    value(await undoOf(bench, before.changes, done.transaction));
    for (const id of bench.side.store.ids()) bench.side.store.drop(id);
    expect(await names(bench)).toEqual([]);

    const again = value(await drawHalves(bench, asked, host));
    const plan = planHash.parse(again.host?.review.hash);
    value(before.runs.apply(bench, host, plan));
    await rest(before.runs, bench, 'kept');
    value(bench.side.store.write({ ...half, by: null, host: { plan, transaction: null } }));
    await after.changes.settle(bench);
    expect(await names(bench)).toEqual(['guest']);
    const [newest] = bench.hands.summaries();
    expect(bench.side.store.ids()).toEqual([newest?.transaction]);
    expect(after.told.at(-1)).toMatchObject({ at: 'done', verb: 'apply' });
    // And it is undone as one: the VM's half first, then root's.
    value(await undoOf(bench, after.changes, newest?.transaction ?? ''));
    expect(await names(bench)).toEqual([]);
    expect(bench.hands.summaries()[0]).toMatchObject({ state: 'undone' });
  }, 60_000);

  test('the host half was never begun: the VM half is dropped, and nothing was made', async () => {
    const { bench, program } = machine();
    const asked = await draft(bench);
    const first = program();
    const drawing = value(await drawHalves(bench, asked, host));
    value(await first.changes.apply(bench, { asked, host, approved: drawing.review.hash }));
    const [id = ''] = bench.side.store.ids();
    const half = value(bench.side.store.read(id));
    await rest(first.runs, bench, 'kept');
    await first.changes.idle();
    value(await undoOf(bench, first.changes, bench.hands.summaries()[0]?.transaction ?? ''));
    for (const one of bench.side.store.ids()) bench.side.store.drop(one);
    // Approved for a plan that root never saw.
    value(bench.side.store.write({ ...half, by: null, host: { plan: planHash.parse('a'.repeat(64)), transaction: null } }));
    await program().changes.settle(bench);
    expect(value(bench.side.store.read(half.id))).toMatchObject({ state: 'undone' });
    expect(await names(bench)).toEqual([]);
  }, 60_000);

  test('a VM half that libvirt refuses takes the host half back with it', async () => {
    const { bench, program } = machine();
    const { changes, told, runs } = program();
    const asked = await draft(bench);
    const drawing = value(await drawHalves(bench, asked, host));
    // Somebody makes a disk of that name while root is at work.
    value(await changes.apply(bench, { asked, host, approved: drawing.review.hash }));
    const { ask } = bench.side.libvirt;
    value(await ask(['pool-define-as', '--name', 'default', '--type', 'dir', '--target', '/var/lib/libvirt/images']));
    await changes.idle();
    await rest(runs, bench, 'undone');
    expect(told.at(-1)).toMatchObject({ at: 'failed', problem: { code: 'refused' } });
    expect(bench.hands.summaries()[0]).toMatchObject({ state: 'undone' });
    expect(await names(bench)).toEqual([]);
  }, 60_000);
});

async function undoOf(bench: VmBench, changes: ReturnType<typeof openChanges>, transaction: string): Promise<Result<VmRun>> {
  const half = bench.hands.summaries().find((one) => one.transaction === transaction);
  const started = half === undefined ? null : await changes.undo(bench, half.transaction);
  await changes.idle();
  return started ?? { ok: false, problem: { code: 'not-found', detail: {} } };
}
