// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import type { Intent } from '../../contract/plan';
import { probe } from '../../host/probe';
import { openRehearsal } from '../../rehearsal/machine';
import { runThrough, type Told } from '../../rehearsal/run-through';
import { wishes } from '../../rehearsal/wish';
import { candidate } from '../simulate/pool';
import { rehearsalOf } from '../../rehearsal/machine';
import { powerOn } from '../../rehearsal/start';
import { worldOf } from '../../rehearsal/world';
import { corpusFacts, corpusNames } from './corpus';

/** Machines that say themselves that a part of them has no plan yet. */
const unsupported: Readonly<Record<string, readonly [part: string, name: string]>> = {
  '009-x570-5900x-5700xt-single': ['generator', 'mkinitcpio'],
  '029-raptor-lake-rtx4090-only': ['immutable', 'nixos'],
  '034-threadripper-1950x-radeon-vii-rx570': ['loader', 'other'],
  '051-msi-cyborg15-rtx4050-iommu-not-enabled': ['generator', 'mkinitcpio'],
  '053-thinkpad-core-ultra5-arc-igpu-only': ['loader', 'syslinux'],
  '056-hp-m01-4300g-apu-with-sata': ['loader', 'systemd-boot'],
  '076-thinkpad-e16-arrowlake-sriov-vf': ['generator', 'dracut'],
  '081-threadripper-1080ti-single-unbind-hangs': ['generator', 'mkinitcpio'],
};

const supported = corpusNames.flatMap((name) => Array.from({ length: 3 }, (_, index) => ({ name, index }))).filter(({ name }) => !Object.hasOwn(unsupported, name));

async function bothWays(name: string, index: number, intent: Intent): Promise<void> {
  const found = candidate(name, index);
  if (found === null) throw new Error('no machine');
  for (const answer of ['keep', 'none'] as const) {
    const world = worldOf(found.build, 5);
    powerOn(world);
    const told: Told[] = [];
    const ended = await runThrough(rehearsalOf(world), { intent, answer, tell: (one) => told.push(one) });
    expect({ answer, ended }).toEqual({ answer, ended: { end: 'back', differs: [] } });
    const starts = told.flatMap((one) => (one.told === 'started' && one.why !== 'tidied' ? [[one.why, one.boot.started.at === 'up' && one.boot.started.entry === 'switchyard-trial', one.bound.length > 0]] : []));
    const bound = intent.kind === 'dedicate';
    expect(starts).toEqual(
      answer === 'keep'
        ? [['trial', true, bound], ['kept', false, bound], ['undone', false, false]]
        : [['trial', true, bound], ['unanswered', false, false]],
    );
  }
}

describe('every supported machine of the corpus', () => {
  const able = supported.filter(({ name, index }) => candidate(name, index) !== null);

  test('is most of the corpus', () => {
    expect(new Set(able.map(({ name }) => name)).size).toBeGreaterThanOrEqual(30);
  });

  test.each(able)('goes from plan to trial, keep and undo, and from an unanswered trial, back to the same bytes: $name, completion $index', async ({ name, index }) => {
    const intents = candidate(name, index)?.intents ?? [];
    for (const intent of intents.slice(0, 2)) await bothWays(name, index, intent);
  });
});

describe('every other machine of the corpus', () => {
  test.each(Object.entries(unsupported))('starts, and names the part that has no plan yet: %s', (name, [part, found]) => {
    const rehearsal = openRehearsal(corpusFacts(name), {}, null);
    expect(rehearsal.world.kernel).not.toBeNull();
    const [intent] = wishes(probe(rehearsal.eyes()));
    expect(intent && rehearsal.plan(intent)).toMatchObject({ ok: false, problem: { code: 'unsupported-host', detail: { part, name: found } } });
  });

  test.each(supported.filter(({ name, index }) => index === 0 && candidate(name, index) === null).map(({ name }) => name))('has a reason to refuse: %s', (name) => {
    const rehearsal = openRehearsal(corpusFacts(name), {}, null);
    for (const intent of wishes(probe(rehearsal.eyes()))) {
      const plan = rehearsal.plan(intent);
      expect(plan.ok ? plan.value.steps : plan.problem.code).toSatisfy((one: unknown) => Array.isArray(one) || one === 'refused' || one === 'precondition-failed');
    }
  });
});

describe('a machine of memory', () => {
  test.each(corpusNames.filter((name) => !Object.hasOwn(unsupported, name)))('shows the probe the functions, groups and loader it was built from: %s', (name) => {
    const facts = corpusFacts(name);
    const rehearsal = openRehearsal(facts, {}, null);
    const seen = probe(rehearsal.eyes());
    const ids = (all: typeof facts) => all.pci.functions.map((one) => `${one.address} ${one.vendor}:${one.device} ${one.class}`).sort();
    expect(ids(seen)).toEqual(ids(facts));
    expect(seen.system.bootLoader.value).toBe('grub');
    expect(seen.system.initramfs.value).toBe('initramfs-tools');
    const sets = (all: typeof facts) => (all.iommu.groups.value ?? []).map((group) => [...group.members].sort().join(' ')).sort();
    if ((facts.iommu.groups.value ?? []).length > 0) expect(sets(seen)).toEqual(sets(facts));
    for (const one of facts.pci.functions) {
      if (one.driver === null || one.driver === 'vfio-pci') continue;
      expect([one.address, seen.pci.functions.find((other) => other.address === one.address)?.driver]).toEqual([one.address, one.driver]);
    }
  });

  test('gives the same plan to the person and to root, and another machine another', () => {
    const facts = corpusFacts('027-x670e-i-rtx3080-raphael');
    const rehearsal = openRehearsal(facts, {}, null);
    const intent = wishes(probe(rehearsal.eyes()))[1];
    if (intent === undefined) throw new Error('no wish');
    expect(rehearsal.parts.find((part) => part.part === 'distribution')).toMatchObject({ chosen: 'debian 13', assumed: true });
    expect(openRehearsal(facts, { distribution: 'ubuntu 24.04', iommu: 'none' }, null).parts.filter((part) => ['distribution', 'iommu'].includes(part.part)).map((part) => part.chosen)).toEqual(['ubuntu 24.04', 'on']);
  });
});
