// SPDX-License-Identifier: GPL-3.0-or-later
import type { Page } from 'playwright/test';
import { handReport, handRun, type HandMove, type HandReport, type HandRun, type HandVm } from '../../../contract/hand-run';
import type { HandPhase, HandStatus } from '../../../contract/hand-off';
import type { PciAddress } from '../../../contract/pci';
import { ok } from '../../../contract/problem';
import { lookOf } from './machines';
import { onMachine, press } from './screen-parts';
import type { Screen } from './screens';
import { tell, type Stage } from './stage';
import type { LivedVms } from './vms';

const uuid = '5c4c4544-0000-4000-8000-000000000001';
const name = 'win11-games';
const devices = ['0000:01:00.0', '0000:01:00.1'] as PciAddress[];

/** Times as a desktop computer shows them; the lab's are those of an emulated processor. */
const times: readonly (readonly [HandPhase, number])[] = [['start', 46], ['identity', 4], ['conflict', 1], ['reset', 1], ['holders', 38], ['arm', 31], ['power', 2], ['unbind', 412], ['bind', 96], ['verify', 1]];
const back: readonly (readonly [HandPhase, number])[] = [['start', 44], ['back', 1380]];
const phases = (of: typeof times) => of.map(([phase, took]) => ({ phase, took }));
const status = (more: Partial<HandStatus>): HandStatus => ({ schema: 1, vm: uuid, devices: [...devices], boot: '1', way: 'give', end: null, why: null, since: 1000, phases: phases(times), holders: [], ...more });
const given = status({ end: 'given' });
const home = status({ way: 'take', end: 'home', phases: phases(back) });

/** A test of ten rounds, each a little different, as real ones are. */
function report(more: Partial<HandReport>, count = 10): HandReport {
  const spread = (of: typeof times, round: number): HandMove['phases'] => of.map(([phase, took]) => ({ phase, took: Math.round(took * (0.85 + ((round * 7) % 10) / 20)) }));
  const move = (end: HandMove['end'], of: HandMove['phases'], why: string | null = null): HandMove => ({ end, why, took: of.reduce((sum, one) => sum + one.took, 0), phases: of });
  const rounds = Array.from({ length: count }, (_, round) => ({ give: move('given', spread(times, round)), take: move('home', spread(back, round + 3)) }));
  return handReport.parse({ schema: 1, vm: uuid, name, began: 1000, wanted: 10, rounds, end: 'done', ...more });
}

