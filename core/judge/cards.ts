// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciFunction } from '../../contract/pci';
import type { Card } from '../../contract/verdict';
import { findAboutCard } from './card-findings';
import { humanName, makerOf } from './human-name';
import { roleOf } from './role';
import type { Judgement } from './verdict';
import { waysOf } from './ways';

const addresses = (functions: readonly PciFunction[]) => functions.map((fn) => fn.address);

/** Each display device as a person meets it. Two display functions of one slot (old dual-head cards) are one card: the first speaks for it. */
export function describeCards(judgement: Judgement): Card[] {
  const { judged, verdict } = judgement;
  const second = new Set(judged.flatMap(({ gpu }) => (gpu.kind === 'discrete' ? gpu.own.filter((fn) => fn !== gpu.fn && fn.address > gpu.fn.address).map((fn) => fn.address) : [])));
  return judged
    .filter(({ gpu }) => !second.has(gpu.fn.address))
    .map((card) => {
      const { gpu } = card;
      const role = roleOf(gpu, judgement);
      return {
        gpu: gpu.fn.address,
        name: humanName(gpu.fn),
        vendorName: makerOf(gpu.fn),
        slot: gpu.fn.slotLabel,
        kind: gpu.kind,
        role,
        companions: addresses(gpu.bind.filter((fn) => fn !== gpu.fn)),
        staysOnHost: addresses(gpu.leave),
        blockers: addresses(card.blockers.map((one) => one.fn)),
        sharesWith: addresses(card.foreign),
        resetFamily: gpu.kind === 'bmc' || gpu.kind === 'virtual' ? null : gpu.family.name,
        ways: waysOf(card, role),
        findings: findAboutCard(card, judgement, verdict.identical_ids),
      };
    });
}
