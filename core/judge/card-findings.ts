// SPDX-License-Identifier: GPL-3.0-or-later
import type { Finding } from '../../contract/finding';
import type { CardCode } from '../../contract/judge-codes';
import type { Verdict } from '../../contract/verdict';
import { find, todo } from './finding';
import { humanName } from './human-name';
import type { Necessity } from './necessities';
import type { Circumstances, Judged } from './passthrough';
import { nameOf } from './pci-kind';
import { sightOf } from './reason';

/** What is worth saying about one card beside the answer itself; only what somebody can act on. */
export function findAboutCard(card: Judged, given: Circumstances, identical: Verdict['identical_ids']): Finding[] {
  if (card.gpu.kind === 'bmc' || card.gpu.kind === 'virtual') return [];
  return [...blocked(card), ...reserved(card), ...twins(card, identical), ...reset(card), ...driver(card, given), ...shape(card)];
}

const blockCodes: Readonly<Record<Necessity, CardCode>> = {
  usb: 'card-blocked-usb',
  storage: 'card-blocked-storage',
  network: 'card-blocked-network',
  psp: 'card-blocked-psp',
  bmc: 'card-blocked-bmc',
};

/** One finding for each kind of thing that the host would lose. */
function blocked(card: Judged): Finding[] {
  const kinds = [...new Set(card.blockers.map((one) => one.why))];
  return kinds.map((kind) => {
    const list = card.blockers.filter((one) => one.why === kind).map((one) => one.fn);
    const next = card.gpu.kind === 'discrete' ? todo('next-move-card') : todo('next-add-card');
    return find(card.gpu.fn.address, 'stop', blockCodes[kind], { detail: { group: String(card.gpu.fn.iommuGroup ?? ''), name: list[0] === undefined ? '' : nameOf(list[0]), count: String(list.length) }, evidence: list.slice(0, 64).map(sightOf), next });
  });
}

const reserved = (card: Judged): Finding[] =>
  card.conditions.includes('pass-reserved-memory') ? [find(card.gpu.fn.address, 'stop', 'card-memory-reserved', { detail: { group: String(card.gpu.fn.iommuGroup ?? '') }, evidence: [sightOf(card.gpu.fn)], next: todo('next-move-card') })] : [];

function twins(card: Judged, identical: Verdict['identical_ids']): Finding[] {
  const own = new Set(card.gpu.own.map((fn) => fn.address));
  const hits = identical.id_also_matches_other_devices.filter((one) => own.has(one.pass));
  const others = [...new Set(hits.flatMap((one) => one.also_matches))];
  if (hits[0] === undefined) return [];
  return [find(card.gpu.fn.address, 'note', 'card-identical', { detail: { id: hits[0].id, count: String(others.length) }, evidence: hits.slice(0, 64).map((one) => ({ place: one.pass, value: `${one.id} also ${one.also_matches.slice(0, 16).join(' ')}` })), next: todo('next-bind-by-address') })];
}

function reset(card: Judged): Finding[] {
  const { fn, family } = card.gpu;
  const saying = { detail: { family: family.name }, evidence: [sightOf(fn)] };
  switch (family.reset) {
    case 'yes':
      return [find(fn.address, 'warn', 'card-reset-trouble', { ...saying, confidence: 'inferred', next: todo('next-turn-off-in-guest-first') })];
    case 'possible':
      return [find(fn.address, 'note', 'card-reset-possible', { ...saying, confidence: 'inferred', next: todo('next-turn-off-in-guest-first') })];
    case 'unknown':
      return [find(fn.address, 'note', 'card-reset-unknown', { ...saying, confidence: 'unknown' })];
    case 'no':
      return [];
    default:
      return family.reset satisfies never;
  }
}

/** How the host driver behaves when it must let go, and who uses the card now (host.md 4.5). */
function driver(card: Judged, { machine }: Circumstances): Finding[] {
  const { fn } = card.gpu;
  const found: Finding[] = [];
  const own = new Set(card.gpu.own.map((one) => one.address));
  const holders = (machine.facts.holders.value ?? []).filter((holder) => own.has(holder.device));
  if (holders.length > 0) {
    const names = [...new Set(holders.map((holder) => holder.command))];
    found.push(find(fn.address, 'note', 'card-in-use', { detail: { count: String(names.length), names: names.slice(0, 4).join(', ') }, evidence: holders.slice(0, 64).map((holder) => ({ place: `/proc/${String(holder.pid)}`, value: `${holder.command}: ${holder.how}` })), next: todo('next-close-programs') }));
  }
  const twinsStay = machine.gpus.some((other) => other.fn.driver === 'nvidia' && other.fn.address !== fn.address);
  if (fn.driver === 'nvidia') found.push(find(fn.address, 'note', twinsStay ? 'card-nvidia-modules' : 'card-driver-waits', { detail: { name: humanName(fn) }, evidence: [sightOf(fn)], next: todo('next-close-programs') }));
  if (fn.driver === 'radeon') found.push(find(fn.address, 'note', 'card-driver-stays', { detail: { driver: fn.driver }, evidence: [sightOf(fn)] }));
  return found;
}

function shape(card: Judged): Finding[] {
  const { fn, kind } = card.gpu;
  if (kind === 'discrete-vf' || (fn.class !== '0302' && fn.class !== '0380')) return [];
  return [find(fn.address, 'note', 'card-no-vga', { detail: { class: fn.class }, evidence: [sightOf(fn)] })];
}
