// SPDX-License-Identifier: GPL-3.0-or-later
import type { VerdictCode } from '../../contract/judge-codes';
import type { ActionCode, Reason, Verdict } from '../../contract/verdict';
import { guestOf } from './guest';
import { humanName } from './human-name';
import { groupUnknown, leavesDisplay, showsPicture, type Circumstances, type Judged } from './passthrough';
import { because, sightOf } from './reason';
import { cardSlots } from './single';

type Action = Verdict['recommended_action'];

/** The one thing to do, first that applies (RULES.md, "Action"). */
export function recommend(given: Circumstances, judged: readonly Judged[]): Action {
  return beforeCards(given, judged) ?? withCards(given, judged);
}

const none = (code: ActionCode, reason: Reason): Action => ({ code, target: null, reason });
const aim = (code: ActionCode, card: Judged, why: VerdictCode): Action => ({ code, target: card.gpu.fn.address, reason: because(why, { name: humanName(card.gpu.fn) }, [sightOf(card.gpu.fn)]) });

function beforeCards({ machine, iommu }: Circumstances, judged: readonly Judged[]): Action | null {
  const guest = guestOf(machine.facts);
  if (guest.value === true) return none('already-guest', because('action-already-guest', {}, guest.evidence));
  if (iommu.noHardware) return none('not-possible', because('action-no-iommu-hardware', {}, iommu.reason.evidence));
  const usable = judged.filter((card) => card.gpu.kind !== 'bmc' && card.gpu.kind !== 'virtual');
  if (usable.length === 0) {
    const nothing = machine.gpus.length === 0 && !machine.facts.pci.complete;
    return nothing ? none('need-more-data', because('action-nothing-listed')) : none('not-possible', because('action-no-card', {}, machine.gpus.map((gpu) => sightOf(gpu.fn))));
  }
  if (iommu.on === false) return none('enable-iommu', because('action-enable-iommu', {}, iommu.reason.evidence));
  if (iommu.on === null) return none('need-more-data', because('action-iommu-unknown', {}, iommu.reason.evidence));
  const best = ranked(usable)[0];
  return best !== undefined && groupUnknown(best.gpu) ? none('need-more-data', because('action-group-unknown', {}, [sightOf(best.gpu.fn)])) : null;
}

function withCards(given: Circumstances, judged: readonly Judged[]): Action {
  const { machine } = given;
  const order = ranked(judged);
  const whole = order.filter((card) => card.gpu.kind !== 'discrete-vf');
  const ready = whole.find((card) => mayPass(card, given));
  if (ready !== undefined) return aim('pass-gpu', ready, 'action-pass');
  const movable = whole.find((card) => card.gpu.kind === 'discrete' && isGroupTrouble(card) && slotsCanChange(given));
  if (movable !== undefined) return aim('move-slot-or-bios', movable, 'action-move');
  const vf = order.find((card) => card.gpu.kind === 'discrete-vf' && card.answer === 'yes');
  if (vf !== undefined) return aim('use-vgpu', vf, 'action-vf');
  const real = whole.filter((card) => card.gpu.kind === 'integrated' || card.gpu.kind === 'discrete');
  const intel = real.every((card) => card.gpu.fn.vendor === '8086') ? real.find((card) => card.gpu.family.vgpu !== 'none') : undefined;
  if (intel !== undefined) return aim('use-vgpu', intel, 'action-vgpu');
  const only = real[0];
  if (cardSlots(machine).size === 1 && only !== undefined && only.answer !== 'no') return aim('single-gpu-handoff', only, 'action-single');
  return none('not-possible', because('action-blocked', {}, real.map((card) => sightOf(card.gpu.fn))));
}

const harmless: ReadonlySet<VerdictCode> = new Set<VerdictCode>(['pass-boot-display', 'pass-boot-likely', 'pass-laptop', 'pass-shared-gpus', 'pass-fabric']);

/** `yes`, or `conditional` only for reasons that a second screen answers, while one remains for the host. */
function mayPass(card: Judged, { machine }: Circumstances): boolean {
  if (card.answer === 'no') return false;
  if (card.answer === 'yes') return true;
  if (!card.conditions.every((code) => harmless.has(code))) return false;
  return !(card.conditions.includes('pass-shared-gpus') || showsPicture(card)) || leavesDisplay(card.gpu, machine);
}

const sharingCodes: ReadonlySet<VerdictCode> = new Set<VerdictCode>(['pass-blocked', 'pass-shared', 'pass-shared-gpus', 'pass-companion-shared', 'pass-unseen-members']);
const isGroupTrouble = (card: Judged): boolean => card.conditions.some((code) => sharingCodes.has(code));

/** Nobody moves a card inside a laptop or a single-board computer. */
function slotsCanChange({ machine }: Circumstances): boolean {
  const chassis = machine.facts.machine.chassis.value;
  return chassis !== 'laptop' && chassis !== 'sbc';
}

/** Best first: the clearest answer, then a whole card before its parts, then not the host's screen, then one already set aside, then by address. */
export function ranked(judged: readonly Judged[]): readonly Judged[] {
  const answers = { yes: 0, conditional: 1, no: 2 } as const;
  const kinds = { discrete: 0, integrated: 1, 'discrete-vf': 2, virtual: 3, bmc: 3 } as const;
  const score = (card: Judged): number =>
    answers[card.answer] * 1000 + kinds[card.gpu.kind] * 100 + (showsPicture(card) ? 10 : 0) + (card.gpu.setAside ? 0 : card.gpu.fn.driver === null ? 1 : 2);
  return [...judged].sort((a, b) => score(a) - score(b));
}
