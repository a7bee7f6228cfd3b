// SPDX-License-Identifier: GPL-3.0-or-later
import type { Finding } from '../../../contract/finding';
import type { HostFacts } from '../../../contract/facts';
import type { PciFunction } from '../../../contract/pci';
import { find, todo } from '../finding';
import type { Inventory } from '../inventory';
import { idOf, nameOf } from '../pci-kind';
import { sightOf } from '../reason';

/** Kernel arguments that do nothing, do something else than was meant, or take more than was meant (host.md 1.2.1, 1.9, 1.10, 3.4). */
export function checkArguments(machine: Inventory): Finding[] {
  const { facts } = machine;
  const words = [...new Set(facts.kernel.args.value ?? [])];
  return words.flatMap((word) => [...useless(word, facts), ...misspelt(word, facts), ...old(word, facts), ...idsOf(word, machine), ...overriding(word, facts)]);
}

const seenIn = (facts: HostFacts, value: string) => [{ place: facts.kernel.args.from ?? 'kernel arguments', value }];

function useless(word: string, facts: HostFacts): Finding[] {
  const vendor = facts.cpu.vendor.value;
  const otherMaker = vendor !== null && ((vendor !== 'intel' && word.startsWith('intel_iommu=')) || (vendor !== 'amd' && vendor !== 'hygon' && word.startsWith('amd_iommu=')));
  if (word !== 'amd_iommu=on' && word !== 'iommu=on' && word !== 'iommu=1' && !otherMaker) return [];
  return [find('host', 'note', 'argument-useless', { detail: { argument: word }, evidence: seenIn(facts, word), next: todo('next-remove-argument', { argument: word }) })];
}

/** Spellings seen in guides and forums that no kernel and no module reads. */
const spellings: readonly (readonly [RegExp, string])[] = [
  [/^(vfio-pci-ids|vfio_pci_ids|vfio-ids|vfio\.ids|vfiopci\.ids|vfio-pci:ids|vfio_ids)=/i, 'vfio_pci.ids='],
  [/^vfio[-_]pci\.id=/i, 'vfio_pci.ids='],
  [/^(intel_?iommu|inteliommu)(=1|=yes|=true|=enable|=pt)?$/i, 'intel_iommu=on'],
  [/^(pci[-_]acs[-_]override|pcie_acs|acs_override)=/i, 'pcie_acs_override='],
  [/^rd\.driver\.pre=vfio$/i, 'rd.driver.pre=vfio-pci'],
  [/^iommu=passthrough$/i, 'iommu=pt'],
];

function misspelt(word: string, facts: HostFacts): Finding[] {
  const row = spellings.find(([pattern]) => pattern.test(word));
  if (row === undefined) return [];
  const detail = { argument: word, meant: row[1] };
  return [find('host', 'warn', 'argument-misspelt', { detail, evidence: seenIn(facts, word), next: todo('next-correct-argument', detail) })];
}

function old(word: string, facts: HostFacts): Finding[] {
  const next = todo('next-remove-argument', { argument: word });
  const evidence = seenIn(facts, word);
  if (/^video=(efifb|vesafb|simplefb):off/.test(word)) return [find('host', 'note', 'argument-efifb-old', { detail: { argument: word }, evidence, next })];
  if (/^vfio_iommu_type1\.allow_unsafe_interrupts=(1|y)/i.test(word)) return [find('host', 'warn', 'argument-unsafe-interrupts', { detail: { argument: word }, evidence, next })];
  return [];
}

/** An id binds every device that has it (host.md 4.4.1): two drives of one model, a twin card, a card and its virtual functions. */
function idsOf(word: string, machine: Inventory): Finding[] {
  const list = /^vfio[-_]pci\.ids=(.*)$/.exec(word)?.[1];
  if (list === undefined) return [];
  return list.split(',').flatMap((entry) => {
    const id = entry.toLowerCase().split(':').slice(0, 2).join(':');
    const hit = machine.functions.filter((fn) => idOf(fn) === id);
    return hit.length < 2 ? [] : [tooMany(id, hit, machine.facts, word)];
  });
}

const tooMany = (id: string, hit: readonly PciFunction[], facts: HostFacts, word: string): Finding =>
  find('host', 'warn', 'argument-ids-match-more', {
    detail: { id, count: String(hit.length), name: hit[0] === undefined ? id : nameOf(hit[0]) },
    evidence: [...seenIn(facts, word), ...hit.map(sightOf)],
    next: todo('next-bind-by-address'),
  });

/** A stock kernel ignores the override without a word; the patched one says so in its log. */
function overriding(word: string, facts: HostFacts): Finding[] {
  if (!word.startsWith('pcie_acs_override=') || facts.iommu.acsOverride.value !== false) return [];
  return [find('host', 'note', 'argument-override-ignored', { detail: { argument: word }, evidence: seenIn(facts, word), next: todo('next-remove-argument', { argument: word }) })];
}
