// SPDX-License-Identifier: GPL-3.0-or-later
import type { Page } from 'playwright/test';
import { failed, ok, type Problem } from '../../../contract/problem';
import type { WayBackKit } from '../../../contract/way-back';
import type { RunState } from '../../../contract/run';
import { handScreens } from './hand-screens';
import { lookOf, noon, type Looked } from './machines';
import type { Rehearsed } from './rehearsed';
import { pasts, trials } from './past-screens';
import type { Past } from './points';
import { id, noHistory, onMachine, pick, place, press, stateOf, transaction, type Look } from './screen-parts';
import type { Stage } from './stage';
import { vmScreens } from './vm-screens';
import type { LivedVms } from './vms';

/** One screen in one state: what main answers, and what the person did to get there. */
export interface Screen {
  readonly name: string;
  readonly stage: Stage;
  /** Seen through the browser door's connection instead of the window's bridge; a cut one was up before. */
  readonly link?: 'cut' | 'down' | 'refused';
  readonly act?: (page: Page) => Promise<void>;
  /** Where only a part of a screen that is kept as a whole differs: that part is kept of it. Everything else is looked at all the same. */
  readonly part?: string;
}

/** Check in its states. */
function checks(): Screen[] {
  const ready = lookOf('027');
  const dump = lookOf('013', {
    entry: { machine: id('dump-1'), kind: 'dump', name: 'ThinkPad P52', opened: noon, of: 'lspci.txt' },
    understood: [
      { what: 'lspci', count: 26 },
      { what: 'kernel-arguments', count: 1 },
      { what: 'not-understood', count: 3 },
    ],
  });
  return [
    { name: 'starting', stage: {} },
    { name: 'start-failed', stage: { 'app.state': failed('internal', { ask: 'app.state' }) } },
    { name: 'check-looking', stage: { 'app.state': ok(stateOf(ready)), 'history.list': noHistory } },
    { name: 'check-unreadable', stage: { 'app.state': ok(stateOf(ready)), 'history.list': noHistory, 'machine.look': failed('unreadable', {}) } },
    { name: 'check-ready', stage: onMachine(ready) },
    { name: 'check-browser', stage: onMachine(ready, { 'app.state': ok({ ...stateOf(ready), door: 'browser', why: 'no-electron', settings: { ...stateOf(ready).settings, shortcutState: 'none' } }) }) },
    {
      name: 'settings',
      stage: onMachine(ready, { 'app.state': ok({ ...stateOf(ready), settings: { ...stateOf(ready).settings, keepRunning: true, shortcut: 'Control+Alt+H', shortcutState: 'refused' } }) }),
      act: async (page) => {
        await press(page, '.opener');
      },
    },
    { name: 'check-why', stage: onMachine(ready), act: (page) => press(page, '.words details summary') },
    { name: 'check-blocked', stage: onMachine(lookOf('003')) },
    { name: 'check-iommu-off', stage: onMachine(lookOf('051')) },
    { name: 'check-guest', stage: onMachine(lookOf('080')) },
    { name: 'check-single', stage: onMachine(lookOf('029')) },
    { name: 'check-no-helper', stage: onMachine(lookOf('027', { helper: { at: 'missing', command: 'sudo apt install ./switchyard-helper.deb' } })) },
    { name: 'check-old-helper', stage: onMachine(lookOf('027', { helper: { at: 'mismatch', installed: '0.0.9', expected: '0.1.0', command: 'sudo apt install ./switchyard-helper.deb' } })) },
    { name: 'check-dump', stage: onMachine(dump) },
    { name: 'check-no-devices', stage: onMachine(emptyOf(dump)) },
    { name: 'check-server', stage: onMachine(lookOf('059')) },
    { name: 'picture-open', stage: onMachine(lookOf('059')), act: (page) => page.locator('.tree .kind-fold').first().click() },
  ];
}

function emptyOf(look: Looked): Looked {
  return { ...look, facts: { ...look.facts, pci: { functions: [], complete: false } }, assessment: { ...look.assessment, cards: [], readiness: [], recommendation: { ...look.assessment.recommendation, action: 'need-more-data', target: null, way: null } } };
}

