// SPDX-License-Identifier: GPL-3.0-or-later
/** What real kernels said, checked in, against our judgement and the machine of memory. `npm run lab -- --record` writes the files anew. */
import { describe, expect, test } from 'vitest';
import { assess } from '../../core/judge/assess';
import { identityOf } from '../../core/plan/device-set';
import { draw } from '../../helper/draw';
import { openRehearsal } from '../../rehearsal/machine';
import { recordedFacts, recordedTranscript } from './fixtures';
import { aloneCard, dedicate, standIns } from './scenarios/cards';
import { topologies, topologyNames, type Topology } from './topology';
import { differences, rehearse, writesFor } from './transcript';

const facts = (name: (typeof topologyNames)[number]) => {
  const recorded = recordedFacts(name);
  if (recorded === null) throw new Error(`${name} was never recorded: npm run lab -- --record`);
  return recorded;
};

describe.each(topologyNames)('the recorded machine %s', (name) => {
  const topology: Topology = topologies[name];

  test('is judged as what it is', () => {
    const { verdict } = assess(facts(name));
    expect(verdict.iommu_off.value).toBe(topology.iommu === 'none');
    expect(verdict.gpus).toHaveLength(facts(name).pci.functions.filter((one) => one.class.startsWith('03')).length);
    expect(facts(name).firmware.mode.value).toBe(topology.firmware);
    expect(facts(name).system.bootLoader.value).toBe(topology.loader);
  });

  test('has a plan for a card of its own, or the reason why there is none, as on the real machine', () => {
    const [card = []] = standIns(facts(name));
    const plan = openRehearsal(facts(name), {}, 1).plan(dedicate(card));
    if (topology.iommu === 'none') expect(plan).toMatchObject({ ok: false, problem: { code: 'refused', detail: { why: 'iommu-off' } } });
    else if (topology.loader !== 'grub') expect(plan).toMatchObject({ ok: false, problem: { code: 'unsupported-host', detail: { part: 'loader' } } });
    else if (topology.onlySlots === true) {
      expect(plan).toMatchObject({ ok: false, problem: { code: 'refused', detail: { why: 'only-screen' } } });
      expect(openRehearsal(facts(name), {}, 1).plan({ kind: 'single-card', devices: card.map(identityOf), restartWhenStuck: false })).toMatchObject({ ok: true });
    } else expect(plan).toMatchObject({ ok: true });
  });
});

describe('the machine of memory', () => {
  test.each(['intel-one-card', 'intel-two-cards', 'uefi-one-card'] as const)('answers every write of %s as its real kernel did', async (name) => {
    const transcript = recordedTranscript(name);
    expect(transcript?.writes).toEqual(writesFor(facts(name)));
    expect(transcript?.seen.some((one) => one.driver === 'vfio-pci')).toBe(true);
    expect(differences(transcript?.seen ?? [], await rehearse(facts(name), transcript?.writes ?? []))).toEqual([]);
  });

  test('refuses a card that shares its group, as the real machine did', () => {
    const recorded = facts('intel-one-card');
    const alone = aloneCard(recorded)[0]?.address;
    const shared = standIns(recorded).find((card) => card[0]?.address !== alone) ?? [];
    expect(draw(openRehearsal(recorded, {}, 1).eyes(), dedicate(shared))).toMatchObject({ ok: false, problem: { code: 'refused', detail: { why: 'split-group' } } });
  });
});
