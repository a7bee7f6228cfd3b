// SPDX-License-Identifier: GPL-3.0-or-later
import type { Page } from 'playwright/test';
import { failed, ok, type Problem } from '../../../contract/problem';
import type { VmEntry } from '../../../contract/vm-life';
import { lookOf } from './machines';
import type { Screen } from './screens';
import { onMachine, press, stateOf } from './screen-parts';
import { tell, type Stage } from './stage';
import { handedOver, pinnedDraft, type Draft, type LivedVms, type VmList } from './vms';

const enter = (page: Page): Promise<void> => page.locator('header nav button').nth(1).click();
const begin = async (page: Page): Promise<void> => {
  await enter(page);
  await page.locator('main .button.primary.large').first().click();
};
const refusal = (why: string, said: string): Problem => ({ code: 'refused', detail: { why, said } });

/** Every screen of the area of virtual machines, and what it says when something is missing, empty, waiting or wrong. */
export function vmScreens(lived: LivedVms): Screen[] {
  const here = { ...lived.look, entry: { ...lived.look.entry, machine: lookOf('010').entry.machine, kind: 'this' as const, of: null }, parts: [] };
  const machine = here.entry.machine;
  const on = (more: Stage = {}): Stage => onMachine(here, { 'vm.list': ok(lived.empty), 'vm.choices': ok(lived.windows), 'vm.disc': lived.discs.windows, ...more });
  const run = <T extends { machine: unknown }>(it: T): T & { machine: typeof machine } => ({ ...it, machine });
  return [...lists(lived, on), ...systems(lived, on), ...graphics(lived, on), ...resources(lived, on), ...reviews(lived, on), ...runs(lived, on, run), ...pages(lived, on), dump()];
}

type On = (more?: Stage) => Stage;

function dump(): Screen {
  const look = lookOf('013');
  const entry = { ...look.entry, machine: 'dump-1' as typeof look.entry.machine, kind: 'dump' as const, name: 'ThinkPad P52', of: 'lspci.txt' };
  return { name: 'vm-dump', stage: { ...onMachine({ ...look, entry }), 'app.state': ok(stateOf({ ...look, entry })), 'vm.list': failed('unsupported-host', { what: 'dump' }) }, act: enter };
}

/** The VM that was made, beside others as people have them. */
function many(lived: LivedVms): VmList {
  const [made] = lived.there.vms;
  if (made?.known == null) throw new Error('no VM was made');
  const { known } = made;
  const other = (at: number, name: string, state: VmEntry['state'], change: Partial<typeof known> = {}): VmEntry => ({ uuid: `5c4c4544-0000-4000-8000-00000000000${String(at)}`, state, known: { ...known, name, ours: false, ...change } });
  return {
    ...lived.there,
    vms: [
      { ...made, state: 'off' },
      other(1, 'win11-games', 'running', { vcpus: 12, memoryMiB: 16_384, pinned: 12, functions: [{ address: '0000:01:00.0', managed: false, network: false }, { address: '0000:01:00.1', managed: false, network: false }] as typeof known.functions }),
      other(2, 'build-server.example', 'paused', { vcpus: 4 }),
      other(3, 'old', 'crashed', { accelerated: false }),
      { ...other(4, '', 'off'), known: null },
    ],
  };
}

function lists(lived: LivedVms, on: On): Screen[] {
  const all = many(lived);
  const none = (problem: Problem): Stage => on({ 'vm.list': ok({ ...lived.empty, host: null, problem }) });
  const open = { change: '0123456789abcdef' as never, uuid: '4c4c4544-0000-4000-8000-000000000001', name: 'windows-11', problem: null };
  return [
    { name: 'vm-list-reading', stage: (({ 'vm.list': _list, ...rest }) => rest)(on()), act: enter },
    { name: 'vm-list-empty', stage: on(), act: enter },
    { name: 'vm-list', stage: on({ 'vm.list': ok(all) }), act: enter },
    { name: 'vm-list-waits', stage: on({ 'vm.list': ok({ ...all, open: [{ ...open, at: 'waiting' }, { ...open, change: '1123456789abcdef' as never, at: 'undo-incomplete', name: 'linux', problem: refusal('libvirt-unreachable', '') }] }) }), act: enter },
    { name: 'vm-list-no-libvirt', stage: none(refusal('libvirt-unreachable', "failed to connect to the hypervisor\nFailed to connect socket to '/var/run/libvirt/libvirt-sock': No such file or directory")), act: enter },
    { name: 'vm-list-not-allowed', stage: none(refusal('not-allowed', 'authentication unavailable: no polkit agent available to authenticate action')), act: enter },
    {
      name: 'vm-list-allow',
      stage: { ...none(refusal('not-allowed', '')), 'plan.draw': ok(lived.account) },
      act: async (page) => {
        await enter(page);
        await page.locator('main .notice .button').first().click();
      },
    },
    { name: 'vm-list-missing', stage: none({ code: 'unsupported-host', detail: { what: 'virsh' } }), act: enter },
    {
      name: 'vm-list-start-failed',
      stage: on({ 'vm.list': ok(all), 'vm.act': failed('refused', { why: 'network-inactive', said: "Requested operation is not valid: network 'default' is not active" }) }),
      act: async (page) => {
        await enter(page);
        await page.locator('.act .button').last().click();
      },
    },
  ];
}