/** The connection of the browser door in its states. */
function links(rehearsed: Rehearsed): Screen[] {
  const ready = onMachine(lookOf('027'));
  const { look, working } = rehearsed;
  const atWork: Stage = { ...onMachine(look), 'app.state': ok(stateOf(look, [{ ...working, machine: look.entry.machine }])) };
  return [
    { name: 'link-lost', stage: ready, link: 'cut' },
    { name: 'link-lost-at-work', stage: atWork, link: 'cut' },
    { name: 'link-down', stage: ready, link: 'down' },
    { name: 'link-refused', stage: ready, link: 'refused' },
  ];
}

/** The machine switcher in its states. */
function switchers(rehearsed: Rehearsed): Screen[] {
  const ready = lookOf('027');
  const recordings = ok(rehearsed.recordings);
  const openSwitcher = (page: Page): Promise<void> => press(page, '.bar .machine');
  const part = (index: number) => async (page: Page): Promise<void> => {
    await openSwitcher(page);
    await page.locator('dialog section .choice').nth(index).click();
  };
  const pasted = async (page: Page): Promise<void> => {
    await part(0)(page);
    await page.locator('textarea').fill('01:00.0 VGA compatible controller [0300]: NVIDIA Corporation GA102 [GeForce RTX 3080] [10de:2206]');
    await page.locator('.drop .button').first().click();
  };
  const entry: Look['entry'] = { machine: id('dump-1'), kind: 'dump', name: null, opened: noon, of: null };
  const understood = ok({ entry, understood: [{ what: 'lspci', count: 1 }], missing: [{ what: 'groups', command: 'find /sys/kernel/iommu_groups -type l' }] });
  return [
    { name: 'machines', stage: onMachine(ready), act: openSwitcher },
    { name: 'machines-many', stage: onMachine(rehearsed.look), act: openSwitcher },
    { name: 'rehearse', stage: onMachine(ready, { 'machine.recordings': recordings }), act: part(1) },
    {
      name: 'rehearse-not-found',
      stage: onMachine(ready, { 'machine.recordings': recordings }),
      act: async (page) => {
        await part(1)(page);
        await page.locator('dialog input').fill('no such card');
      },
    },
    { name: 'rehearse-waiting', stage: onMachine(ready), act: part(1) },
    { name: 'rehearse-none', stage: onMachine(ready, { 'machine.recordings': ok({ recordings: [] }) }), act: part(1) },
    { name: 'rehearse-failed', stage: onMachine(ready, { 'machine.recordings': failed('internal', { ask: 'machine.recordings' }) }), act: part(1) },
    {
      name: 'rehearse-refused',
      stage: onMachine(ready, { 'machine.recordings': recordings, 'machine.rehearse': failed('busy') }),
      act: async (page) => {
        await part(1)(page);
        await page.locator('dialog li button').first().click();
      },
    },
    { name: 'paste', stage: onMachine(ready), act: part(0) },
    { name: 'paste-reading', stage: onMachine(ready), act: pasted },
    { name: 'paste-understood', stage: onMachine(ready, { 'machine.paste': understood }), act: pasted },
    { name: 'paste-not-understood', stage: onMachine(ready, { 'machine.paste': failed('bad-input', { why: 'nothing-recognised' }) }), act: pasted },
  ];
}

function chooses(rehearsed: Rehearsed): Screen[] {
  const two = lookOf('027');
  const shared = lookOf('018');
  const only = lookOf('029');
  const preset = { ...rehearsed.look, entry: { ...rehearsed.look.entry, machine: id('this'), kind: 'this', of: null } satisfies Look['entry'], parts: [] };
  const first = (look: Looked): string => look.assessment.cards[0]?.gpu ?? '';
  return [
    { name: 'choose', stage: onMachine(two), act: (page) => place(page, 1) },
    { name: 'choose-chosen', stage: onMachine(two), act: (page) => pick(page, first(two)) },
    { name: 'choose-preset', stage: onMachine(preset), act: (page) => place(page, 1) },
    { name: 'choose-blocked', stage: onMachine(shared), act: (page) => pick(page, shared.assessment.cards.find((card) => card.blockers.length > 0)?.gpu ?? first(shared)) },
    { name: 'choose-only-screen', stage: onMachine(only), act: (page) => pick(page, first(only)) },
    { name: 'choose-apu', stage: onMachine(lookOf('050')), act: (page) => pick(page, first(lookOf('050'))) },
  ];
}

