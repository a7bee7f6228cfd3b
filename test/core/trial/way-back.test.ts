// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import { pciAddress } from '../../../contract/pci';
import type { StartFacts } from '../../../contract/trial';
import { ways, wayBackKit as shape, type WayBackFacts } from '../../../contract/way-back';
import { planFor } from '../../../core/plan/plan-for';
import { wayBackKit } from '../../../core/trial/way-back';
import { cardLine } from '../../../core/trial/console';
import { isKey } from '../../../words/say';
import { dedicate, facts, seen, transaction } from '../plan/machine';

const given = pciAddress.parse('0000:01:00.0');
const host = pciAddress.parse('0000:00:02.0');
const drawn = planFor(facts(), seen(), dedicate(facts()));
if (!drawn.ok) throw new Error(JSON.stringify(drawn.problem));
const plan = drawn.value;
const none: WayBackFacts = { sshEnabled: false, sshListening: false, networkUp: true, rescueEntry: false };
const ssh: WayBackFacts = { sshEnabled: true, sshListening: true, networkUp: true, rescueEntry: true };
const at = (name: string, gpu: typeof host): { name: string; gpu: typeof host } => ({ name, gpu });

function kit(screens: StartFacts['screens'], back: WayBackFacts) {
  const drawnKit = wayBackKit(plan, { start: { screens }, back });
  if (drawnKit === null) throw new Error('no kit');
  return shape.parse(drawnKit);
}
const stateOf = (screens: StartFacts['screens'], back: WayBackFacts, way: string): string | undefined => kit(screens, back).ways.find((each) => each.way === way)?.state;

describe('how firmly a plan asks', () => {
  test.each<[string, StartFacts['screens'], WayBackFacts, readonly [string, string]]>([
    ['no lit screen hangs on the card', [at('HDMI-A-1', host)], none, ['none', 'nothing']],
    ['another lit screen stays', [at('HDMI-A-1', host), at('DP-1', given)], none, ['some', 'nothing']],
    ['every lit screen goes dark and ssh leads back in', [at('DP-1', given)], ssh, ['all', 'tick']],
    ['every lit screen goes dark and nothing leads back in', [at('DP-1', given), at('DP-2', given)], none, ['all', 'type']],
    ['every lit screen goes dark and ssh cannot be told', [at('DP-1', given)], { ...ssh, sshListening: null }, ['all', 'type']],
    ['nobody can tell what is lit', null, none, ['unknown', 'tick']],
    ['nothing is lit', [], none, ['unknown', 'tick']],
  ])('%s', (_, screens, back, [risk, ask]) => {
    expect(kit(screens, back)).toMatchObject({ risk, ask });
  });
});

describe('a way back', () => {
  test('by ssh is one only where the server starts with the machine, answers now, and has a network', () => {
    expect(stateOf([], ssh, 'ssh')).toBe('there');
    for (const missing of ['sshEnabled', 'sshListening', 'networkUp'] as const) {
      expect(stateOf([], { ...ssh, [missing]: false }, 'ssh')).toBe('not-there');
      expect(stateOf([], { ...ssh, [missing]: null }, 'ssh')).toBe('unknown');
    }
  });

  test('by itself is there where the change is tried first', () => {
    expect(stateOf([], none, 'by-itself')).toBe('there');
    const once = wayBackKit({ ...plan, steps: plan.steps.filter((step) => step.phase !== 'trial') }, { start: { screens: [] }, back: none });
    expect(once?.ways[0]).toMatchObject({ way: 'by-itself', state: 'not-there' });
  });

  test('names the screens that would go dark, and counts those that stay', () => {
    const both = kit([at('HDMI-A-1', host), at('DP-1', given)], none);
    expect(both.screens).toEqual([at('DP-1', given)]);
    expect(both.ways.find(({ way }) => way === 'other-screen')).toMatchObject({ state: 'there', detail: { count: '1' } });
  });

  test.each(ways.flatMap((way) => ['there', 'not-there', 'unknown'].map((state) => `trial.way.${way}.${state}`)))('%s has words', (key) => {
    expect(isKey(key)).toBe(true);
  });
});

describe('a plan by which each start of a VM will end the desktop', () => {
  const single = planFor(facts(), seen(), { kind: 'single-card', devices: dedicate(facts()).devices, restartWhenStuck: false });
  if (!single.ok) throw new Error(JSON.stringify(single.problem));
  const drawnKit = (back: WayBackFacts, reach: string | null) => shape.parse(wayBackKit(single.value, { start: { screens: [at('DP-1', given)] }, back, reach }));

  test('darkens nothing now, tells what brings the desktop back, and wants it known', () => {
    const there = drawnKit(ssh, 'sam@studio');
    expect(there).toMatchObject({ risk: 'each-start', screens: [], ask: 'tick' });
    expect(there.ways.map(({ way, state }) => `${way} ${state}`)).toEqual(['guest-off there', 'failed-start there', 'remote there', 'power-off there', 'undo-card there']);
    expect(there.ways[2]?.detail).toEqual({ reach: 'sam@studio' });
  });

  test('counts on no other computer where no ssh server answers, nor where nobody knows the name of this one', () => {
    expect(drawnKit(none, 'sam@studio').ways[2]?.state).toBe('not-there');
    expect(drawnKit(ssh, null).ways[2]?.state).toBe('unknown');
  });
});

describe('a plan that gives away nothing that lights a screen', () => {
  test('has no kit', () => {
    const groups = plan.basis.groups.map((group) => group.map((member) => ({ ...member, class: '0403' })));
    expect(wayBackKit({ ...plan, basis: { ...plan.basis, groups } }, { start: { screens: [at('DP-1', given)] }, back: none })).toBeNull();
    expect(wayBackKit({ ...plan, steps: [] }, { start: { screens: [] }, back: none })).toBeNull();
  });
});

test('the card is one line, with the script for the running system and for a rescue system', () => {
  const line = cardLine(transaction);
  expect(line).not.toContain('\n');
  expect(line.length).toBeLessThan(200);
  expect(line).toContain(`sudo sh /var/lib/switchyard/${transaction}/private/undo.sh`);
  expect(line).toContain(`sh /mnt/var/lib/switchyard/${transaction}/private/undo.sh --root /mnt`);
});
