// SPDX-License-Identifier: GPL-3.0-or-later
import { beforeEach, describe, expect, test } from 'vitest';
import type { AskName } from '../../../contract/names';
import type { Intent } from '../../../contract/plan';
import type { MachineId } from '../../../contract/target';
import type { AskIn } from '../../../contract/ui';
import type { VmDraftWish } from '../../../contract/vm-asks';
import type { VmAsked, VmRun } from '../../../contract/vm-change';
import { freshApp } from '../fresh-app';

const { app, ask, good, heard, forgetNews } = freshApp();
let machine: MachineId;
beforeEach(async () => {
  machine = (await good('machine.rehearse', { of: { kind: 'recording', recording: 'z690-uhd770-rx6700xt-rx560' }, choices: {} })).entry.machine;
});

const problemOf = async <N extends AskName>(name: N, input: AskIn<N>) => {
  const answer = await ask(name, input);
  return answer.ok ? 'done' : `${answer.problem.code} ${answer.problem.detail['why'] ?? answer.problem.detail['what'] ?? ''}`;
};
/** The last word of a run that is at rest. */
async function rest(): Promise<VmRun> {
  await expect.poll(() => heard('vm.news').at(-1)?.at ?? '', { timeout: 20_000, interval: 50 }).toMatch(/^(?:waiting|done|undone|failed|undo-incomplete)$/);
  await expect.poll(() => app().underWay(), { timeout: 20_000 }).toBe(false);
  const last = heard('vm.news').at(-1);
  if (last === undefined) throw new Error('no news');
  return last;
}
const wish: VmDraftWish = { uuid: null, name: 'guest', system: 'linux', use: 'work', mode: { mode: 'vga' }, disk: { kind: 'new', sizeGiB: 20, folder: null }, cores: null, memoryMiB: 4096, install: null };
async function draft(change: Partial<VmDraftWish> = {}): Promise<Extract<VmAsked, { kind: 'create' }>> {
  const { recipe, disks, install } = await good('vm.draft', { machine, wish: { ...wish, ...change } });
  return { kind: 'create', recipe, disks, install, xml: null };
}
async function apply(asked: VmAsked, host: Intent | null = null): Promise<VmRun> {
  const { review } = await good('vm.draw', { machine, asked, host });
  forgetNews();
  await good('vm.apply', { machine, asked, host, approved: review.hash });
  return rest();
}
async function undo(run: VmRun): Promise<VmRun> {
  if (run.change === null) throw new Error('no change');
  forgetNews();
  await good('vm.undo', { machine, change: run.change });
  return rest();
}
/** The card the judge would give away. */
async function spareCard() {
  const { assessment } = await good('machine.look', { machine, again: false });
  const { target } = assessment.recommendation;
  if (target === null) throw new Error('no card');
  return target;
}
const list = async () => (await good('vm.list', { machine })).vms;
const shape = async () => ({ vms: (await list()).map((one) => one.uuid), folders: (await good('vm.choices', { machine, system: 'linux', use: 'work' })).folders, networks: (await good('vm.choices', { machine, system: 'linux', use: 'work' })).networks });