function reviews(rehearsed: Rehearsed, gpu: string): Screen[] {
  const { look, drawn } = rehearsed;
  const here = { ...look, entry: { ...look.entry, machine: id('this'), kind: 'this', of: null } satisfies Look['entry'], parts: [] };
  const toReview = async (page: Page): Promise<void> => {
    await pick(page, gpu);
    await press(page, '.actions .button');
  };
  const opened = async (page: Page): Promise<void> => {
    await toReview(page);
    await page.locator('.steps > li > details > summary').first().click();
    await page.locator('.change summary').first().click();
  };
  const only = lookOf('029');
  const alone = { ...only, entry: { ...only.entry, kind: 'this' as const, of: null } };
  const gpuAlone = only.assessment.cards[0]?.gpu ?? '';
  const there = (way: WayBackKit['ways'][number]['way'], detail: Record<string, string> = {}): WayBackKit['ways'][number] => ({ way, state: 'there', detail });
  const kit: WayBackKit = { risk: 'each-start', screens: [], ways: [there('guest-off'), there('failed-start'), there('remote', { reach: 'sam@studio' }), there('power-off'), there('undo-card')], ask: 'tick' };
  const single = onMachine(alone, { 'plan.draw': ok({ ...drawn, review: { ...drawn.review, wayBack: kit } }) });
  const toSingle = async (page: Page): Promise<void> => {
    await pick(page, gpuAlone);
    await press(page, '.actions .button');
  };
  const unable = { ...here, helper: { at: 'missing', command: 'sudo apt install ./switchyard-helper.deb' } } satisfies Look;
  return [
    { name: 'review-drawing', stage: onMachine(look), act: toReview },
    { name: 'review-refused', stage: onMachine(look, { 'plan.draw': failed('refused', { why: 'config-drift' }) }), act: toReview },
    { name: 'review-single', part: 'main .notice', stage: single, act: toSingle },
    { name: 'review-nothing', stage: onMachine(look, { 'plan.draw': ok({ ...drawn, review: { ...drawn.review, nothingToDo: true, steps: [] } }) }), act: toReview },
    { name: 'review-rehearsal', stage: onMachine(look, { 'plan.draw': ok(drawn) }), act: toReview },
    { name: 'review', stage: onMachine(here, { 'plan.draw': ok(drawn) }), act: toReview },
    { name: 'review-exact', stage: onMachine(here, { 'plan.draw': ok(drawn) }), act: opened },
    {
      name: 'review-one-shot',
      stage: onMachine(here, { 'plan.draw': ok(drawn) }),
      act: async (page) => {
        await toReview(page);
        const step = page.locator('.steps > li', { has: page.locator('.path', { hasText: '/boot/grub/grubenv' }) }).first();
        await step.locator('summary').first().click();
        await step.locator('.change summary').first().click();
      },
    },
    { name: 'review-unable', part: 'main .actions', stage: onMachine(unable, { 'plan.draw': ok(drawn) }), act: toReview },
    {
      name: 'review-denied', part: 'main .actions',
      stage: onMachine(here, { 'plan.draw': ok(drawn), 'run.apply': failed('not-authorised') }),
      act: async (page) => {
        await toReview(page);
        await press(page, '.actions .button');
      },
    },
    { name: 'rehearsal-assumed', stage: onMachine(look), act: (page) => press(page, '.strip summary') },
  ];
}

