// SPDX-License-Identifier: GPL-3.0-or-later
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { assessment } from '../../../contract/judged';
import { assess } from '../../../core/judge/assess';
import { corpus, factsOf } from './corpus';
import { answersOf, readDocument, renumberedAnswers, renumberedText, renumbering } from './renumber';

const each = corpus.map((machine) => [machine.file, machine.text] as const);

describe('numbers mean nothing', () => {
  const cases = (['moved', 'kept'] as const).flatMap((domain) => [1, 3].map((stride) => ({ domain, stride })));
  describe.each(cases)('with the domain $domain and buses $stride apart', ({ domain, stride }) => {
    test.each(each)('%s gets the same verdict, renumbered', (_file, text) => {
      const machine = readDocument(text);
      const change = renumbering(machine, domain, stride);
      const moved = renumberedText(machine, change);
      expect(moved).not.toContain('xx:');
      expect(answersOf(assess(factsOf(moved)).verdict)).toEqual(renumberedAnswers(assess(factsOf(text)).verdict, change));
    });
  });

  test.each(each)('%s gets the same verdict from a shuffled list', (_file, text) => {
    const machine = readDocument(text);
    const plain = answersOf(assess(factsOf(text)).verdict);
    const half = Math.ceil(machine.devices.length / 2);
    const orders = [[...machine.devices].reverse(), [...machine.devices.slice(half), ...machine.devices.slice(0, half).reverse()]];
    for (const devices of orders) expect(answersOf(assess(factsOf(JSON.stringify({ ...machine, devices }))).verdict)).toEqual(plain);
  });
});

describe('sets keep their laws', () => {
  test.each(each)('%s: own functions go along, bridges stay, and no group is split', (_file, text) => {
    const facts = factsOf(text);
    const { verdict } = assess(facts);
    const groupOf = new Map(facts.pci.functions.map((fn) => [fn.address, fn.iommuGroup]));
    for (const card of verdict.passthrough) {
      expect(card.bind_together).toEqual(expect.arrayContaining([...card.own_functions]));
      expect(card.own_functions).toContain(card.gpu);
      expect(card.bind_together.filter((address) => card.leave_on_host.includes(address))).toEqual([]);
      const touched = new Set([...card.bind_together, ...card.leave_on_host].flatMap((address) => groupOf.get(address) ?? []));
      const members = facts.pci.functions.filter((fn) => fn.iommuGroup !== null && touched.has(fn.iommuGroup)).map((fn) => fn.address);
      const known = [...card.bind_together, ...card.leave_on_host].filter((address) => groupOf.get(address) != null);
      expect([...known].sort()).toEqual([...members].sort());
    }
  });

  test.each(each)('%s: every address of the verdict is one the source shows', (_file, text) => {
    const facts = factsOf(text);
    const shown = new Set<string>(facts.pci.functions.map((fn) => fn.address));
    const named = JSON.stringify(answersOf(assess(facts).verdict)).match(/[0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]/g) ?? [];
    expect(named.filter((address) => !shown.has(address))).toEqual([]);
  });

  test.each(each)('%s: the assessment fits through the wire', (_file, text) => {
    expect(assessment.safeParse(assess(factsOf(text))).error).toBeUndefined();
  });

  test.each(each)('%s: is judged the same twice, and the judge changes nothing it was given', (_file, text) => {
    const facts = factsOf(text);
    const before = JSON.stringify(facts);
    expect(assess(facts)).toEqual(assess(facts));
    expect(JSON.stringify(facts)).toBe(before);
  });
});

describe('the rules are general', () => {
  const folder = new URL('../../../core/judge/', import.meta.url);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const rules = files.filter((name) => !name.includes('families'));
  const sources = rules.map((name) => [name, readFileSync(new URL(name, folder), 'utf8')] as const);

  test('no rule names a machine of the corpus', () => {
    const slugs = corpus.map((machine) => machine.file.replace(/\.json$/, ''));
    const boards = corpus.flatMap((machine) => /"board": "([^"]+)"/.exec(machine.text)?.[1] ?? []);
    for (const [name, source] of sources) for (const word of [...slugs, ...slugs.map((slug) => slug.slice(4)), ...boards]) expect(source.includes(word), `${name} names ${word}`).toBe(false);
  });

  test('no rule outside the family tables names a vendor:device pair or a graphics device id of the corpus', () => {
    const ids = new Set(corpus.flatMap((machine) => readDocument(machine.text).devices.flatMap((device) => (String(device['class']).startsWith('03') ? [String(device['device'])] : []))));
    for (const [name, source] of sources) {
      expect(source.match(/['"`/][0-9a-f]{4}:[0-9a-f]{4}\b/g) ?? [], name).toEqual([]);
      const quoted = (source.match(/'[0-9a-f]{4}'/g) ?? []).map((word) => word.slice(1, 5)).filter((word) => !/^(0[0-9a-f]{3}|1080|1200|1300|10de|1002|8086|1022)$/.test(word));
      expect(quoted.filter((word) => ids.has(word)), name).toEqual([]);
    }
  });
});