/** Every screen of a card that moves with its VM. */
export function handScreens(lived: LivedVms): Screen[] {
  const look = { ...lived.look, entry: { ...lived.look.entry, machine: lookOf('010').entry.machine, kind: 'this' as const, of: null }, parts: [] };
  const machine = look.entry.machine;
  const [made] = lived.there.vms;
  if (made?.known == null) throw new Error('no VM was made');
  const known = { ...made.known, name, ours: false, functions: devices.map((address) => ({ address, managed: false, network: false })) as typeof made.known.functions };
  const vm = (more: Partial<HandVm>): HandVm => ({ uuid, name, state: 'off', devices: [...devices], way: 'on-demand', reach: 'ssh sam@studio switchyard take-back win11-games', status: null, ...more });
  const run = (more: Partial<HandRun>): HandRun => handRun.parse({ machine, vm: uuid, name, doing: 'give', at: 'over', status: null, end: null, said: null, rounds: null, report: null, ...more });
  const stage = (one: HandVm, last: HandRun | null, reports: HandReport[] = []): Stage =>
    onMachine(look, { 'vm.list': ok({ ...lived.there, vms: [{ uuid, state: one.state, known }] }), 'vm.console': ok(lived.console), 'vm.guest': ok({ agent: false, system: null, host: null, addresses: [] }), 'hand.list': ok({ vms: [one], run: last, reports }) });
  const open = async (page: Page): Promise<void> => {
    await page.locator('header nav button').nth(1).click();
    await page.locator('.open').first().click();
    await page.locator('[data-hand]').waitFor();
  };
  const running = vm({ state: 'running', status: given });
  const refused = (why: string, holders: HandStatus['holders'] = []): Stage => stage(vm({}), run({ end: 'refused', status: status({ end: 'refused', why, holders, phases: phases(times.slice(0, 5)) }) }));
  const holders: HandStatus['holders'] = [{ kind: 'program', name: 'blender' }, { kind: 'service', name: 'ollama' }, { kind: 'container', name: 'jellyfin' }, { kind: 'console', name: 'vtcon1' }];
  return [
    { name: 'hand-idle', stage: stage(vm({}), null), act: open },
    { name: 'hand-single', part: '[data-hand]', stage: stage(vm({ way: 'single-card' }), null), act: open },
    {
      name: 'hand-single-asks', part: 'dialog[open]',
      stage: stage(vm({ way: 'single-card' }), null),
      async act(page) {
        await open(page);
        await press(page, '[data-hand] .row .button');
      },
    },
    {
      name: 'hand-moving',
      stage: stage(vm({}), run({ at: 'moving' })),
      async act(page) {
        await open(page);
        await tell(page, 'hand.news', run({ at: 'moving', status: status({ phases: phases(times.slice(0, 8)) }) }));
      },
    },
    { name: 'hand-given', stage: stage(running, run({ end: 'given', status: given })), act: open },
    { name: 'hand-asking', stage: stage(running, run({ doing: 'take', at: 'asking' })), act: open },
    {
      name: 'hand-plug',
      stage: stage(running, run({ doing: 'take', at: 'asking' })),
      async act(page) {
        await open(page);
        await press(page, '[data-hand] .row .button');
      },
    },
    { name: 'hand-back', stage: stage(running, run({ doing: 'take', at: 'moving', status: status({ way: 'take', phases: phases(back) }) })), act: open },
    { name: 'hand-home', stage: stage(vm({ status: home }), run({ doing: 'take', end: 'home', status: home })), act: open },
    { name: 'hand-held', stage: refused('held', holders), act: open },
    { name: 'hand-refused', stage: refused('last-screen'), act: open },
    { name: 'hand-known-bad', stage: refused('known-bad'), act: open },
    { name: 'hand-stuck', stage: stage(vm({ status: status({ end: 'stuck', why: 'stuck' }) }), run({ end: 'stuck', status: status({ end: 'stuck', why: 'stuck' }) })), act: open },
    { name: 'hand-adrift', stage: stage(vm({}), run({ doing: 'take', end: 'adrift', status: status({ way: 'take', end: 'adrift', why: 'lied', phases: phases(back) }) })), act: open },
    { name: 'hand-still-runs', stage: stage(running, run({ doing: 'take', end: 'still-runs' })), act: open },
    { name: 'hand-no-card', stage: stage(vm({}), run({ end: 'no-card', said: 'Unmanaged PCI device 0000:01:00.0 must be manually detached from the host' })), act: open },
    { name: 'hand-failed', stage: stage(vm({ status: home }), run({ end: 'failed', status: given, said: "internal error: qemu unexpectedly closed the monitor: vfio 0000:01:00.0: error getting device from group 14: No such device" })), act: open },
    {
      name: 'hand-rounds',
      stage: stage(vm({}), null),
      async act(page) {
        await open(page);
        await press(page, '[data-hand] details summary');
      },
    },
    { name: 'hand-rounds-moving', stage: stage(vm({}), run({ doing: 'rounds', at: 'moving', rounds: { wanted: 10, through: 3 }, status: status({ phases: phases(times.slice(0, 6)) }) })), act: open },
    { name: 'hand-report', stage: stage(vm({}), null, [report({})]), act: open },
    { name: 'hand-report-failed', stage: stage(vm({}), null, [report({ rounds: [...report({}, 4).rounds, { give: { end: 'given', why: null, took: 900, phases: [] }, take: { end: 'adrift', why: 'lied', took: 60_000, phases: [] } }], end: 'take-failed' })]), act: open },
  ];
}
