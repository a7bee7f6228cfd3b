// SPDX-License-Identifier: GPL-3.0-or-later
import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import type { TransactionId } from '../../contract/history';
import type { Intent } from '../../contract/plan';
import { apply } from '../../helper/apply';
import { draw, hashOf } from '../../helper/draw';
import { prune } from '../../helper/prune';
import { restore } from '../../helper/restore';
import { openTransaction } from '../../helper/transaction';
import { undo, undoLast } from '../../helper/undo';
import { saveVmPoint } from '../../helper/vm/save-vm';
import { lookStore } from '../../host/look-store';
import { setAttributes, unlink } from '../../rehearsal/disk';
import { find, linkAt, writeAt } from '../../rehearsal/files';
import { forkRunning } from '../../rehearsal/fork';
import { flushAll } from '../../rehearsal/flush';
import { plantVm, runVm } from '../../rehearsal/libvirt-state';
import { openRehearsal, rehearsalOf, type Rehearsal } from '../../rehearsal/machine';
import { corpusFacts } from '../rehearsal/corpus';

const vm = '7f0c2b52-6f0a-4d6c-9a1e-0c6d5a1b1102';
const nvram = '/var/lib/libvirt/qemu/nvram/win11_VARS.fd';
const tpm = `/var/lib/libvirt/swtpm/${vm}/tpm2/tpm2-00.permall`;
const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
const choices = [{ place: `vm-state:${vm}`, take: 'then' as const }];

let machine: Rehearsal;
const disk = () => machine.world.disk;
const text = (path: string): string | null => find(disk(), path)?.content.text ?? null;
const put = (path: string, content: string): void => { writeAt(disk(), path, content); flushAll(disk()); };
const owner = (path: string) => { const { uid, gid, mode } = find(disk(), path)?.attributes ?? {}; return { uid, gid, mode }; };

beforeEach(() => {
  machine = openRehearsal(corpusFacts('010-z370-i5-9400-gt1030'), {}, null);
  writeAt(disk(), '/usr/bin/virsh', 'program\n', { mode: 0o755 });
  plantVm(disk(), { uuid: vm, name: 'win11', nvram: 'variables of then', tpm: 'keys of then' });
  flushAll(disk());
});

async function saved(): Promise<TransactionId> {
  const done = await saveVmPoint(machine.desk(), { vm });
  if (!done.ok || done.value.transaction === null) throw new Error(JSON.stringify(done));
  return done.value.transaction;
}

async function back(transaction: TransactionId, wanted: typeof choices | [] = choices) {
  const to = { transaction, side: 'before' as const };
  const plan = draw(machine.eyes(), { kind: 'restore', to, choices: wanted });
  return plan.ok ? restore(machine.desk(), { to, choices: wanted, approved: hashOf(plan.value) }) : plan;
}

const guestWrites = (): void => {
  put(nvram, 'variables of now');
  put(tpm, 'keys of now');
};

