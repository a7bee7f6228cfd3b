// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import { pciAddress } from '../../../contract/pci';
import type { Consent, Plan } from '../../../contract/plan';
import { trialFailures, trialNotes, type StartFacts } from '../../../contract/trial';
import { planFor } from '../../../core/plan/plan-for';
import { fails, givenBy, judgeTrial, type KernelSeen, type TrialSeen } from '../../../core/trial/self-check';
import { findingLine } from '../../../core/trial/console';
import { isKey, say } from '../../../words/say';
import { dedicate, facts, seen, transaction } from '../plan/machine';

const given = pciAddress.parse('0000:01:00.0');
const host = pciAddress.parse('0000:00:02.0');
const nic = pciAddress.parse('0000:03:00.0');

function drawn(consents: readonly Consent[] = []): Plan {
  const machine = facts();
  const plan = planFor(machine, seen(), { ...dedicate(machine), consents: [...consents] });
  if (!plan.ok) throw new Error(JSON.stringify(plan.problem));
  return plan.value;
}
const plan = drawn();

const before: StartFacts = {
  screens: [{ name: 'HDMI-A-2', gpu: host }],
  network: { route: true, links: [{ name: 'enp3s0', device: nic }] },
  login: { graphical: true, console: true, remote: false },
  failedUnits: ['motd-news.service'],
};
const kernel: KernelSeen = {
  args: ['BOOT_IMAGE=/vmlinuz', `switchyard.bind=${transaction}`, `switchyard.trial=${transaction}`],
  iommuActive: true,
  functions: givenBy(plan).map((address) => ({ address: pciAddress.parse(address), driver: 'vfio-pci', same: true })),
  oneShot: 'spent',
};
const good: TrialSeen = { kernel, before, now: before };
const judged = (change: Partial<TrialSeen>, of: Plan = plan): readonly string[] => judgeTrial(of, transaction, { ...good, ...change }).map(({ code }) => code);
const now = (change: Partial<StartFacts>): Partial<TrialSeen> => ({ now: { ...before, ...change } });
const was = (change: Partial<StartFacts>, is: Partial<StartFacts> = {}): Partial<TrialSeen> => ({ before: { ...before, ...change }, now: { ...before, ...change, ...is } });

describe('a trial start that is as promised', () => {
  test('has nothing to find', () => {
    expect(judgeTrial(plan, transaction, good)).toEqual([]);
  });

  test('may number the staying screen otherwise, because a connector is counted over all cards', () => {
    expect(judged(now({ screens: [{ name: 'HDMI-A-1', gpu: host }] }))).toEqual([]);
  });

  test('may lose the screens of the card it gives away', () => {
    const screens = [{ name: 'DP-1', gpu: given }, { name: 'HDMI-A-2', gpu: host }];
    expect(judged(was({ screens }, { screens: [{ name: 'HDMI-A-1', gpu: host }] }))).toEqual([]);
  });

  test('may lose the interface that it gives away, and the way out that went over it', () => {
    expect(judged(was({ network: { route: true, links: [{ name: 'enp1s0', device: given }] } }, { network: { route: false, links: [] } }))).toEqual([]);
  });

  test('is not failed by what could not be told before or now', () => {
    expect(judged({ before: { screens: null, network: null, login: null, failedUnits: null } })).toEqual([]);
    expect(judged(now({ screens: null, network: null, login: null, failedUnits: null }))).toEqual([]);
  });
});

