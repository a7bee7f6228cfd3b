// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import { handEnds, type HandStatus } from '../../../contract/hand-off';
import { handRun, handVm, type HandRun, type HandVm } from '../../../contract/hand-run';
import { machineId } from '../../../contract/target';
import { offersOf } from '../../../main/desktop/offers';

const uuid = '3f8f1a52-0a4e-4b0e-9d0e-6c1f6d1a0001';
const other = '3f8f1a52-0a4e-4b0e-9d0e-6c1f6d1a0002';
const status = (end: HandStatus['end'], why: string | null = null): HandStatus => ({ schema: 1, vm: uuid, devices: [], boot: 'b', way: 'give', end, why, since: 1, phases: [], holders: [] });
const vm = (more: Partial<HandVm> = {}): HandVm => handVm.parse({ uuid, name: 'win11', state: 'off', devices: ['0000:01:00.0'], way: 'on-demand', reach: null, status: null, ...more });
const run = (more: Partial<HandRun> = {}): HandRun => handRun.parse({ machine: machineId.parse('this'), vm: uuid, name: 'win11', doing: 'give', at: 'moving', status: null, end: null, said: null, rounds: null, report: null, ...more });
const only = (one: HandVm, now: HandRun | null = null) => offersOf([one], now)[0];

describe('one VM', () => {
  test('that is off can be given the card, and one that runs can be asked for it', () => {
    expect(only(vm())).toEqual({ uuid, name: 'win11', press: 'over', label: 'over', away: false, attention: false });
    for (const state of ['running', 'paused', 'stopping'] as const) expect(only(vm({ state }))).toMatchObject({ press: 'back', label: 'back', away: true });
  });

  test('whose card is the only one is never moved by one press, only taken back by one', () => {
    expect(only(vm({ way: 'single-card' }))).toMatchObject({ press: 'look', label: 'over-single' });
    expect(only(vm({ way: 'single-card', state: 'running' }))).toMatchObject({ press: 'back' });
  });

  test('waits while its card or another moves', () => {
    for (const [doing, label] of [['give', 'giving'], ['take', 'taking'], ['rounds', 'testing']] as const) expect(only(vm(), run({ doing }))).toMatchObject({ press: 'wait', label });
    expect(only(vm(), run({ vm: other }))).toMatchObject({ press: 'wait', label: 'over' });
    expect(only(vm(), run({ vm: other, at: 'over', end: 'home' }))).toMatchObject({ press: 'over' });
  });

  test('whose driver hangs is left alone and asks for attention, however that is known', () => {
    for (const [one, now] of [
      [vm({ status: status('stuck', 'stuck') }), null],
      [vm(), run({ at: 'over', end: 'stuck' })],
      [vm(), run({ at: 'over', end: 'refused', status: status('refused', 'stuck') })],
    ] as const) expect(only(one, now)).toMatchObject({ press: 'look', label: 'stuck', attention: true });
  });

  test('asks for attention only while something is not as it should be', () => {
    const asks = (end: HandStatus['end']): boolean | undefined => only(vm({ status: status(end) }))?.attention;
    expect(handEnds.filter((end) => asks(end))).toEqual(['stuck', 'adrift']);
    expect(only(vm({ state: 'running' }), run({ at: 'over', doing: 'take', end: 'still-runs' }))).toMatchObject({ attention: true, press: 'back' });
    expect(only(vm(), run({ at: 'over', doing: 'take', end: 'still-runs' }))).toMatchObject({ attention: false, press: 'over' });
  });
});
