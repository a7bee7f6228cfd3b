// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../contract/finding';
import { judgeCodes } from '../../../contract/judge-codes';
import type { HostFacts } from '../../../contract/facts';
import type { Assessment, Reason } from '../../../contract/verdict';
import { assess } from '../../../core/judge/assess';
import { en } from '../../../words/en/all';
import { isKey, languages, say } from '../../../words/say';
import { zh } from '../../../words/zh/all';
import { sketch } from './build';
import { corpus, factsOf } from './corpus';

/** Everything one assessment says, as codes with details. */
function sayings(assessment: Assessment): Pick<Reason, 'code' | 'detail'>[] {
  const ofFinding = (finding: Finding) => (finding.next === undefined ? [finding] : [finding, finding.next]);
  const { verdict, readiness, cards, recommendation, missing } = assessment;
  return [
    ...verdict.gpus.map((one) => one.reason),
    verdict.boot_gpu.reason,
    ...verdict.passthrough.map((one) => one.reason),
    verdict.identical_ids.reason,
    verdict.single_gpu.reason,
    verdict.iommu_off.reason,
    verdict.hybrid_laptop.reason,
    verdict.reset_bug.reason,
    ...verdict.reset_bug.cards.map((one) => one.reason),
    verdict.vgpu.reason,
    verdict.recommended_action.reason,
    ...readiness.flatMap(ofFinding),
    ...cards.flatMap((card) => [...card.ways.flatMap((way) => [...way.costs, ...way.reasons]), ...card.findings.flatMap(ofFinding)]),
    recommendation.reason,
    ...(recommendation.next === null ? [] : ofFinding(recommendation.next)),
    ...missing.map((one) => ({ code: `missing-${one.what}`, detail: {} })),
  ];
}

const full = sketch({ rows: '00:02.0 0300 8086:4680 g1 i915\n01:00.0 0300 10de:2684 g2 nvidia' });
/** A machine about which everything is known, and much of it wrong. */
const troubled: HostFacts = {
  ...full,
  source: 'live',
  firmware: { mode: { value: 'bios', from: 'a' }, secureBoot: { value: true, from: 'a' }, lockdown: { value: 'integrity', from: 'a' }, setupOnRestart: { value: true, from: 'a' } },
  cpu: { ...full.cpu, virtualisation: { value: 'none', from: 'a' } },
  memory: { ...full.memory, total: { value: 4 * 1024 ** 3, from: 'a' }, hugePages: { value: [{ sizeKiB: 2048, node: null, total: 1024, free: 1024 }], from: 'a' } },
  kernel: { ...full.kernel, args: { value: ['amd_iommu=on', 'vfio-pci-ids=10de:2684', 'video=efifb:off', 'vfio_iommu_type1.allow_unsafe_interrupts=1', 'pcie_acs_override=downstream'], from: '/proc/cmdline' } },
  iommu: { ...full.iommu, interruptRemapping: { value: false, from: 'a' }, unsafeInterrupts: { value: true, from: 'a' }, acsOverride: { value: false, from: 'a' } },
  machine: { ...full.machine, virtualised: { value: 'none', from: 'a' }, container: { value: 'docker', from: 'a' } },
  holders: { value: full.pci.functions.map((fn) => ({ device: fn.address, pid: 7, command: 'Xorg', uid: 0, how: 'open', unit: null })), from: '/proc' },
  system: { ...full.system, immutable: { value: 'ostree', from: 'a' }, bootLoader: { value: 'syslinux', from: 'a' }, initramfs: { value: 'other', from: 'a' }, powerManagers: { value: ['supergfxctl'], from: 'a' } },
  virtualisation: { ...full.virtualisation, kvmOpens: { value: false, from: '/dev/kvm' }, qemu: { present: false, version: null, from: 'a' }, swtpm: { present: false, version: null, from: 'a' } },
};

/** A message with each choice (`{value, select, ...}`) shortened to its argument. */
const flat = (message: string): string => message.replaceAll(/\{(\w+), (?:select|plural),(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}/g, '{$1}');
const namesIn = (message: string): string[] => [...new Set([...flat(message).matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? ''))].sort();

describe('sentences', () => {
  test.each(judgeCodes)('%s has an English sentence of at most 25 words and a Chinese one', (code) => {
    const key = `finding.${code}`;
    if (!isKey(key)) throw new Error(`no sentence for ${code}`);
    const plain = flat(en[key]).replaceAll(/[{}]/g, '');
    expect(plain.split(/\s+/).length).toBeLessThanOrEqual(25);
    expect(zh[key]).toMatch(/[\u4e00-\u9fff]/);
    expect(namesIn(zh[key])).toEqual(namesIn(en[key]));
  });

  test('no sentence is left that the judge cannot say', () => {
    const known = new Set<string>(judgeCodes.map((code) => `finding.${code}`));
    expect(Object.keys(en).filter((key) => key.startsWith('finding.') && !known.has(key))).toEqual([]);
  });

  test.each(languages)('everything said about the recorded machines and a troubled one can be said in %s', (language) => {
    const machines = [...corpus.map((machine) => factsOf(machine.text)), troubled, { ...troubled, machine: { ...troubled.machine, virtualised: { value: 'kvm', from: 'a' } } }];
    for (const facts of machines) {
      for (const { code, detail } of sayings(assess(facts))) {
        const key = `finding.${code}`;
        if (!isKey(key)) throw new Error(`no sentence for ${code}`);
        const spoken = say(language, key, detail);
        expect(spoken, `${code} ${JSON.stringify(detail)}`).not.toMatch(/\{|undefined|\s\s|: \.|\(\)/);
      }
    }
  });
});

describe('findings', () => {
  const all = [...corpus.map((machine) => factsOf(machine.text)), troubled].map(assess);

  test('whatever stops says what to do', () => {
    const stops = all.flatMap((one) => [...one.readiness, ...one.cards.flatMap((card) => card.findings), ...(one.recommendation.next === null ? [] : [one.recommendation.next])]).filter((finding) => finding.weight === 'stop');
    expect(stops.length).toBeGreaterThan(10);
    expect(stops.filter((finding) => finding.next === undefined)).toEqual([]);
  });

  test('the most urgent come first', () => {
    const order = ['stop', 'warn', 'note', 'good'];
    for (const { readiness } of all) {
      const weights = readiness.map((finding) => order.indexOf(finding.weight));
      expect(weights).toEqual([...weights].sort((a, b) => a - b));
    }
  });

  test('what was seen cites what was read', () => {
    const seen = all.flatMap((one) => one.readiness).filter((finding) => finding.confidence === 'seen');
    expect(seen.filter((finding) => finding.evidence.length === 0).map((finding) => finding.code)).toEqual([]);
  });

  test('each card offers all seven ways, each with a reason, and each open one says what it costs or that it is free', () => {
    for (const card of all.flatMap((one) => one.cards)) {
      expect(card.ways.map((way) => way.kind)).toEqual(['dedicated', 'on-demand', 'single-card', 'mdev', 'sriov', 'virtio-gpu', 'emulated']);
      expect(card.ways.filter((way) => way.reasons.length === 0)).toEqual([]);
    }
  });
});
