// SPDX-License-Identifier: GPL-3.0-or-later
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { asks } from '../../../contract/ui';
import type { PciAddress } from '../../../contract/pci';
import type { MachineId } from '../../../contract/target';
import { identityOf } from '../../../core/plan/device-set';
import type { Dispatch } from '../../../main/dispatch';
import { openDoors, type Doors } from '../../../main/desktop/doors';
import { watchFolders } from '../../../main/desktop/hand-watch';
import type { TrayView } from '../../../main/desktop/tray-view';
import { freshApp } from '../fresh-app';

const { app, good } = freshApp();
let machine: MachineId;
let doors: Doors | undefined;
let drawn: (TrayView | null)[] = [];
let shown: (string | null)[] = [];
let asked: string[] = [];
let watched: (() => void) | null = null;

beforeEach(async () => {
  [drawn, shown, asked, watched] = [[], [], [], null];
  machine = (await good('machine.rehearse', { of: { kind: 'recording', recording: 'z690-uhd770-rx6700xt-rx560' }, choices: {} })).entry.machine;
});
afterEach(() => doors?.close());

/** Sets a card up and makes a VM that has it, in the rehearsal. */
async function withCard(): Promise<string> {
  const { facts, assessment } = await good('machine.look', { machine, again: false });
  const chosen = assessment.cards.find((one) => one.ways.some((way) => way.kind === 'on-demand' && way.possible !== 'no'));
  if (chosen === undefined) throw new Error('no card can move');
  const addresses = new Set<PciAddress>([chosen.gpu, ...chosen.companions]);
  const intent = { kind: 'on-demand' as const, devices: facts.pci.functions.filter((one) => addresses.has(one.address)).map(identityOf) };
  const { review } = await good('plan.draw', { machine, intent });
  await good('run.apply', { machine, intent, approved: review.hash });
  await expect.poll(async () => (await good('run.state', { machine })).run?.at, { timeout: 20_000 }).toBe('kept');
  const wish = { uuid: null, name: 'guest', system: 'linux' as const, use: 'work' as const, mode: { mode: 'passthrough' as const, way: 'on-demand' as const, card: chosen.gpu }, disk: { kind: 'new' as const, sizeGiB: 20, folder: null }, cores: null, memoryMiB: 4096, install: null };
  const { recipe, disks, install } = await good('vm.draft', { machine, wish });
  const made = { kind: 'create' as const, recipe, disks, install, xml: null };
  const { review: read } = await good('vm.draw', { machine, asked: made, host: null });
  await good('vm.apply', { machine, asked: made, host: null, approved: read.hash });
  await expect.poll(async () => (await good('hand.list', { machine })).vms.length, { timeout: 20_000 }).toBe(1);
  return recipe.uuid;
}

function open({ stays = false, dispatch = app().dispatch }: { stays?: boolean; dispatch?: Dispatch } = {}): Doors {
  doors = openDoors({
    dispatch: (name, input) => {
      asked.push(String(name));
      return dispatch(name, input);
    },
    news: app().news,
    machine,
    language: () => 'en',
    stays: () => stays,
    show: (vm) => shown.push(vm),
    draw: (view) => drawn.push(view),
    watch: (changed) => {
      watched = changed;
      return () => (watched = null);
    },
  });
  return doors;
}

const last = (): TrayView | null | undefined => drawn.at(-1);
const first = (): string | undefined => {
  const entry = last()?.entries[0];
  return entry?.kind === 'vm' ? `${entry.label}${entry.enabled ? '' : ' (off)'}` : undefined;
};

