// SPDX-License-Identifier: GPL-3.0-or-later
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { transactionId } from '../../../contract/history';
import { failed, ok, type Result } from '../../../contract/problem';
import { changeVm, halfOf, recoverVms, undoVm } from '../../../main/vm/half';
import { openHalfStore, type HalfStore } from '../../../main/vm/half-store';
import type { Libvirt } from '../../../main/vm/libvirt';

const uuid = '7f0c2b52-6f0a-4d6c-9a1e-0c6d5a1b1101';
const number = (at: number) => transactionId.parse(at.toString(16).padStart(16, '0'));
const tx = number(1);
const [old, wanted] = ['<domain><name>old</name></domain>', '<domain><name>new</name></domain>'];

/** A libvirt that keeps one definition in its own form, and can be stopped at any call: `before` it acts or after. */
function memory(stored: string | null) {
  const state = { stored, calls: 0, stopAt: -1, stopAfter: false, refuse: false, runs: false };
  class Stop extends Error {}
  const call = <T>(act: () => Result<T>): Promise<Result<T>> => {
    const stops = state.calls++ === state.stopAt;
    if (stops && !state.stopAfter) return Promise.reject(new Stop());
    const result = act();
    return stops ? Promise.reject(new Stop()) : Promise.resolve(result);
  };
  const form = (xml: string): string => xml.replace('</domain>', '<kept-by-libvirt/></domain>').replace('<kept-by-libvirt/><kept-by-libvirt/>', '<kept-by-libvirt/>');
  const unasked = () => Promise.resolve(failed('internal', { why: 'not asked here' }));
  const libvirt: Pick<Libvirt, 'xml' | 'define' | 'undefine' | 'state' | 'ask' | 'live' | 'list'> = {
    state: () => Promise.resolve(ok(state.runs ? 'running' : 'off')),
    ask: unasked,
    live: unasked,
    list: unasked,
    xml: () => call(() => (state.stored === null ? failed('refused', { why: 'vm-missing' }) : ok(state.stored))),
    define: (xml) => call(() => {
      if (state.refuse) return failed('refused', { why: 'schema' });
      const before = state.stored;
      state.stored = form(xml);
      return ok({ before });
    }),
    undefine: () => call(() => {
      if (state.stored === null) return failed('refused', { why: 'vm-missing' });
      state.stored = null;
      return ok(undefined);
    }),
  };
  return { state, libvirt };
}

let folder: string;
let store: HalfStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-half-'));
  store = openHalfStore(join(folder, 'vm'));
});
afterEach(() => { rmSync(folder, { recursive: true, force: true }); });

const stored = '<domain><name>old</name><kept-by-libvirt/></domain>';
const cases = [
  ['a new VM', null, wanted],
  ['a VM changed', stored, wanted],
  ['a VM taken away', stored, null],
] as const;

