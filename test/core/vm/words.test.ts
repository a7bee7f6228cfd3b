// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import { vmNoteCodes, vmRefusalCodes } from '../../../contract/vm-codes';
import { mediaRefusals } from '../../../contract/vm-media';
import { vmModeCodes } from '../../../contract/vm-mode';
import { vmTuningCodes } from '../../../contract/vm-tuning';
import { drawDomain } from '../../../core/vm/domain';
import { tune } from '../../../core/vm/tuning/tune';
import { en } from '../../../words/en/all';
import { isKey, languages, say } from '../../../words/say';
import { zh } from '../../../words/zh/all';
import { hostWith, versions } from './hosts';
import { matrix } from './recipes';
import { corpusProcessors, facts, knownProcessors, topology } from './topologies';

const modes = ['vga', 'virtio-3d', 'passthrough', 'mdev', 'sriov', 'none'];
const codes = [
  ...vmRefusalCodes.map((code) => `vm.refusal.${code}`),
  ...vmNoteCodes.map((code) => `vm.note.${code}`),
  ...vmTuningCodes.map((code) => `vm.tuning.${code}`),
  ...mediaRefusals.map((code) => `vm.media.${code}`),
  ...[...vmModeCodes, ...modes].map((code) => `vm.mode.${code}`),
];
const flat = (message: string): string => message.replaceAll(/\{(\w+), (?:select|plural),(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}/g, '{$1}');
const names = (message: string): string[] => [...new Set([...flat(message).matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? ''))].sort();

describe('sentences of virtual machines', () => {
  test.each(codes)('%s has an English sentence of at most 25 words and a Chinese one with the same details', (key) => {
    if (!isKey(key)) throw new Error(`no sentence for ${key}`);
    expect(flat(en[key]).split(/\s+/).length).toBeLessThanOrEqual(25);
    expect(zh[key]).toMatch(/[\u4e00-\u9fff]/);
    expect(names(zh[key])).toEqual(names(en[key]));
  });

  test.each(languages)('every sentence of VMs can be said in %s whatever its details', (language) => {
    for (const key of Object.keys(en).filter(isKey).filter((one) => one.startsWith('vm.'))) {
      const details = Object.fromEntries([...en[key].matchAll(/\{(\w+)/g)].map((match) => [match[1] ?? '', '2']));
      expect(say(language, key, details).length, key).toBeGreaterThan(0);
    }
  });

  test('no sentence is left that no code says', () => {
    const families = ['vm.refusal.', 'vm.note.', 'vm.tuning.', 'vm.media.', 'vm.mode.'];
    expect(Object.keys(en).filter((key) => families.some((family) => key.startsWith(family)) && !codes.includes(key))).toEqual([]);
  });

  test.each(languages)('everything noted and every reason of a layout can be said in %s', (language) => {
    const spoken: string[] = [];
    for (const [libvirt, qemu] of versions)
      for (const [, recipe] of matrix) {
        const drawn = drawDomain(recipe, hostWith(libvirt, qemu, { hyperv: ['relaxed'], video: ['bochs', 'virtio', 'none'] }));
        if (drawn.ok) for (const { code, detail } of drawn.value.notes) spoken.push(say(language, `vm.note.${code}`, detail));
      }
    for (const parts of Object.values({ ...corpusProcessors, ...knownProcessors }))
      for (const cores of [null, 1, 9, 40])
        for (const memoryMiB of [4096, 16_384, 131_072, 10 ** 7])
          for (const { code, detail } of tune(facts(topology(parts, 'half'), { total: 512 * 2 ** 30, flags: ['pdpe1gb'] }), { cores, profile: 'play', cardNode: 1, memoryMiB, pinsMemory: true, isolated: [1] }).reasons) spoken.push(say(language, `vm.tuning.${code}`, detail));
    expect(spoken.length).toBeGreaterThan(1000);
    for (const sentence of new Set(spoken)) expect(sentence).not.toMatch(/\{|undefined|\s\s|: \.|\(\)/);
  });
});