describe('a VM that is off', () => {
  test('is saved into a point that tells digests and nothing else to everybody', async () => {
    const transaction = await saved();
    const [told] = lookStore(machine.eyes());
    expect(told?.summary).toMatchObject({ transaction, intent: 'save-vm', state: 'kept', steps: [] });
    expect(told?.moments[0]?.vms).toEqual([{ vm, nvram: sha('variables of then'), tpm: sha('keys of then') }]);
    for (const content of ['variables of then', 'keys of then']) expect(owner(`/var/lib/switchyard/contents/${sha(content)}`)).toEqual({ uid: 0, gid: 0, mode: 0o600 });
    expect(owner('/var/lib/switchyard/contents').mode).toBe(0o700);
  });

  test('gets its state back with owner and mode, and undo brings what its guest wrote since', async () => {
    const point = await saved();
    guestWrites();
    const done = await back(point);
    expect(done).toMatchObject({ ok: true, value: { state: 'kept' } });
    expect([text(nvram), text(tpm)]).toEqual(['variables of then', 'keys of then']);
    expect(owner(nvram)).toEqual({ uid: 64055, gid: 64055, mode: 0o600 });
    expect(owner(tpm)).toEqual({ uid: 102, gid: 106, mode: 0o600 });
    const undone = await undo(machine.desk(), { transaction: done.ok ? done.value.transaction! : point });
    expect(undone).toMatchObject({ ok: true, value: { state: 'undone' } });
    expect([text(nvram), text(tpm)]).toEqual(['variables of now', 'keys of now']);
  });

  test('keeps its state in a restore that does not ask for it', async () => {
    const point = await saved();
    guestWrites();
    expect(await back(point, [])).toMatchObject({ ok: true, value: { transaction: null } });
    expect(text(tpm)).toBe('keys of now');
  });

  test('that was never started then loses what it got since, its TPM’s folder with it, and undo brings it back', async () => {
    const other = 'aaaaaaaa-6f0a-4d6c-9a1e-0c6d5a1b1102';
    plantVm(disk(), { uuid: other, name: 'new', nvram: null, tpm: null });
    flushAll(disk());
    const done = await saveVmPoint(machine.desk(), { vm: other });
    const folder = `/var/lib/libvirt/swtpm/${other}/tpm2`;
    put(`${folder}/tpm2-00.permall`, 'keys');
    put(`${folder}/.lock`, '');
    setAttributes(disk(), find(disk(), `${folder}/tpm2-00.permall`)!, { uid: 102, gid: 106, mode: 0o600 });
    const to = { transaction: done.ok ? done.value.transaction! : ('' as TransactionId), side: 'before' as const };
    const intent: Intent = { kind: 'restore', to, choices: [{ place: `vm-state:${other}`, take: 'then' }] };
    const plan = draw(machine.eyes(), intent);
    const gone = plan.ok && intent.kind === 'restore' ? await restore(machine.desk(), { to, choices: intent.choices, approved: hashOf(plan.value) }) : plan;
    expect(gone).toMatchObject({ ok: true, value: { state: 'kept' } });
    expect(find(disk(), folder)).toBeNull();
    const transaction = gone.ok && 'transaction' in gone.value ? gone.value.transaction! : to.transaction;
    expect(await undo(machine.desk(), { transaction })).toMatchObject({ ok: true });
    expect(text(`${folder}/tpm2-00.permall`)).toBe('keys');
  });

  test('is left as it is where its guest ran after the restore: undo says so and takes nothing away', async () => {
    const point = await saved();
    guestWrites();
    const done = await back(point);
    put(tpm, 'keys of a third day');
    expect(await undo(machine.desk(), { transaction: done.ok ? done.value.transaction! : point })).toMatchObject({ ok: false, problem: { code: 'undo-incomplete' } });
    expect(text(tpm)).toBe('keys of a third day');
  });

  test('whose copy in the store is damaged keeps what it has', async () => {
    const point = await saved();
    guestWrites();
    put(`/var/lib/switchyard/contents/${sha('keys of then')}`, 'somebody else’s');
    expect(await back(point)).toMatchObject({ ok: false, problem: { code: 'not-found', stepId: 'put-vm-7f0c2b52' } });
    expect([text(nvram), text(tpm)]).toEqual(['variables of now', 'keys of now']);
  });

  test('pruning keeps the copies that a point or an undo may need', async () => {
    const point = await saved();
    guestWrites();
    const done = await back(point);
    const opened = openTransaction(machine.desk(), done.ok ? done.value.transaction! : point);
    if (!opened.ok) throw new Error('it can be opened');
    await apply(machine.desk(), { intent: { kind: 'point', reason: 'more' }, approved: hashOf((draw(machine.eyes(), { kind: 'point', reason: 'more' }) as { value: Parameters<typeof hashOf>[0] }).value) });
    await prune(machine.desk(), opened.value, { transactions: 1, bytes: 1, newest: 1 });
    for (const content of ['keys of then', 'keys of now']) expect(text(`/var/lib/switchyard/contents/${sha(content)}`)).toBe(content);
  });
});

