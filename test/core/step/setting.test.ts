// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import { pciAddress } from '../../../contract/pci';
import { savedSetting } from '../../../contract/journal';
import { settingValue, type Setting } from '../../../contract/setting';
import type { Step } from '../../../contract/plan';
import { changesOf } from '../../../core/step/changes';
import { describe as inWords } from '../../../core/step/describe';
import { diffOf } from '../../../core/step/diff';
import { ruleOf } from '../../../core/step/kinds';
import { holds, mustHold, type CheckView } from '../../../core/step/must-hold';
import { isOver, isWanted, settingDeed, settingName, settingNote, type SettingStory } from '../../../core/step/setting';
import { undoList, type SettingRecord } from '../../../core/step/undo';
import { undoScript } from '../../../core/step/undo-script';
import { failed, ok } from '../../../contract/problem';
import { isKey, say } from '../../../words/say';
import { transaction } from '../plan/machine';

const device = { address: pciAddress.parse('0000:01:00.0'), vendor: '10de', device: '2206', subsystemVendor: null, subsystemDevice: null };
const steps: readonly Step[] = [
  { kind: 'move-device', phase: 'now', id: 'a', device, to: 'vfio-pci' },
  { kind: 'move-device', phase: 'now', id: 'b', device, to: 'host' },
  { kind: 'huge-pages', phase: 'now', id: 'c', sizeKiB: 2048, numa: null, count: 512 },
  { kind: 'huge-pages', phase: 'now', id: 'd', sizeKiB: 1_048_576, numa: 1, count: 2 },
  { kind: 'autostart', phase: 'now', id: 'e', of: 'network', name: 'default' },
  { kind: 'autostart', phase: 'now', id: 'f', of: 'pool', name: 'images' },
  { kind: 'membership', phase: 'now', id: 'g', group: 'kvm', uid: 1000, user: 'user' },
];
const view = { transaction, text: () => ok(null) };
const driver: Setting = { setting: 'driver', device };
const pool: Setting = { setting: 'huge-pages', sizeKiB: 2048, numa: null };

describe('a step that sets something', () => {
  test.each(steps)('$kind $id has words in both languages, says what it will do to the letter, and touches no file', (step) => {
    const { title, sentence, list, undo } = inWords(step, transaction);
    for (const one of [title, sentence, undo, ...list]) {
      if (!isKey(one.code)) throw new Error(`no words for ${one.code}`);
      expect(say('en', one.code, one.detail)).not.toMatch(/[{}]|undefined/);
      expect(say('zh', one.code, one.detail)).not.toBe(say('en', one.code, one.detail));
    }
    expect(ruleOf(step).places).toEqual([]);
    expect(diffOf(step, view).length).toBeGreaterThan(0);
    expect(diffOf(step, view).every((change) => change.kind === 'node' || change.kind === 'command')).toBe(true);
  });

  test.each(steps)('$kind $id is found missing where nothing was done', (step) => {
    const checks = mustHold(step, view);
    const changes = changesOf(step, view);
    const change = changes.ok ? changes.value[0] : undefined;
    const setting = change !== undefined && 'setting' in change ? change.setting.setting : '';
    const before: Record<string, string> = { driver: step.kind === 'move-device' && step.to === 'host' ? 'vfio-pci vfio-pci' : '- nouveau', 'huge-pages': '0', autostart: 'off', membership: 'out' };
    const looked = (value: string): CheckView => ({ text: () => ok(null), image: () => ok(null), file: () => ok(null), value: () => ok(value), standing: () => ok(null) });
    expect(checks.ok && checks.value.length === 1).toBe(true);
    expect(checks.ok && checks.value.every((check) => holds(check, looked(before[setting] ?? '')).ok)).toBe(false);
    const unknown: CheckView = { ...looked(''), value: () => failed('unreadable') };
    expect(checks.ok && checks.value.every((check) => holds(check, unknown).ok)).toBe(false);
  });

  test('has a name of its own that a journal line may hold', () => {
    const settings = steps.flatMap((step) => ruleOf(step).settings);
    const names = settings.map(settingName);
    expect(new Set(names).size).toBe(6);
    for (const setting of settings) expect(savedSetting.safeParse({ path: settingName(setting), setting, was: '0' }).success).toBe(true);
  });
});

describe('whether a value is what was wanted', () => {
  const wrong = (setting: Setting, to: string, value: string): unknown => {
    const result = isWanted(setting, to, value);
    return result.ok ? null : result.problem.detail['why'];
  };
  test.each([
    ['vfio-pci', 'vfio-pci vfio-pci', null],
    ['vfio-pci', 'vfio-pci -', 'not-bound'],
    ['vfio-pci', '- vfio-pci', 'not-bound'],
    ['vfio-pci', 'vfio-pci nouveau', 'not-bound'],
    ['host', '- nouveau', null],
    ['host', '- -', null],
    ['host', '- vfio-pci', 'not-bound'],
    ['host', 'vfio-pci -', 'not-bound'],
    ['- nouveau', '- nouveau', null],
    ['- nouveau', 'nouveau nouveau', 'not-bound'],
  ])('a device sent to %s that is %s: %s', (to, value, why) => {
    expect(wrong(driver, to, value)).toBe(why);
    expect(settingValue.safeParse(to).success && settingValue.safeParse(value).success).toBe(true);
  });

  test('fewer pages than asked for are told by number, more are simply not what was wanted', () => {
    expect(isWanted(pool, '512', '500')).toMatchObject({ ok: false, problem: { detail: { why: 'huge-pages-fewer', given: '500', wanted: '512' } } });
    expect(wrong(pool, '512', '513')).toBe('not-set');
    expect(wrong(pool, '512', '512')).toBeNull();
  });
});