describe('a VM in a rehearsal', () => {
  test('from a wish to a running VM, stopped, undone: libvirt is as before', async () => {
    const before = await shape();
    const asked = await draft();
    const drawn = await good('vm.draw', { machine, asked, host: null });
    expect(drawn.review.steps.map(({ id, phase }) => [id, phase])).toEqual([['vm-network', 'now'], ['vm-pool', 'now'], ['vm-disk-1', 'now'], ['vm-define', 'now']]);
    expect(drawn).toMatchObject({ before: null, name: 'guest', known: { ours: true }, review: { nothingToDo: false, needsRestart: false } });
    const run = await apply(asked);
    expect(run).toMatchObject({ at: 'done', verb: 'apply', host: false, problem: null });
    expect(run.steps.every((step) => step.state === 'verified')).toBe(true);
    expect(await list()).toMatchObject([{ uuid: asked.recipe.uuid, state: 'off', known: { name: 'guest', ours: true } }]);
    expect(await good('vm.act', { machine, uuid: asked.recipe.uuid, act: 'start' })).toMatchObject({ state: 'running' });
    expect(await problemOf('vm.act', { machine, uuid: asked.recipe.uuid, act: 'start' })).toBe('refused already-running');
    expect(await good('vm.act', { machine, uuid: asked.recipe.uuid, act: 'pause' })).toMatchObject({ state: 'paused' });
    expect(await good('vm.act', { machine, uuid: asked.recipe.uuid, act: 'force-off' })).toMatchObject({ state: 'off' });
    const undone = await undo(run);
    // The guest ran and has written: its disk is the person's now, and what it lies in stays with it.
    expect(undone).toMatchObject({ at: 'undone', left: [{ code: 'vm.left.disk-used' }, { code: 'vm.left.pool' }] });
    expect((await shape()).vms).toEqual(before.vms);
    expect((await shape()).networks).toEqual(before.networks);
  }, 60_000);

  test('undone before it ever ran, nothing at all is left', async () => {
    const before = await shape();
    const run = await apply(await draft());
    expect(run.at).toBe('done');
    expect(await undo(run)).toMatchObject({ at: 'undone', left: [] });
    expect(await shape()).toEqual(before);
    expect(await problemOf('vm.undo', { machine, change: run.change ?? '' })).toBe('done');
  }, 60_000);

  test('a disk that another VM names stays, though nobody has written to it', async () => {
    const asked = await draft();
    const run = await apply(asked);
    const { after } = await good('vm.draw', { machine, asked: { kind: 'edit', uuid: asked.recipe.uuid, edits: [{ kind: 'memory', sizeMiB: 1024 }] }, host: null });
    const uuid = '00000000-0000-4000-8000-000000000002';
    await apply({ kind: 'xml', uuid, xml: (after ?? '').replace(asked.recipe.uuid, uuid).replace('<name>guest</name>', '<name>other</name>') });
    expect(await undo(run)).toMatchObject({ at: 'undone', left: [{ code: 'vm.left.disk-named' }, { code: 'vm.left.pool' }] });
    expect((await list()).map((one) => one.known?.name)).toEqual(['other']);
  }, 60_000);

  test('what its firmware remembers becomes a restore point, of one that is off and of no other', async () => {
    const asked = await draft();
    await apply(asked);
    const { uuid } = asked.recipe;
    await good('vm.act', { machine, uuid, act: 'start' });
    expect(await problemOf('vm.remember', { machine, uuid })).toBe('precondition-failed vm-running');
    await good('vm.act', { machine, uuid, act: 'force-off' });
    const { transaction } = await good('vm.remember', { machine, uuid });
    expect((await good('history.list', { machine })).entries[0]).toMatchObject({ transaction, intent: 'save-vm' });
    expect(await problemOf('vm.remember', { machine, uuid: '00000000-0000-4000-8000-000000000002' })).toBe('precondition-failed vm-unknown');
  }, 60_000);

  test('one that runs is not undone, and says so', async () => {
    const asked = await draft();
    const run = await apply(asked);
    await good('vm.act', { machine, uuid: asked.recipe.uuid, act: 'start' });
    expect(await undo(run)).toMatchObject({ at: 'failed', problem: { code: 'precondition-failed', detail: { why: 'vm-runs' } } });
    expect((await list())[0]?.state).toBe('running');
  }, 60_000);

  test('the approved hash is that of what is drawn, to the last byte, and a second VM of the name is refused', async () => {
    const asked = await draft();
    const { review } = await good('vm.draw', { machine, asked, host: null });
    const other: VmAsked = { ...asked, recipe: { ...asked.recipe, memory: { ...asked.recipe.memory, sizeMiB: 4097 } } };
    expect(await problemOf('vm.apply', { machine, asked: other, host: null, approved: review.hash })).toBe('plan-stale ');
    expect(await list()).toEqual([]);
    await apply(asked);
    expect(await problemOf('vm.apply', { machine, asked, host: null, approved: review.hash })).toBe('refused name-taken');
    expect(await problemOf('vm.draw', { machine, asked: await draft({ name: 'guest' }), host: null })).toBe('refused name-taken');
  }, 60_000);

  test('a Windows that installs itself: first without the card, then whole, and the disc with the password is gone', async () => {
    const card = await spareCard();
    const answers = { drivers: 'w11' as const, image: 'Windows 11 Pro', language: 'en-US', keyboard: '0409:00000409', timeZone: 'UTC', computer: 'GUEST', user: 'me', password: 'very secret', key: null, remoteDesktop: false, skipChecks: false };
    const downloads = '/home/user/Downloads';
    expect(await good('vm.disc', { machine, path: `${downloads}/windows-11.iso` })).toMatchObject({ kind: 'windows', system: 'windows-11' });
    expect(await good('vm.disc', { machine, path: `${downloads}/half-a-download.iso` })).toMatchObject({ kind: 'unusable', why: 'cut-short' });
    const asked = await draft({ name: 'win11', system: 'windows-11', use: 'play', mode: { mode: 'passthrough', way: 'dedicated', card }, disk: { kind: 'new', sizeGiB: 128, folder: null }, memoryMiB: 8192, install: { system: `${downloads}/windows-11.iso`, drivers: `${downloads}/virtio-win.iso`, answers } });
    const drawn = await good('vm.draw', { machine, asked, host: null });
    expect(drawn.known).toMatchObject({ functions: [], tpm: true, firmware: 'uefi' });
    expect(drawn.needs.map(({ code, met, beforeStart }) => [code, met, beforeStart])).toContainEqual(['card-dedicated', 'no', false]);
    expect(JSON.stringify(drawn)).not.toContain('very secret');
    const dedicate = drawn.needs.find((need) => need.code === 'card-dedicated')?.intent ?? null;
    expect(await problemOf('vm.draw', { machine, asked, host: dedicate })).toBe('refused answers-after-restart');
    const run = await apply(asked);
    expect(run).toMatchObject({ at: 'done' });
    expect((await list())[0]?.known?.disks.map((disk) => disk.place)).toContain('/var/lib/libvirt/images/win11-answers.iso');
    expect((await good('vm.act', { machine, uuid: asked.recipe.uuid, act: 'start' })).state).toBe('running');
    await good('vm.act', { machine, uuid: asked.recipe.uuid, act: 'shut-down' });
    const finish: VmAsked = { kind: 'finish', uuid: asked.recipe.uuid };
    expect((await good('vm.draw', { machine, asked: finish, host: null })).review.steps[0]?.list).toContainEqual({ code: 'step.vm-define.answers-go', detail: { path: '/var/lib/libvirt/images/win11-answers.iso' } });
    const whole = await apply(finish, dedicate);
    // The card is bound only after a restart and the person's answer: until then the VM is as it was.
    expect(whole).toMatchObject({ at: 'waiting', host: true });
    expect((await list())[0]?.known?.functions).toEqual([]);
    expect((await good('vm.list', { machine })).open).toMatchObject([{ at: 'waiting', name: 'win11' }]);
    await good('run.restart', { machine, firmware: false });
    forgetNews();
    await good('run.keep', { machine });
    expect(await rest()).toMatchObject({ at: 'done', change: whole.change });
    expect((await list())[0]?.known?.functions.map((one) => one.address)).toContain(card);
    expect((await list())[0]?.known?.disks).toHaveLength(1);
    expect(await good('vm.act', { machine, uuid: asked.recipe.uuid, act: 'start' })).toMatchObject({ state: 'running' });
    await good('vm.act', { machine, uuid: asked.recipe.uuid, act: 'force-off' });
    const history = (await good('history.list', { machine })).entries;
    expect(history.map(({ transaction, mayUndo, vm }) => [transaction, mayUndo, vm?.what])).toEqual([[whole.change, true, 'change'], [run.change, false, 'create']]);
    expect(await undo(whole)).toMatchObject({ at: 'undone' });
    expect((await list())[0]?.known?.functions).toEqual([]);
  }, 120_000);

  test('a host half that goes back takes the VM half with it, unbegun', async () => {
    const card = await spareCard();
    const asked = await draft({ mode: { mode: 'passthrough', way: 'dedicated', card } });
    const { needs } = await good('vm.draw', { machine, asked, host: null });
    const waiting = await apply(asked, needs.find((need) => need.code === 'card-dedicated')?.intent ?? null);
    expect(waiting.at).toBe('waiting');
    forgetNews();
    await good('run.go-back', { machine });
    expect(await rest()).toMatchObject({ at: 'undone', change: waiting.change });
    expect(await list()).toEqual([]);
    expect((await good('vm.list', { machine })).open).toEqual([]);
  }, 60_000);

  test('without its card set up it does not start, and the cause is told', async () => {
    const card = await spareCard();
    const asked = await draft({ mode: { mode: 'passthrough', way: 'dedicated', card } });
    await apply(asked);
    expect(await problemOf('vm.act', { machine, uuid: asked.recipe.uuid, act: 'start' })).toBe('refused not-detached');
  }, 60_000);

  test('a VM of somebody else is adopted by one mark, and given back byte for byte', async () => {
    const asked = await draft();
    await apply(asked);
    const uuid = asked.recipe.uuid;
    const ours = (await good('vm.xml', { machine, uuid })).xml;
    const theirs = ours.replace(/ {4}<switchyard:vm[^>]*\/>\n/, '').replace('<devices>', '<devices>\n    <!-- by hand -->');
    expect(await apply({ kind: 'xml', uuid, xml: theirs })).toMatchObject({ at: 'done' });
    expect((await list())[0]?.known?.ours).toBe(false);
    const adopted = await apply({ kind: 'edit', uuid, edits: [{ kind: 'adopt' }] });
    expect((await list())[0]?.known?.ours).toBe(true);
    expect(await undo(adopted)).toMatchObject({ at: 'undone' });
    expect((await good('vm.xml', { machine, uuid })).xml).toBe(theirs);
    expect(await apply({ kind: 'edit', uuid, edits: [{ kind: 'adopt' }, { kind: 'memory', sizeMiB: 2048 }] })).toMatchObject({ at: 'done' });
    expect((await good('vm.xml', { machine, uuid })).xml).toContain('<!-- by hand -->');
  }, 60_000);

  test("somebody's later change is not overwritten by an undo", async () => {
    const asked = await draft();
    const run = await apply(asked);
    await apply({ kind: 'edit', uuid: asked.recipe.uuid, edits: [{ kind: 'memory', sizeMiB: 2048 }] });
    expect(await undo(run)).toMatchObject({ at: 'failed', problem: { code: 'precondition-failed', detail: { why: 'vm-changed' } } });
    expect((await list())[0]?.known?.memoryMiB).toBe(2048);
  }, 60_000);

  test('the network of a VM that exists is started as a change of its own, which keeps the definition and is undone', async () => {
    const before = await shape();
    const asked = await draft();
    const { after } = await good('vm.draw', { machine, asked, host: null });
    const uuid = '00000000-0000-4000-8000-000000000003';
    const theirs = (after ?? '').replace(asked.recipe.uuid, uuid);
    // Somebody set it up, and the network was stopped since.
    await undo(await apply(asked));
    const first = await apply({ kind: 'xml', uuid, xml: theirs.replace(/<interface type='network'>[\s\S]*?<\/interface>/, '') });
    expect(first.at).toBe('done');
    await apply({ kind: 'xml', uuid, xml: theirs });
    expect((await shape()).networks).toEqual(before.networks);
    expect(await ask('vm.act', { machine, uuid, act: 'start' })).toMatchObject({ ok: false, problem: { code: 'refused', detail: { why: 'network-inactive', name: 'default' } } });

    const drawn = await good('vm.draw', { machine, asked: { kind: 'network', uuid }, host: null });
    expect(drawn.review.steps.map((step) => step.id)).toEqual(['vm-network']);
    const { xml } = await good('vm.xml', { machine, uuid });
    const run = await apply({ kind: 'network', uuid });
    expect(run).toMatchObject({ at: 'done', steps: [{ id: 'vm-network', state: 'verified' }] });
    expect((await shape()).networks).toMatchObject([{ name: 'default', active: true, autostart: true }]);
    expect((await good('vm.xml', { machine, uuid })).xml).toBe(xml);
    expect((await good('vm.draw', { machine, asked: { kind: 'network', uuid }, host: null })).review.nothingToDo).toBe(true);
    // What somebody makes of the definition afterwards is no reason against stopping the network again.
    await apply({ kind: 'edit', uuid, edits: [{ kind: 'memory', sizeMiB: 2048 }] });
    expect(await undo(run)).toMatchObject({ at: 'undone', left: [] });
    expect((await shape()).networks).toEqual(before.networks);
    expect((await list())[0]?.known?.memoryMiB).toBe(2048);
  }, 60_000);

  test('a VM taken away comes back as it was; its disk was never touched', async () => {
    const asked = await draft();
    await apply(asked);
    const uuid = asked.recipe.uuid;
    const { xml } = await good('vm.xml', { machine, uuid });
    const gone = await apply({ kind: 'undefine', uuid });
    expect(await list()).toEqual([]);
    expect(await undo(gone)).toMatchObject({ at: 'undone' });
    expect((await good('vm.xml', { machine, uuid })).xml).toBe(xml);
  }, 60_000);

  test('nothing is shown of a rehearsal, and no stream is opened to it', async () => {
    const asked = await draft();
    await apply(asked);
    const uuid = asked.recipe.uuid;
    await good('vm.act', { machine, uuid, act: 'start' });
    expect(await good('vm.console', { machine, uuid })).toEqual({ vnc: { why: 'rehearsal' }, serial: { command: null }, viewers: [] });
    expect(await problemOf('vm.stream-open', { machine, uuid, of: 'vnc' })).toBe('refused rehearsal');
    expect(await problemOf('vm.open-viewer', { machine, uuid, viewer: 'virt-viewer' })).toBe('refused rehearsal');
    expect(await good('vm.guest', { machine, uuid })).toEqual({ agent: false, system: null, host: null, addresses: [] });
  }, 60_000);
});