const fillDisc = async (page: Page, at: number, path: string): Promise<void> => {
  const field = page.locator('.input.mono').nth(at);
  await field.fill(path);
  await field.blur();
};

function systems(lived: LivedVms, on: On): Screen[] {
  const withDisc = (disc: LivedVms['discs'][keyof LivedVms['discs']]) => on({ 'vm.disc': disc });
  const named = async (page: Page): Promise<void> => {
    await begin(page);
    await fillDisc(page, 0, '/home/user/Downloads/windows-11.iso');
  };
  return [
    { name: 'vm-system', stage: on(), act: begin },
    { name: 'vm-system-windows', stage: withDisc(lived.discs.windows), act: named },
    { name: 'vm-system-torn', part: 'main fieldset:has(.kinds)', stage: withDisc(lived.discs.torn), act: named },
    { name: 'vm-system-linux-disc', part: 'main fieldset:has(.kinds)', stage: withDisc(lived.discs.linux), act: named },
    { name: 'vm-system-no-file', part: 'main fieldset:has(.kinds)', stage: withDisc(lived.discs.none), act: named },
    {
      name: 'vm-system-looking', part: 'main fieldset:has(.kinds)',
      stage: (({ 'vm.disc': _disc, ...rest }) => rest)(on()),
      act: named,
    },
    {
      name: 'vm-system-image', part: 'main fieldset:has(.kinds)',
      stage: on(),
      act: async (page) => {
        await begin(page);
        await page.locator('input[value=image]').check();
      },
    },
    { name: 'vm-system-no-libvirt', part: 'main .notice', stage: on({ 'vm.choices': ok({ ...lived.windows, host: null, problem: { code: 'refused', detail: { why: 'libvirt-unreachable', said: '' } } }) }), act: begin },
  ];
}

/** From the list to Graphics with a Linux disc, the shortest way. */
async function toGraphics(page: Page): Promise<void> {
  await begin(page);
  await page.locator('input[value=linux]').check();
  await fillDisc(page, 0, '/home/user/Downloads/debian-13.iso');
  await page.locator('.is').first().waitFor();
  await page.locator('.actions .button.primary').click();
}

function graphics(lived: LivedVms, on: On): Screen[] {
  const linux = on({ 'vm.choices': ok(lived.linux), 'vm.disc': lived.discs.linux });
  const play = on({ 'vm.choices': ok({ ...lived.windows }), 'vm.disc': lived.discs.linux });
  return [
    { name: 'vm-graphics', stage: play, act: toGraphics },
    {
      name: 'vm-graphics-shut', part: 'main .shut',
      stage: linux,
      act: async (page) => {
        await toGraphics(page);
        await page.locator('main details > summary').last().click();
      },
    },
  ];
}

/** The same with a Windows disc and without its drivers. */
async function toCard(page: Page): Promise<void> {
  await begin(page);
  await fillDisc(page, 0, '/home/user/Downloads/windows-11.iso');
  await page.locator('.is').first().waitFor();
  await page.locator('.actions .button.primary').click();
}

/** With an image that has a Linux already. */
async function withImage(page: Page): Promise<void> {
  await begin(page);
  await page.locator('input[value=linux]').check();
  await page.locator('input[value=image]').check();
  await fillDisc(page, 0, '/var/lib/libvirt/images/linux.qcow2');
  await page.locator('.actions .button.primary').click();
}

async function toResources(page: Page, start: (page: Page) => Promise<void> = toGraphics): Promise<void> {
  await start(page);
  await page.locator('.actions .button.primary').click();
}