describe('the VM half of a restore point', () => {
  test.each(cases)('%s: done, and undone to what was', async (_name, before, xml) => {
    const { state, libvirt } = memory(before);
    expect(await changeVm(libvirt, store, { id: tx, uuid, xml })).toMatchObject({ ok: true, value: { state: 'done', before, after: state.stored } });
    expect(await undoVm(libvirt, store, tx)).toMatchObject({ ok: true, value: { state: 'undone' } });
    expect(state.stored).toBe(before);
    expect(await undoVm(libvirt, store, tx)).toMatchObject({ ok: true, value: { state: 'undone' } });
    expect(state.stored).toBe(before);
  });

  test.each(cases)('%s: killed at any call of libvirt, the next start ends in the state before or after', async (_name, before, xml) => {
    for (const stopAfter of [false, true])
      for (let stopAt = 0; stopAt < 3; stopAt++) {
        const { state, libvirt } = memory(before);
        const id = number(stopAt * 2 + Number(stopAfter));
        Object.assign(state, { stopAt, stopAfter });
        await expect(changeVm(libvirt, store, { id, uuid, xml })).rejects.toThrow();
        state.stopAt = -1;
        for (const { result } of await recoverVms(libvirt, store)) expect(result.ok).toBe(true);
        expect(state.stored, `${stopAt} ${String(stopAfter)}`).toBe(before);
        expect(await recoverVms(libvirt, store)).toEqual([]);
      }
  });

  test.each(cases)('%s: killed at any call while it is put back, the next start ends it', async (_name, before, xml) => {
    for (const stopAfter of [false, true])
      for (let stopAt = 0; stopAt < 2; stopAt++) {
        const { state, libvirt } = memory(before);
        const id = number(stopAt * 2 + Number(stopAfter));
        expect((await changeVm(libvirt, store, { id, uuid, xml })).ok).toBe(true);
        Object.assign(state, { stopAt, stopAfter, calls: 0 });
        await expect(undoVm(libvirt, store, id)).rejects.toThrow();
        state.stopAt = -1;
        expect((await undoVm(libvirt, store, id)).ok).toBe(true);
        expect(state.stored).toBe(before);
      }
  });

  test('what libvirt refuses changes nothing and leaves nothing to recover', async () => {
    const { state, libvirt } = memory(stored);
    state.refuse = true;
    expect(await changeVm(libvirt, store, { id: tx, uuid, xml: wanted })).toMatchObject({ ok: false, problem: { detail: { why: 'schema' } } });
    expect(state.stored).toBe(stored);
    expect(await recoverVms(libvirt, store)).toEqual([]);
  });

  test("somebody's later change is not overwritten", async () => {
    const { state, libvirt } = memory(stored);
    await changeVm(libvirt, store, { id: tx, uuid, xml: wanted });
    state.stored = '<domain><name>theirs</name></domain>';
    expect(await undoVm(libvirt, store, tx)).toMatchObject({ ok: false, problem: { code: 'precondition-failed' } });
    expect(state.stored).toContain('theirs');
  });

  test('a VM that runs is not taken away from under its guest', async () => {
    const { state, libvirt } = memory(null);
    await changeVm(libvirt, store, { id: tx, uuid, xml: wanted });
    state.runs = true;
    expect(await undoVm(libvirt, store, tx)).toMatchObject({ ok: false, problem: { code: 'precondition-failed', detail: { why: 'vm-runs' } } });
    expect(state.stored).not.toBeNull();
    state.runs = false;
    expect(await undoVm(libvirt, store, tx)).toMatchObject({ ok: true, value: { state: 'undone' } });
  });

  test('one that waited was read as a change of the definition there was then, and of no other', async () => {
    const { state, libvirt } = memory(stored);
    const change = { id: tx, uuid, xml: wanted };
    store.write(halfOf(change, stored, 'waiting'));
    state.stored = '<domain><name>theirs</name></domain>';
    expect(await changeVm(libvirt, store, change)).toMatchObject({ ok: false, problem: { code: 'precondition-failed', detail: { why: 'vm-changed' } } });
    expect(state.stored).toContain('theirs');
    state.stored = stored;
    expect(await changeVm(libvirt, store, change)).toMatchObject({ ok: true, value: { state: 'done' } });
  });

  test('a process that is still at it is not put back by another one', async () => {
    const { state, libvirt } = memory(stored);
    Object.assign(state, { stopAt: 1, stopAfter: true });
    await expect(changeVm(libvirt, store, { id: tx, uuid, xml: wanted, about: { by: 'it' } })).rejects.toThrow();
    state.stopAt = -1;
    expect(await recoverVms(libvirt, store, (by) => by === 'it')).toEqual([]);
    expect(state.stored).not.toBe(stored);
    expect(await recoverVms(libvirt, store, () => false)).toMatchObject([{ id: tx, result: { ok: true } }]);
    expect(state.stored).toBe(stored);
  });

  test('an id is used once', async () => {
    const { libvirt } = memory(null);
    await changeVm(libvirt, store, { id: tx, uuid, xml: wanted });
    expect(await changeVm(libvirt, store, { id: tx, uuid, xml: old })).toMatchObject({ ok: false, problem: { code: 'busy' } });
    expect(store.read('../tx')).toMatchObject({ ok: false, problem: { code: 'bad-input' } });
  });

  test('where nothing can be written down, libvirt is not asked to change anything', async () => {
    writeFileSync(join(folder, 'vm'), 'a file in the way');
    const { state, libvirt } = memory(stored);
    expect((await changeVm(libvirt, store, { id: tx, uuid, xml: wanted })).ok).toBe(false);
    expect(state.stored).toBe(stored);
  });

  test('is kept where only the person can read it, and nothing half written is left', async () => {
    const { libvirt } = memory(null);
    await changeVm(libvirt, store, { id: tx, uuid, xml: wanted });
    const at = join(folder, 'vm');
    expect([statSync(at).mode & 0o777, statSync(join(at, `${tx}.json`)).mode & 0o777]).toEqual([0o700, 0o600]);
    expect(readdirSync(at)).toEqual([`${tx}.json`]);
  });

  test.each(['', '{', '{"schema":1}', '{"schema":2}', 'null'])('a damaged record %j is told and touches nothing', async (text) => {
    mkdirSync(join(folder, 'vm'), { mode: 0o700 });
    writeFileSync(join(folder, 'vm', `${tx}.json`), text);
    chmodSync(join(folder, 'vm', `${tx}.json`), 0o600);
    const { state, libvirt } = memory(stored);
    expect(await recoverVms(libvirt, store)).toMatchObject([{ id: tx, result: { ok: false, problem: { code: 'history-damaged' } } }]);
    expect((await undoVm(libvirt, store, tx)).ok).toBe(false);
    expect([state.stored, state.calls]).toEqual([stored, 0]);
  });
});