describe('the doors beside the window', () => {
  test('move a card from the menu and back by the key, and show each state on the way', { timeout: 120_000 }, async () => {
    const uuid = await withCard();
    const there = open();
    await expect.poll(first).toBe('Hand the card to guest');
    expect(last()?.icon).toBe('home');
    expect(await there.wish('over', uuid)).toEqual({ do: 'over', vm: uuid });
    await expect.poll(first).toBe('Handing the card to guest… (off)');
    expect(await there.wish('either')).toEqual({ do: 'nothing' });
    await expect.poll(first, { timeout: 60_000 }).toBe('Take the card back from guest');
    expect(last()).toMatchObject({ icon: 'away', tip: 'Switchyard: a virtual machine has the card' });
    expect((await good('hand.list', { machine })).run).toMatchObject({ doing: 'give', end: 'given' });
    expect(await there.wish('over')).toEqual({ do: 'show', vm: uuid });
    expect(shown).toEqual([uuid]);
    expect(await there.wish('either')).toEqual({ do: 'back', vm: uuid });
    await expect.poll(first, { timeout: 60_000 }).toBe('Hand the card to guest');
    expect((await good('hand.list', { machine })).run).toMatchObject({ doing: 'take', end: 'home' });
    expect(shown).toEqual([uuid]);
    // Nothing is asked that the window could not ask, and a plug is never pulled.
    expect(new Set(asked)).toEqual(new Set(['hand.list', 'hand.over', 'hand.back']));
  });

  test('show the window where a move was refused, at the page of its VM', { timeout: 60_000 }, async () => {
    const uuid = await withCard();
    const refused: Dispatch = (name, input) => (name === 'hand.over' ? Promise.resolve({ ok: false, problem: { code: 'busy', detail: {} } }) : app().dispatch(name, input));
    await open({ dispatch: refused }).wish('over', uuid);
    expect(shown).toEqual([uuid]);
  });

  test('never pull a plug', { timeout: 60_000 }, async () => {
    const uuid = await withCard();
    const backs: unknown[] = [];
    const list = await good('hand.list', { machine });
    const running = { ok: true as const, value: asks['hand.list'].out.parse({ ...list, vms: list.vms.map((vm) => ({ ...vm, state: 'running' })) }) };
    const dispatch: Dispatch = (name, input) => {
      if (name === 'hand.back') backs.push(input);
      return Promise.resolve(name === 'hand.list' ? running : { ok: true, value: {} });
    };
    await open({ dispatch }).wish('back', uuid);
    expect(backs).toEqual([{ machine, uuid, force: false }]);
  });

  test('show no icon where no card can move, ask libvirt nothing, and lead every wish to the window', async () => {
    const there = open();
    await expect.poll(last).toBeNull();
    for (const wish of ['over', 'back', 'either'] as const) expect(await there.wish(wish)).toEqual({ do: 'show', vm: null });
    expect(await there.wish('over', 'no such thing')).toEqual({ do: 'show', vm: null });
    expect(shown).toEqual([null, null, null, null]);
    expect(drawn).toEqual([null]);
  });

  test('look only when something is told', async () => {
    open({ stays: true });
    await expect.poll(last).toMatchObject({ entries: [{ kind: 'open' }, { kind: 'quit' }] });
    await new Promise((resolve) => setTimeout(resolve, 900));
    expect(asked).toEqual(['hand.list']);
    watched?.();
    watched?.();
    await expect.poll(() => asked.length).toBe(2);
    doors?.close();
    expect(watched).toBeNull();
  });
});

describe('what root writes is seen', () => {
  let folder = '';
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'switchyard-watch-'))));
  afterEach(() => { rmSync(folder, { recursive: true, force: true }); });

  test('also in a folder that came later', async () => {
    let told = 0;
    const inner = path.join(folder, 'hand-off');
    const stop = watchFolders([inner, folder], () => (told += 1));
    mkdirSync(inner);
    await expect.poll(() => told).toBeGreaterThan(0);
    told = 0;
    writeFileSync(path.join(inner, 'x.json'), '1');
    await expect.poll(() => told).toBeGreaterThan(0);
    stop();
    const before = told;
    writeFileSync(path.join(inner, 'y.json'), '1');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(told).toBe(before);
  });

  test('and where there is nothing to watch nothing breaks', () => {
    const stop = watchFolders([path.join(folder, 'none/of/these')], () => undefined);
    expect(stop).not.toThrow();
  });
});