function resources(lived: LivedVms, on: On): Screen[] {
  const stage = (draft: Draft): Stage => on({ 'vm.choices': ok(lived.linux), 'vm.disc': lived.discs.linux, 'vm.draft': ok(draft) });
  const card = (draft: Draft): Stage => on({ 'vm.draft': ok(draft) });
  const withCard = (page: Page): Promise<void> => toResources(page, toCard);
  return [
    { name: 'vm-resources', stage: stage(lived.plain), act: (page) => toResources(page) },
    { name: 'vm-resources-card', stage: card(pinnedDraft(lived.draft, 'one cache')), act: withCard },
    { name: 'vm-resources-hybrid', part: 'section:has(#vm-cpu)', stage: card(pinnedDraft(lived.draft, 'hybrid')), act: withCard },
    { name: 'vm-resources-server', part: 'section:has(#vm-cpu)', stage: card(handedOver(pinnedDraft(lived.draft, 'server'))), act: withCard },
    { name: 'vm-resources-image', part: 'section:has(#vm-devices)', stage: stage({ ...lived.plain, disks: [], install: null }), act: (page) => toResources(page, withImage) },
    { name: 'vm-resources-drafting', stage: on({ 'vm.choices': ok(lived.linux), 'vm.disc': lived.discs.linux }), act: (page) => toResources(page) },
    { name: 'vm-resources-failed', part: 'main .notice', stage: { ...on({ 'vm.choices': ok(lived.linux), 'vm.disc': lived.discs.linux }), 'vm.draft': failed('refused', { why: 'libvirt-unreachable', said: '' }) }, act: (page) => toResources(page) },
  ];
}

async function toReview(page: Page, start?: (page: Page) => Promise<void>): Promise<void> {
  await toResources(page, start);
  await page.locator('.actions .button.primary').click();
}

function reviews(lived: LivedVms, on: On): Screen[] {
  const plain = on({ 'vm.choices': ok(lived.linux), 'vm.disc': lived.discs.linux, 'vm.draft': ok(lived.plain), 'vm.draw': ok(lived.plainDrawn) });
  const card = on({ 'vm.draft': ok(lived.draft), 'vm.draw': ok(lived.drawn) });
  const edited = async (page: Page, text: string): Promise<void> => {
    await toReview(page);
    await page.locator('section:has(#vm-xml) .button').first().click();
    if (text !== '') {
      const area = page.locator('textarea');
      await area.fill(text);
      await page.waitForTimeout(50);
    }
  };
  return [
    { name: 'vm-review', part: 'main .phases', stage: plain, act: (page) => toReview(page) },
    { name: 'vm-review-card', stage: card, act: (page) => toReview(page, toCard) },
    {
      name: 'vm-review-exact', part: 'main .phases',
      stage: plain,
      act: async (page) => {
        await toReview(page);
        await page.locator('.steps > li > details > summary').last().click();
        await page.locator('.change summary').last().click();
      },
    },
    { name: 'vm-review-drawing', stage: on({ 'vm.choices': ok(lived.linux), 'vm.disc': lived.discs.linux, 'vm.draft': ok(lived.plain) }), act: (page) => toReview(page) },
    { name: 'vm-review-refused', part: 'main .notice', stage: { ...plain, 'vm.draw': failed('unsupported-host', { why: 'no-secure-loader' }) }, act: (page) => toReview(page) },
    { name: 'vm-review-editor', part: 'section:has(#vm-xml)', stage: plain, act: (page) => edited(page, '') },
    { name: 'vm-review-broken', part: 'section:has(#vm-xml)', stage: plain, act: (page) => edited(page, (lived.plainDrawn.after ?? '').replace('</memory>', '</memori>')) },
  ];
}

function runs(lived: LivedVms, on: On, run: <T extends { machine: unknown }>(it: T) => T): Screen[] {
  const during = (it: LivedVms['done'], list: VmList = lived.there): Stage => on({ 'vm.list': ok({ ...list, run: run(it) }) });
  /** Told while it is in view; an end that came before is history. */
  const ended = (name: string, it: LivedVms['done'], list: VmList = lived.there): Screen => ({
    name,
    stage: during({ ...lived.working, verb: it.verb, steps: it.steps }, list),
    act: async (page) => {
      await enter(page);
      await page.locator('.parts').first().waitFor();
      await tell(page, 'vm.news', run(it));
    },
  });
  const problem: Problem = { code: 'refused', detail: { why: 'no-memory', said: 'internal error: process exited while connecting to monitor: cannot allocate memory' } };
  return [
    { name: 'vm-run-working', stage: during(lived.working), act: enter },
    ended('vm-run-done', lived.done),
    ended('vm-run-undone', lived.undone, lived.empty),
    { name: 'vm-run-waiting', stage: during({ ...lived.working, at: 'waiting', host: true, steps: lived.working.steps.map((step) => ({ ...step, state: 'waiting' })) }), act: enter },
    ended('vm-run-failed', { ...lived.done, at: 'failed', problem, steps: lived.done.steps.map((step) => ({ ...step, state: 'undone' })) }, lived.empty),
    ended('vm-run-incomplete', { ...lived.done, verb: 'undo', at: 'undo-incomplete', problem: { code: 'precondition-failed', detail: { what: 'vm-changed', why: 'vm-changed' } } }),
  ];
}