describe('a trial start fails when', () => {
  const failing = (codes: readonly string[]): readonly string[] => codes.filter((code) => trialFailures.some((each) => each === code));
  test.each<[string, Partial<TrialSeen>, string]>([
    ['the loader took another entry', { kernel: { ...kernel, args: ['quiet', `switchyard.bind=${transaction}`] } }, 'not-the-trial'],
    ["it is another transaction's trial", { kernel: { ...kernel, args: [`switchyard.bind=${transaction}`, 'switchyard.trial=fedcba9876543210'] } }, 'not-the-trial'],
    ['the table of devices was not named', { kernel: { ...kernel, args: [`switchyard.trial=${transaction}`] } }, 'not-the-trial'],
    ['the command line cannot be read', { kernel: { ...kernel, args: null } }, 'unreadable'],
    ['the IOMMU is off', { kernel: { ...kernel, iommuActive: false } }, 'iommu-off'],
    ['a planned device has its own driver', { kernel: { ...kernel, functions: kernel.functions.map((one) => ({ ...one, driver: 'nouveau' })) } }, 'not-bound'],
    ['a planned device has no driver', { kernel: { ...kernel, functions: kernel.functions.map((one) => ({ ...one, driver: null })) } }, 'not-bound'],
    ['another device is at the planned address', { kernel: { ...kernel, functions: kernel.functions.map((one) => ({ ...one, same: false })) } }, 'not-bound'],
    ['a planned device is not there', { kernel: { ...kernel, functions: [] } }, 'not-bound'],
    ['the loader kept its one-shot and we could not take it away', { kernel: { ...kernel, oneShot: 'stays' } }, 'one-shot-stays'],
    ['the lit screen is dark', now({ screens: [] }), 'screen-dark'],
    ['one of two lit screens is dark', was({ screens: [{ name: 'HDMI-A-2', gpu: host }, { name: 'DP-3', gpu: host }] }, { screens: [{ name: 'HDMI-A-1', gpu: host }] }), 'screen-dark'],
    ['a screen without a card behind it is dark', was({ screens: [{ name: 'Unknown-1', gpu: null }] }, { screens: [] }), 'screen-dark'],
    ['every lit screen hung on the given card and none is lit elsewhere', was({ screens: [{ name: 'DP-1', gpu: given }] }, { screens: [] }), 'screen-dark'],
    ['there is no way out any more', now({ network: { route: false, links: [{ name: 'enp3s0', device: nic }] } }), 'network-lost'],
    ['every interface is down', now({ network: { route: true, links: [] } }), 'network-lost'],
    ['nobody can log in', now({ login: { graphical: false, console: false, remote: false } }), 'no-login'],
    ['the desktop is gone', now({ login: { graphical: false, console: true, remote: true } }), 'no-desktop'],
  ])('%s', (_, change, code) => {
    expect([...new Set(failing(judged(change)))]).toEqual([code]);
  });

  test('nobody can log in, also where nothing was recorded before', () => {
    expect(judged({ before: null, now: { ...before, login: { graphical: false, console: false, remote: false } } })).toEqual(['nothing-to-compare', 'no-login']);
  });
});

describe('a person who agreed to have no screen', () => {
  const agreed = drawn(['lose-only-screen']);
  const dark = was({ screens: [{ name: 'DP-1', gpu: given }] }, { screens: [], login: { graphical: false, console: false, remote: true } });
  test('is not told that it is dark, nor that the desktop is gone', () => {
    expect(judged(dark, agreed)).toEqual([]);
  });
  test('is still told when nobody can log in at all', () => {
    expect(judged({ ...dark, now: { ...before, screens: [], login: { graphical: false, console: false, remote: false } } }, agreed)).toEqual(['no-login']);
  });
});

describe('worth knowing, and no failure', () => {
  test.each<[string, Partial<TrialSeen>, string]>([
    ['nothing was recorded before the trial', { before: null }, 'nothing-to-compare'],
    ['the loader kept its one-shot and we took it away', { kernel: { ...kernel, oneShot: 'cleared' } }, 'one-shot-cleared'],
    ['one of two interfaces is down', was({ network: { route: true, links: [{ name: 'enp3s0', device: nic }, { name: 'wlan0', device: null }] } }, { network: { route: true, links: [{ name: 'enp3s0', device: nic }] } }), 'link-lost'],
    ['a unit failed that did not fail before', now({ failedUnits: ['motd-news.service', 'nvidia-persistenced.service'] }), 'unit-failed'],
  ])('%s', (_, change, code) => {
    const findings = judgeTrial(plan, transaction, { ...good, ...change });
    expect(findings.map((each) => each.code)).toEqual([code]);
    expect(findings.some(fails)).toBe(false);
  });

  test('an interface that has another name and the same device is not lost', () => {
    expect(judged(now({ network: { route: true, links: [{ name: 'enp4s0', device: nic }] } }))).toEqual([]);
  });
});

describe('every finding', () => {
  test.each([...trialFailures, ...trialNotes])('%s has a sentence in both languages, and one line for the journal', (code) => {
    const key = `trial.finding.${code}`;
    if (!isKey(key)) throw new Error(`no words for ${key}`);
    const detail = { device: 'x', driver: 'x', arg: 'x', before: '2', now: '1', links: 'x', link: 'x', unit: 'x', what: 'x' };
    expect(say('en', key, detail)).not.toBe(say('zh', key, detail));
    expect(findingLine({ code, detail: { device: '0000:01:00.0' } })).toBe(`Switchyard: trial finding ${code} device=0000:01:00.0`);
  });
});
