// SPDX-License-Identifier: GPL-3.0-or-later
import { beforeEach, describe, expect, test } from 'vitest';
import { assess } from '../../core/judge/assess';
import { probe } from '../../host/probe';
import { apply, plan, undo, type Bench } from '../../main/cli/change';
import { goBack, keep, status } from '../../main/cli/trial';
import { handsOfRehearsal } from '../../main/hands-rehearsal';
import { differences } from '../../rehearsal/files';
import { openRehearsal, type Rehearsal } from '../../rehearsal/machine';
import { corpusFacts } from '../rehearsal/corpus';

let rehearsal: Rehearsal;
let bench: Bench;
let out = '';
let err = '';
const io = { out: (text: string) => void (out += text), err: (text: string) => void (err += text), language: 'en' as const, colour: false, width: 100 };

beforeEach(() => {
  out = '';
  err = '';
  rehearsal = openRehearsal(corpusFacts('026-z690-uhd770-rx6700xt-rx560'), {}, null);
  bench = { hands: handsOfRehearsal(rehearsal), person: null };
});

const told = (): unknown => JSON.parse(out.trim().split('\n').at(-1) ?? '');
const given = (): readonly string[] => [...(rehearsal.world.kernel?.functions.values() ?? [])].filter(({ driver }) => driver === 'vfio-pci').map(({ hardware }) => hardware.address);

function target(): string {
  return assess(probe(rehearsal.eyes())).recommendation.target ?? '';
}

describe('a card given away over ssh', () => {
  test('is read in three phases, applied, tried, kept and taken back', async () => {
    const chosen = target();
    const before = rehearsal.image();
    expect(await plan(['dedicate', chosen], io, bench)).toBe(0);
    for (const phase of ['Now', 'At the next start, once', 'Only if you keep it']) expect(out).toContain(`\n${phase}\n`);
    expect(out).toMatch(/^ {6}\+ .*switchyard\.bind/m);
    expect(differences(before, rehearsal.image())).toEqual([]);

    out = '';
    expect(await apply(['dedicate', chosen, '--yes'], io, bench)).toBe(0);
    expect(out).toContain('switchyard keep');
    expect(out).toMatch(/undo\.sh/);
    expect(err).toMatch(/\[1\/\d+\]/);
    out = '';
    expect(await status(['--json'], io, bench.hands)).toBe(0);
    expect(told()).toMatchObject({ kind: 'status', at: 'waiting-for-restart' });

    await rehearsal.restart();
    expect(given()).toContain(chosen);
    expect(await keep([], io, bench.hands)).toBe(0);
    await rehearsal.restart();
    expect(given()).toContain(chosen);

    out = '';
    expect(await undo(['--yes', '--json'], io, bench)).toBe(0);
    expect(told()).toMatchObject({ kind: 'undo', ok: true, outcome: { state: 'undone', restart: true } });
    await rehearsal.restart();
    expect(given()).not.toContain(chosen);
    expect(differences(before, rehearsal.image())).toEqual([]);
  }, 60_000);

  test('is not applied without a yes, and nothing is changed', async () => {
    const chosen = target();
    const before = rehearsal.image();
    expect(await apply(['dedicate', chosen], io, bench)).toBe(77);
    expect(err).toContain('--yes');
    const asked: string[] = [];
    expect(await apply(['dedicate', chosen], io, { ...bench, person: { ask: (question) => { asked.push(question); return Promise.resolve('n'); } } })).toBe(77);
    expect(asked).toHaveLength(1);
    expect(differences(before, rehearsal.image())).toEqual([]);
  });

  test('is applied when the person at the terminal says so, and a Ctrl-C puts everything back', async () => {
    const chosen = target();
    const before = rehearsal.image();
    const person = { ask: () => Promise.resolve('y') };
    const stopping = apply(['dedicate', chosen], { ...io, err(text) { err += text; if (text.includes('[2/')) process.emit('SIGINT'); } }, { ...bench, person });
    expect(await stopping).toBe(77);
    expect(err).toContain('put back:');
    expect(differences(before, rehearsal.image()).filter((path) => !path.includes('.switchyard-old'))).toEqual([]);
    expect(await apply(['dedicate', chosen], io, { ...bench, person })).toBe(0);
    expect(await goBack([], io, bench.hands)).toBe(0);
  }, 60_000);

  test('is told in JSON, the problem too', async () => {
    const chosen = target();
    expect(await plan(['dedicate', chosen, '--json'], io, bench)).toBe(0);
    expect(told()).toMatchObject({ schema: 1, kind: 'plan', intent: { kind: 'dedicate' }, review: { needsRestart: true } });
    out = '';
    expect(await apply(['dedicate', chosen, '--yes', '--json'], io, bench)).toBe(0);
    expect(told()).toMatchObject({ schema: 1, kind: 'apply', ok: true, outcome: { state: 'waiting-for-restart', restart: true } });
    out = '';
    expect(await apply(['dedicate', chosen, '--yes', '--json'], io, bench)).toBe(77);
    expect(told()).toMatchObject({ kind: 'apply', ok: false, problem: { code: 'refused' } });
  });
});

describe('the only screen', () => {
  test('takes the consent, and the address typed where no way back but the power button is left', async () => {
    rehearsal = openRehearsal(corpusFacts('002-am4-300-single-r7-240'), {}, null);
    bench = { hands: handsOfRehearsal(rehearsal), person: null };
    const [chosen = ''] = [...(rehearsal.world.kernel?.functions.values() ?? [])].filter(({ hardware }) => hardware.class.startsWith('03')).map(({ hardware }) => hardware.address as string);
    expect(await plan(['dedicate', chosen, '--json'], io, bench)).toBe(77);
    expect(told()).toMatchObject({ kind: 'plan', problem: { code: 'refused' } });
    out = '';
    expect(await plan(['dedicate', chosen, '--lose-only-screen', '--json'], io, bench)).toBe(0);
    expect(told()).toMatchObject({ review: { wayBack: { risk: 'all', ask: 'type' } } });
    expect(await apply(['dedicate', chosen, '--lose-only-screen', '--yes'], io, bench)).toBe(77);
    expect(await apply(['dedicate', chosen, '--lose-only-screen', '--yes', '--card', '0000:99:00.0'], io, bench)).toBe(77);
    expect(await apply(['dedicate', chosen, '--lose-only-screen'], io, { ...bench, person: { ask: () => Promise.resolve('y') } })).toBe(77);
    expect(await apply(['dedicate', chosen, '--lose-only-screen', '--yes', '--card', chosen], io, bench)).toBe(0);
  });
});

test.each([[[]], [['conquer']], [['dedicate']], [['dedicate', 'a', 'b']], [['move-now', '01:00.0']], [['huge-pages', 'many']], [['huge-pages', '5', '--size', '3M']], [['vm-host', 'luck']], [['dedicate', '01:00.0', '--force']]])('wish %j exits 64', async (words) => {
  expect(await plan(words, io, bench)).toBe(64);
});

test('an address without a card exits 66', async () => {
  expect(await plan(['dedicate', '0000:99:00.0'], io, bench)).toBe(66);
});

test('huge pages and what a VM needs are done at once, and undone by name', async () => {
  expect(await apply(['huge-pages', '64', '--yes', '--json'], io, bench)).toBe(0);
  expect(told()).toMatchObject({ kind: 'apply', ok: true, outcome: { state: 'kept', restart: false } });
  const { transaction } = (told() as { outcome: { transaction: string } }).outcome;
  expect(await undo([transaction, '--yes'], io, bench)).toBe(0);
  out = '';
  expect(await undo(['--yes', '--json'], io, bench)).toBe(66);
});