describe('nothing is done', () => {
  const store = (): readonly string[] => [...(find(disk(), '/var/lib/switchyard')?.entries.keys() ?? [])].filter((name) => /^[0-9a-f]{16}$/.test(name));

  test.each<[string, () => void, object]>([
    ['while it runs', () => { runVm(disk(), 'win11', true); }, { code: 'precondition-failed', detail: { why: 'vm-running' } }],
    ['while it sleeps on the disk', () => { put('/var/lib/libvirt/qemu/save/win11.save', 'memory'); }, { code: 'precondition-failed', detail: { why: 'vm-sleeps' } }],
    ['where libvirt knows no such VM', () => { put('/etc/libvirt/qemu/win11.xml', '<domain/>'); }, { code: 'precondition-failed', detail: { why: 'vm-unknown' } }],
    ['where its variables lie elsewhere', () => { put('/etc/libvirt/qemu/win11.xml', `<domain><name>win11</name><uuid>${vm}</uuid><os><nvram>/etc/shadow</nvram></os></domain>`); }, { code: 'refused', detail: { why: 'vm-elsewhere' } }],
    ['where its name leads out of the folder', () => { put('/etc/libvirt/qemu/win11.xml', `<domain><name>../../../etc/x</name><uuid>${vm}</uuid><os><nvram>/var/lib/libvirt/qemu/nvram/../../../etc/x_VARS.fd</nvram></os></domain>`); }, { code: 'refused', detail: { why: 'vm-name' } }],
    ['where its variables are a link', () => { unlink(disk(), find(disk(), '/var/lib/libvirt/qemu/nvram')!, 'win11_VARS.fd'); linkAt(disk(), nvram, '/etc/shadow'); }, { code: 'precondition-failed', detail: { why: 'link' } }],
    ['where a person owns the folder', () => { setAttributes(disk(), find(disk(), '/var/lib/libvirt/qemu/nvram')!, { uid: 1000, gid: 1000, mode: 0o755 }); }, { code: 'precondition-failed', detail: { why: 'owner' } }],
    ['where others may write', () => { setAttributes(disk(), find(disk(), nvram)!, { mode: 0o666 }); }, { code: 'precondition-failed', detail: { why: 'writable' } }],
  ])('%s', async (_name, change, problem) => {
    change();
    expect(await saveVmPoint(machine.desk(), { vm })).toMatchObject({ ok: false, problem });
    expect(store()).toEqual([]);
  });

  test('when it was started between reading and restoring', async () => {
    const point = await saved();
    guestWrites();
    runVm(disk(), 'win11', true);
    expect(await back(point)).toMatchObject({ ok: false, problem: { code: 'precondition-failed', detail: { why: 'vm-running' } } });
    expect([text(nvram), text(tpm)]).toEqual(['variables of now', 'keys of now']);
  });

  test('by apply: saving a VM has its own verb and its own question', async () => {
    expect(await apply(machine.desk(), { intent: { kind: 'save-vm', vm }, approved: hashOf((draw(machine.eyes(), { kind: 'save-vm', vm }) as { value: Parameters<typeof hashOf>[0] }).value) })).toMatchObject({ ok: false, problem: { code: 'protocol' } });
  });
});

test('killed, failed or lied to at any operation, a restore of a VM ends as before or is undone to it', async () => {
  const point = await saved();
  guestWrites();
  const start = machine.world;
  const plan = draw(machine.eyes(), { kind: 'restore', to: { transaction: point, side: 'before' }, choices });
  if (!plan.ok) throw new Error('it can be drawn');
  const approved = hashOf(plan.value);
  let last = 0;
  const whole = forkRunning(start, 0);
  whole.faults.onOperation = ({ number }) => { last = number; };
  expect(await restore(rehearsalOf(whole).desk(), { to: { transaction: point, side: 'before' }, choices, approved })).toMatchObject({ ok: true });
  for (let at = 1; at <= last; at += 1)
    for (const kind of ['fails', 'killed', 'lies', 'power'] as const) {
      const world = forkRunning(start, at);
      world.faults = { ...world.faults, at: new Map([[at, kind]]), onOperation: () => undefined };
      const rehearsal = rehearsalOf(world);
      try {
        await restore(rehearsal.desk(), { to: { transaction: point, side: 'before' }, choices, approved });
      } catch {
        // Killed, or without power.
      }
      world.faults = { ...world.faults, at: new Map() };
      if (world.kernel === null) await rehearsal.start();
      // What a start may not do, the person's next undo in the running system does.
      for (let more = 0; more < 2 && rehearsal.waits(); more += 1) {
        await undoLast(rehearsal.desk());
        await rehearsal.restart();
      }
      const now = [find(world.disk, nvram)?.content.text, find(world.disk, tpm)?.content.text];
      const named = `${kind} at ${at}: ${String(now[0])}, ${String(now[1])}`;
      expect(rehearsal.waits(), named).toBe(false);
      expect([['variables of now', 'keys of now'], ['variables of then', 'keys of then']], named).toContainEqual(now);
      expect([...(find(world.disk, '/var/lib/libvirt/qemu/nvram')?.entries.keys() ?? [])], named).toEqual(['win11_VARS.fd']);
    }
  expect(last).toBeGreaterThan(50);
}, 300_000);