function runs(rehearsed: Rehearsed): Screen[] {
  const { look } = rehearsed;
  const here = { ...look, entry: { ...look.entry, machine: id('this'), kind: 'this', of: null } satisfies Look['entry'], parts: [] };
  const during = (run: RunState, on: Look = here): Stage => onMachine(on, { 'app.state': ok(stateOf(on, [{ ...run, machine: on.entry.machine }])), 'history.list': ok(rehearsed.history), 'history.way-back': ok(rehearsed.wayBack) });
  const fresh = (run: RunState, on: Look = here): Stage => ({ ...during(run, on), 'history.list': noHistory });
  const { working, restartNeeded, asking, kept } = rehearsed;
  const waiting = restartNeeded.steps.map((step) => ({ ...step, state: 'waiting' as const }));
  const back = restartNeeded.steps.map((step) => ({ ...step, state: step.phase === 'keep' ? ('waiting' as const) : ('undone' as const) }));
  const problem: Problem = { code: 'step-failed', stepId: restartNeeded.steps[1]?.id ?? '', detail: { why: 'ENOSPC' } };
  const left = back.map((step, index) => ({ ...step, state: index === 1 ? ('left' as const) : step.state }));
  return [
    { name: 'set-up-password', stage: fresh({ ...restartNeeded, at: 'authorising', transaction: null, steps: waiting }) },
    { name: 'set-up-working', stage: fresh(working) },
    { name: 'set-up-cancelling', stage: fresh({ ...working, at: 'cancelling' }) },
    { name: 'set-up-restart', stage: fresh(restartNeeded) },
    { name: 'set-up-restart-rehearsal', stage: fresh(restartNeeded, look) },
    { name: 'set-up-restarting', stage: fresh({ ...restartNeeded, at: 'restarting' }) },
    { name: 'trial-question', stage: fresh(asking) },
    { name: 'trial-failed', stage: fresh({ ...asking, at: 'trial-failed', problem: { code: 'step-failed', detail: { why: 'not-there' } } }) },
    { name: 'set-up-keeping', stage: fresh({ ...working, verb: 'keep' }) },
    { name: 'set-up-undoing', stage: fresh({ ...working, verb: 'undo', steps: back.map((step, index) => (index === 0 ? { ...step, state: 'undoing' as const } : step)) }) },
    { name: 'done-kept', stage: during(kept) },
    { name: 'done-undone', stage: fresh({ ...rehearsed.undone, restart: false }) },
    { name: 'done-undone-restart', stage: fresh(rehearsed.undone) },
    { name: 'done-undone-restart-rehearsal', stage: fresh(rehearsed.undone, look) },
    {
      name: 'done-restart-refused',
      stage: { ...fresh(rehearsed.undone), 'run.restart': failed('refused', { what: 'restart' }) },
      act: (page) => press(page, '.button.primary'),
    },
    { name: 'done-cancelled', stage: fresh({ ...kept, at: 'cancelled', steps: back, problem: { code: 'cancelled', detail: {} } }) },
    { name: 'done-failed', stage: fresh({ ...kept, at: 'failed', steps: back, problem }) },
    { name: 'done-nothing', stage: fresh({ ...kept, at: 'nothing-to-do', transaction: null, steps: [] }) },
    { name: 'done-incomplete', stage: during({ ...kept, at: 'undo-incomplete', transaction, steps: left, problem: { code: 'undo-incomplete', detail: {} } }) },
  ];
}

function histories(rehearsed: Rehearsed): Screen[] {
  const ready = lookOf('027');
  const openHistory = (page: Page): Promise<void> => press(page, '.tools .history');
  const entry = rehearsed.history.entries[0];
  if (entry === undefined) throw new Error('the rehearsal left no history');
  const outcomes = ['kept', 'undone', 'failed', 'undo-incomplete', 'waiting', 'cancelled', 'open'] as const;
  const entries = outcomes.map((outcome, index) => ({ ...entry, transaction: `${String(index)}123456789abcdef` as typeof entry.transaction, outcome, mayUndo: outcome === 'kept' }));
  return [
    { name: 'undo-bar', stage: onMachine(ready, { 'history.list': ok(rehearsed.history) }) },
    { name: 'undo-bar-rehearsal', stage: onMachine(rehearsed.look, { 'history.list': ok(rehearsed.history) }) },
    { name: 'history', stage: onMachine(ready, { 'history.list': ok({ entries, setAside: false }) }), act: openHistory },
    {
      name: 'history-way-back',
      stage: onMachine(ready, { 'history.list': ok(rehearsed.history), 'history.way-back': ok(rehearsed.wayBack) }),
      act: async (page) => {
        await openHistory(page);
        await press(page, 'dialog .textlink');
      },
    },
    { name: 'history-empty', stage: onMachine(ready), act: openHistory },
    { name: 'history-waiting', stage: { 'app.state': ok(stateOf(ready)), 'machine.look': ok(ready) }, act: openHistory },
    { name: 'history-failed', stage: onMachine(ready, { 'history.list': failed('history-damaged') }), act: openHistory },
    { name: 'history-set-aside', stage: onMachine(ready, { 'history.list': ok({ entries, setAside: true }) }), act: openHistory },
  ];
}

/** Every screen and every error, empty and waiting state. */
export const screensOf = (rehearsed: Rehearsed, gpu: string, past: Past, vms: LivedVms): readonly Screen[] => [
  ...checks(),
  ...links(rehearsed),
  ...switchers(rehearsed),
  ...chooses(rehearsed),
  ...reviews(rehearsed, gpu),
  ...runs(rehearsed),
  ...histories(rehearsed),
  ...pasts(past),
  ...trials(rehearsed, past),
  ...vmScreens(vms),
  ...handScreens(vms),
];
