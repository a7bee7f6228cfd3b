// SPDX-License-Identifier: GPL-3.0-or-later
import type { CostCode, JudgeCode } from '../../contract/judge-codes';
import type { Card, Reason, Way } from '../../contract/verdict';
import { ruleOf } from '../hand-off/drivers';
import { detailOf, showsPicture, type Judged } from './passthrough';
import { isReserved } from './pci-kind';
import { sightOf } from './reason';
import { shareWays } from './share-ways';

type Possible = Way['possible'];

/** A way with its reason first and its costs. */
export function way(kind: Way['kind'], possible: Possible, reasons: readonly Reason[], costs: readonly CostCode[] = []): Way {
  return { kind, possible, reasons, costs: costs.map((code) => ({ code, detail: {}, evidence: [] })) };
}

export const why = (code: JudgeCode, card: Judged): Reason => ({ code, detail: detailOf(card), evidence: [sightOf(card.gpu.fn)] });

/** For each way a card (or no card) can serve a VM: whether it can be had here, what it costs, and why (architecture.md, decision 5). */
export function waysOf(card: Judged, role: Card['role']): Way[] {
  return [dedicated(card, role), onDemand(card, role), singleCard(card, role), ...shareWays(card)];
}

/** Conditions under which no answer is certain before something else is done or known. */
const unsettled = new Set<JudgeCode>(['pass-iommu-off', 'pass-group-unknown', 'pass-unseen-members']);

function common(card: Judged): { readonly possible: Possible; readonly reasons: Reason[] } {
  if (card.answer === 'no') return { possible: 'no', reasons: card.conditions.map((code) => why(code, card)) };
  const open = card.conditions.filter((code) => unsettled.has(code));
  if (open.length > 0) return { possible: 'unknown', reasons: open.map((code) => why(code, card)) };
  const held = card.conditions.filter((code) => code !== 'pass-only-gpu' && code !== 'pass-boot-display' && code !== 'pass-boot-likely');
  return held.length > 0 ? { possible: 'conditional', reasons: held.map((code) => why(code, card)) } : { possible: 'yes', reasons: [] };
}

/** The last screen cannot be taken for good, neither at every start nor while the desktop runs. */
const lastScreen = (card: Judged, role: Card['role']): JudgeCode | null => {
  if (card.conditions.includes('pass-only-gpu')) return 'way-last-screen';
  if (role === 'boot-display' || role === 'lit-screen') return 'way-shows-picture';
  return showsPicture(card) && role !== 'reserved' ? 'pass-boot-likely' : null;
};

function dedicated(card: Judged, role: Card['role']): Way {
  const { possible, reasons } = common(card);
  const costs: CostCode[] = ['cost-restart', 'cost-card-away', ...alongCosts(card)];
  if (possible === 'no') return way('dedicated', 'no', reasons);
  const screen = lastScreen(card, role);
  if (screen === 'way-last-screen') return way('dedicated', 'no', [why(screen, card)]);
  if (screen === null) return way('dedicated', possible, reasons.length > 0 ? reasons : [why(isReserved(card.gpu.fn) ? 'way-reserved-at-start' : 'way-open', card)], costs);
  return way('dedicated', possible === 'yes' ? 'conditional' : possible, [why(screen, card), ...reasons], [...costs, 'cost-screen-follows']);
}

/** Drivers that do not let go of a card while the machine runs (host.md 4.5). */
const cannotRelease = new Set(['radeon', 'i915', 'xe', 'mgag200', 'ast', 'nvidiafb', 'simpledrm', 'efifb']);

function onDemand(card: Judged, role: Card['role']): Way {
  const { possible, reasons } = common(card);
  if (possible === 'no') return way('on-demand', 'no', reasons);
  const screen = lastScreen(card, role);
  if (screen !== null) return way('on-demand', screen === 'pass-boot-likely' ? 'unknown' : 'no', [why(screen, card)]);
  const { driver } = card.gpu.fn;
  if (driver !== null && cannotRelease.has(driver)) return way('on-demand', 'no', [why('way-driver-cannot-release', card)]);
  const costs: CostCode[] = ['cost-programs-close', ...alongCosts(card)];
  const busy = driver !== null && !isReserved(card.gpu.fn);
  if (possible === 'yes' && busy) return way('on-demand', 'conditional', [why('way-close-programs', card)], costs);
  return way('on-demand', possible, reasons.length > 0 ? reasons : [why('way-open', card)], costs);
}

function singleCard(card: Judged, role: Card['role']): Way {
  const { possible, reasons } = common(card);
  if (possible === 'no') return way('single-card', 'no', reasons);
  const screen = lastScreen(card, role);
  if (screen === null) return way('single-card', 'no', [why('way-not-needed', card)]);
  const { driver } = card.gpu.fn;
  if (driver !== null && ruleOf(driver).leaves === 'never') return way('single-card', 'no', [why('way-driver-cannot-release', card)]);
  const costs: CostCode[] = ['cost-session-ends', 'cost-no-picture-on-host', ...alongCosts(card)];
  if (card.gpu.family.reset === 'yes' || card.gpu.family.reset === 'possible') costs.push('cost-may-need-restart-after');
  return way('single-card', possible === 'unknown' ? 'unknown' : 'conditional', [why(screen, card), ...reasons], costs);
}

const alongCosts = (card: Judged): CostCode[] => [...(card.foreign.length > 0 ? (['cost-goes-along'] as const) : []), ...(card.gpu.family.reset === 'yes' ? (['cost-may-need-restart-after'] as const) : [])];
