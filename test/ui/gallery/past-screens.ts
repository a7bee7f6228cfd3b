// SPDX-License-Identifier: GPL-3.0-or-later
import type { Page } from 'playwright/test';
import { failed, ok } from '../../../contract/problem';
import type { RunState } from '../../../contract/run';
import { lookOf, noon } from './machines';
import type { Past } from './points';
import type { Rehearsed } from './rehearsed';
import type { Screen } from './screens';
import { onMachine, press, stateOf } from './screen-parts';
import type { Stage } from './stage';

const openHistory = (page: Page): Promise<void> => press(page, '.tools .history');
/** The points of an entry of the list, unfolded. */
const unfold = async (page: Page, entry: string): Promise<void> => {
  await openHistory(page);
  await page.locator(`${entry} summary`).first().click();
};
const act = (button: number) => async (page: Page): Promise<void> => {
  await unfold(page, '.entry:last-child');
  await page.locator('.entry:last-child .points .textlink').nth(button).click();
};
const takeForm = (reason: string) => async (page: Page): Promise<void> => {
  await openHistory(page);
  await page.locator('.take summary').click();
  await page.locator('#point-reason').fill(reason);
};

/** Restore points: the list, what differs, the way back, and whether what was kept holds. */
export function pasts(past: Past): Screen[] {
  const look = lookOf('010');
  const on = (more: Stage = {}): Stage => onMachine(look, { 'history.list': ok({ entries: [...past.entries], setAside: false }), 'drift.check': ok(past.holds), ...more });
  const compare = act(0);
  const restore = act(1);
  const conflicts = on({ 'restore.draw': ok(past.conflicts) });
  return [
    { name: 'history-points', stage: on(), act: (page) => unfold(page, '.entry:last-child') },
    { name: 'history-take', stage: on(), act: takeForm('before the new driver') },
    { name: 'history-take-form', stage: on(), act: takeForm('/etc') },
    {
      name: 'history-take-refused',
      stage: on({ 'point.take': failed('not-authorised') }),
      act: async (page) => {
        await takeForm('before the new driver')(page);
        await press(page, '.take .button');
      },
    },
    { name: 'compare', stage: on({ 'history.compare': ok(past.compared) }), act: compare },
    {
      name: 'compare-exact',
      stage: on({ 'history.compare': ok(past.compared) }),
      act: async (page) => {
        await compare(page);
        await page.locator('dialog .change summary').first().click();
      },
    },
    { name: 'compare-same', stage: on({ 'history.compare': ok(past.same) }), act: compare },
    { name: 'compare-waiting', stage: on(), act: compare },
    { name: 'compare-failed', stage: on({ 'history.compare': failed('not-found', { why: 'point' }) }), act: compare },
    { name: 'restore', stage: on({ 'restore.draw': ok(past.way) }), act: restore },
    { name: 'restore-conflict', stage: conflicts, act: restore },
    {
      name: 'restore-conflict-exact',
      stage: conflicts,
      act: async (page) => {
        await restore(page);
        await page.locator('.conflict .change summary').first().click();
      },
    },
    { name: 'restore-nothing', stage: on({ 'restore.draw': ok(past.nothing) }), act: restore },
    { name: 'restore-drawing', stage: on(), act: restore },
    { name: 'restore-impossible', stage: on({ 'restore.draw': failed('not-found', { why: 'content' }) }), act: restore },
    {
      name: 'restore-refused',
      stage: on({ 'restore.draw': ok(past.way), 'run.restore': failed('plan-stale', {}) }),
      act: async (page) => {
        await restore(page);
        await press(page, 'dialog .actions .button');
      },
    },
    { name: 'drift-note', stage: on({ 'drift.check': ok(past.drifted) }) },
    { name: 'drift', stage: on({ 'drift.check': ok(past.drifted) }), act: (page) => press(page, '.note .button') },
    {
      name: 'drift-repair',
      stage: on({ 'drift.check': ok(past.drifted), 'restore.draw': ok(past.conflicts) }),
      act: async (page) => {
        await press(page, '.note .button');
        await press(page, 'dialog .button.primary');
      },
    },
    {
      name: 'drift-holds',
      stage: on(),
      act: async (page) => {
        await openHistory(page);
        await press(page, '.drift .textlink');
      },
    },
  ];
}

/** A trial start as its self check sees it, and the ends of a point and of a way back. */
export function trials({ look, asking, kept }: Rehearsed, past: Past): Screen[] {
  const here = { ...look, entry: { ...look.entry, machine: lookOf('010').entry.machine, kind: 'this' as const, of: null }, parts: [] };
  const during = (run: RunState, more: Stage = {}): Stage =>
    onMachine(here, { 'app.state': ok(stateOf(here, [{ ...run, machine: here.entry.machine }])), 'history.way-back': ok({ line: 'sudo sh /var/lib/switchyard/0123456789abcdef/private/undo.sh', script: null }), 'drift.check': ok(past.holds), ...more });
  const { check: _check, ...unchecked } = asking;
  const noticed = { verdict: 'passed' as const, findings: [{ code: 'unit-failed' as const, detail: { unit: 'cups.service' } }], until: null };
  const found = { verdict: 'failed' as const, findings: [{ code: 'network-lost' as const, detail: { links: 'enp5s0' } }, { code: 'not-bound' as const, detail: { device: '0000:01:00.1', driver: 'snd_hda_intel' } }], until: Date.parse(noon) + 95_000 };
  const list = { 'history.list': ok({ entries: [...past.entries], setAside: false }) };
  const of = (intent: string): RunState['transaction'] => past.entries.find((it) => it.intent === intent)?.transaction ?? null;
  return [
    { name: 'trial-checking', stage: during(unchecked) },
    { name: 'trial-noticed', stage: during({ ...asking, check: noticed }) },
    { name: 'trial-found', stage: during({ ...asking, at: 'trial-failed', check: found }) },
    { name: 'trial-found-no-clock', stage: during({ ...asking, at: 'trial-failed', check: { ...found, until: null } }) },
    { name: 'done-point', stage: during({ ...kept, verb: 'apply', transaction: of('point'), steps: [] }, list) },
    { name: 'done-restored', stage: during({ ...kept, verb: 'restore', transaction: of('restore'), steps: [], restart: false }, list) },
    { name: 'done-restored-restart', stage: during({ ...kept, verb: 'restore', transaction: of('restore'), steps: [], restart: true }, list) },
  ];
}