describe('how a setting goes back', () => {
  const story = (more: Partial<SettingStory>): SettingStory => ({ setting: driver, was: '- nouveau', to: ['vfio-pci'], boot: 'one', ...more });

  test.each([
    ['done', 'vfio-pci vfio-pci', 'set'],
    ['done half: led but not yet freed', 'vfio-pci nouveau', 'set'],
    ['done half: freed and not yet bound', 'vfio-pci -', 'set'],
    ['never done', '- nouveau', 'nothing'],
    ['given to another driver by somebody', 'pci-stub pci-stub', 'left'],
    ['led elsewhere by somebody', 'pci-stub -', 'left'],
  ])('a device that was with its driver, %s', (_, value, deed) => {
    expect(settingDeed(story({}), value)).toBe(deed);
  });

  test('a device that was sent to the host has whichever driver came', () => {
    const back = story({ was: 'vfio-pci vfio-pci', to: ['host'] });
    expect(['- nvidia', '- -', '- vfio-pci', 'vfio-pci -'].map((value) => settingDeed(back, value))).toEqual(['set', 'set', 'set', 'set']);
    expect(settingDeed(back, 'pci-stub nvidia')).toBe('left');
  });

  test('pages are ours as far as the kernel may have got', () => {
    const pages = story({ setting: pool, was: '8', to: ['512'] });
    expect(['8', '9', '512', '513', '7'].map((value) => settingDeed(pages, value))).toEqual(['nothing', 'set', 'set', 'left', 'left']);
    const fewer = story({ setting: pool, was: '512', to: ['0'] });
    expect(['0', '100', '600'].map((value) => settingDeed(fewer, value))).toEqual(['set', 'set', 'left']);
  });

  test('what ended with its start is over, what a program keeps is not; what was never begun always is', () => {
    expect(isOver(story({}), 'two')).toBe(true);
    expect(isOver(story({}), 'one')).toBe(false);
    const member: Setting = { setting: 'membership', group: 'kvm', uid: 1000, user: 'user' };
    expect(isOver(story({ setting: member, was: 'out', to: ['in'] }), 'two')).toBe(false);
    expect(isOver(story({ to: [] }), 'one')).toBe(true);
  });

  const record = (stepId: string, was: string, to: string): SettingRecord => ({ stepId, path: settingName(driver), setting: driver, was, to: [to], boot: 'one' });

  test('twice in one transaction, it goes back to what it was first, and both doings are known as ours', () => {
    const list = undoList([record('a', '- nouveau', 'vfio-pci'), record('b', 'vfio-pci vfio-pci', 'host')]);
    expect(list).toEqual([expect.objectContaining({ how: 'setting', was: '- nouveau', to: ['vfio-pci', 'host'], stepId: 'b' })]);
  });

  test('settings and files go back newest first, in one list', () => {
    const file = { stepId: 'f', path: '/etc/sysctl.d/60-switchyard.conf', was: null, ours: ['a'.repeat(64)], made: [] };
    expect(undoList([record('a', '- nouveau', 'vfio-pci'), file]).map((item) => item.path)).toEqual([file.path, 'driver:0000:01:00.0']);
  });

  test('undo.sh prints a numbered line for each, and does nothing about it', () => {
    const others: readonly SettingStory[] = [
      story({}),
      story({ setting: pool, was: '8', to: ['512'] }),
      story({ setting: { setting: 'autostart', of: 'network', name: 'default' }, was: 'off', to: ['on'] }),
      story({ setting: { setting: 'membership', group: 'kvm', uid: 1000, user: 'user' }, was: 'out', to: ['in'] }),
    ];
    const records = others.map((each): SettingRecord => ({ ...each, stepId: 'x', path: settingName(each.setting) }));
    const script = undoScript({ transaction, items: undoList(records), notes: ['restart'] });
    expect(script).toContain("note 'In the running system, as root: virsh net-autostart --disable default'");
    expect(script).toContain("note 'In the running system, as root: gpasswd -d user kvm'");
    expect(script).toContain("note 'Device 0000:01:00.0 was with the driver nouveau: a restart brings that back.'");
    expect(script).toContain("note 'Huge pages of 2048 KiB were 8: a restart brings that back.'");
    expect(script.match(/^(?:undo|drop)_\w+ /gm)).toBeNull();
    const never = undoScript({ transaction, items: undoList([{ ...records[0]!, to: [] }]), notes: [] });
    expect(never).not.toContain('Device 0000');
    for (const each of others) expect(settingNote(each)).not.toMatch(/['\n]/);
  });
});