function pages(lived: LivedVms, on: On): Screen[] {
  const [made] = lived.there.vms;
  if (made === undefined) throw new Error('no VM was made');
  const list = (entry: VmEntry): Stage => on({ 'vm.list': ok({ ...lived.there, vms: [entry] }), 'history.list': ok(lived.history), 'vm.console': ok(lived.console), 'vm.guest': ok(lived.guest), 'vm.xml': ok(lived.xml), 'vm.draw': ok(lived.removal) });
  const page = async (at: Page): Promise<void> => {
    await enter(at);
    await at.locator('.open').first().click();
  };
  const running = list(lived.running);
  const viewers = [
    { viewer: 'virt-viewer' as const, installed: true, command: 'virt-viewer --connect qemu:///system linux' },
    { viewer: 'looking-glass' as const, installed: false, command: 'looking-glass-client -f /dev/shm/looking-glass' },
  ];
  const seen: Stage = { ...running, 'vm.console': ok({ vnc: { why: null }, serial: { command: 'virsh -c qemu:///system console linux' }, viewers }), 'vm.guest': ok({ agent: true, system: 'Debian GNU/Linux 13 (trixie)', host: 'linux', addresses: ['192.168.122.41'] }) };
  return [
    { name: 'vm-page-off', stage: list(made), act: page },
    { name: 'vm-page-running', stage: seen, act: page },
    { name: 'vm-page-rehearsed', part: 'section:has(#vm-screen)', stage: running, act: page },
    { name: 'vm-page-foreign', part: 'section:has(#vm-changes)', stage: list({ ...made, known: made.known === null ? null : { ...made.known, ours: false } }), act: page },
    { name: 'vm-page-unread', part: 'main .notice.warn', stage: list({ ...made, known: null }), act: page },
    {
      name: 'vm-page-start-failed', part: 'main .notice',
      stage: { ...list(made), 'vm.act': failed('refused', { why: 'not-detached', address: '0000:01:00.0', said: 'internal error: Device 0000:01:00.0 is bound to nouveau' }) },
      act: async (at) => {
        await page(at);
        await press(at, 'main .button.primary.large');
      },
    },
    {
      name: 'vm-page-network-off', part: 'main .notice',
      stage: { ...list(made), 'vm.act': { ok: false, problem: lived.networkOff } },
      act: async (at) => {
        await page(at);
        await press(at, 'main .button.primary.large');
      },
    },
    {
      name: 'vm-change-network',
      stage: { ...list(made), 'vm.act': { ok: false, problem: lived.networkOff }, 'vm.draw': ok(lived.network) },
      act: async (at) => {
        await page(at);
        await press(at, 'main .button.primary.large');
        await at.locator('main .notice .button').first().click();
      },
    },
    {
      name: 'vm-page-starting',
      stage: list(made),
      act: async (at) => {
        await page(at);
        await press(at, 'main .button.primary.large');
      },
    },
    {
      name: 'vm-page-force',
      stage: running,
      act: async (at) => {
        await page(at);
        await at.locator('main .row .button.large').last().click();
      },
    },
    {
      name: 'vm-page-screen-failed', part: 'section:has(#vm-screen)',
      stage: { ...seen, 'vm.stream-open': failed('refused', { why: 'not-running', said: 'Requested operation is not valid: domain is not running' }) },
      act: async (at) => {
        await page(at);
        await at.locator('section:has(#vm-screen) .button').first().click();
      },
    },
    {
      name: 'vm-page-remembered', part: 'section:has(#vm-changes)',
      stage: { ...list(made), 'vm.remember': ok({ transaction: '0123456789abcdef' as never }) },
      act: async (at) => {
        await page(at);
        await at.locator('section:has(#vm-changes) li', { has: at.locator('#vm-remember') }).locator('.button').click();
      },
    },
    {
      name: 'vm-change-remove',
      stage: list(made),
      act: async (at) => {
        await page(at);
        await at.locator('section:has(#vm-changes) .button').last().click();
      },
    },
    {
      name: 'vm-change-xml',
      stage: list(made),
      act: async (at) => {
        await page(at);
        await at.locator('section:has(#vm-changes) li', { has: at.locator('#vm-xml') }).locator('.button').click();
      },
    },
  ];
}