describe('what may come in', () => {
  test.each([
    ['a document type', '<!DOCTYPE domain [<!ENTITY a "b">]><domain/>', 'xml'],
    ['entities that grow', '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><domain>&b;</domain>', 'xml'],
    ['depth without end', '<a>'.repeat(5000), 'xml'],
    ['no XML at all', 'MZ\u0000\u0001', 'xml'],
    ['a network', '<network><name>x</name></network>', 'not-a-vm'],
  ])('a definition that is %s is told by its fault and never stored', async (_name, xml, code) => {
    const checked = await good('vm.check', { machine, xml, uuid: null });
    expect(checked.faults[0]).toMatchObject({ code });
    expect(checked.known).toBeNull();
    const asked = await draft();
    expect(await problemOf('vm.draw', { machine, asked: { ...asked, xml }, host: null })).toMatch(/^bad-input /);
  });

  test('an edit that would make another VM of it is refused, by line', async () => {
    const asked = await draft();
    const { after } = await good('vm.draw', { machine, asked, host: null });
    await apply(asked);
    const uuid = asked.recipe.uuid;
    const other = (after ?? '').replace(uuid, '00000000-0000-4000-8000-000000000001');
    expect((await good('vm.check', { machine, xml: other, uuid })).faults).toMatchObject([{ code: 'other-uuid', line: 3 }]);
    expect(await problemOf('vm.draw', { machine, asked: { kind: 'xml', uuid, xml: other }, host: null })).toBe('refused other-uuid');
    const renamed = (after ?? '').replace('<name>guest</name>', '<name>other</name>');
    expect((await good('vm.check', { machine, xml: renamed, uuid })).faults).toMatchObject([{ code: 'other-name', line: 2 }]);
    expect(await problemOf('vm.draw', { machine, asked: { kind: 'xml', uuid, xml: renamed }, host: null })).toBe('refused other-name');
  }, 60_000);

  test('shapes are exact: a path that climbs, a name that is an option, a stream that was never opened', async () => {
    const asked = await draft();
    const climbing: VmAsked = { ...asked, disks: [{ path: '/var/lib/libvirt/images/../../../etc/x.qcow2', format: 'qcow2', sizeGiB: 1 }] };
    expect(await problemOf('vm.draw', { machine, asked: climbing, host: null })).toBe('bad-input disk');
    const elsewhere: VmAsked = { ...asked, disks: [{ path: '/etc/x.qcow2', format: 'qcow2', sizeGiB: 1 }], recipe: { ...asked.recipe, disks: [{ kind: 'image', path: '/etc/x.qcow2', format: 'qcow2', bus: 'virtio', boot: 1 }] } };
    expect(await problemOf('vm.draw', { machine, asked: elsewhere, host: null })).toBe('refused pool-missing');
    expect(await problemOf('vm.draft', { machine, wish: { ...wish, name: '--all' } })).toBe('protocol shape');
    expect(await problemOf('vm.act', { machine, uuid: '--all', act: 'start' } as never)).toBe('protocol shape');
    expect(await problemOf('vm.apply', { machine, asked: { kind: 'undefine', uuid: asked.recipe.uuid }, host: { kind: 'point', reason: 'x' }, approved: '0'.repeat(64) } as never)).toBe('refused no-host-half');
    expect(await problemOf('vm.stream-read', { stream: '0'.repeat(32) })).toBe('not-found stream');
    expect(await problemOf('vm.stream-open', { machine, uuid: asked.recipe.uuid, of: 'vnc', address: '127.0.0.1:22' } as never)).toBe('protocol shape');
    expect(await problemOf('vm.list', { machine: 'dump-9' })).toBe('not-found machine');
  });
});
