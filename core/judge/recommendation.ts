// SPDX-License-Identifier: GPL-3.0-or-later
import type { Confidence, Finding, Next } from '../../contract/finding';
import type { ReadinessCode, TodoCode } from '../../contract/judge-codes';
import type { ActionCode, Assessment, Card, WayKind } from '../../contract/verdict';
import { find, todo } from './finding';
import { showGroups } from './readiness/iommu';
import type { Judgement } from './verdict';

const todoCodes: Readonly<Record<ActionCode, TodoCode>> = {
  'pass-gpu': 'todo-pass-gpu',
  'move-slot-or-bios': 'todo-move-slot-or-bios',
  'single-gpu-handoff': 'todo-single-gpu-handoff',
  'not-possible': 'todo-not-possible',
  'enable-iommu': 'todo-enable-iommu',
  'use-vgpu': 'todo-use-vgpu',
  'already-guest': 'todo-already-guest',
  'need-more-data': 'todo-need-more-data',
};

/** One recommendation for the machine, and the one thing to do next. */
export function recommendOne(judgement: Judgement, cards: readonly Card[], readiness: readonly Finding[]): Assessment['recommendation'] {
  const { code, target, reason } = judgement.verdict.recommended_action;
  const card = cards.find((one) => one.gpu === target);
  return { action: code, target, way: wayFor(code, card, judgement), confidence: confidenceOf(judgement), reason, next: nextFor(judgement, card, readiness) };
}

function wayFor(action: ActionCode, card: Card | undefined, { verdict }: Judgement): WayKind | null {
  switch (action) {
    case 'pass-gpu':
      return verdict.hybrid_laptop.value === true && card?.ways.some((way) => way.kind === 'on-demand' && way.possible !== 'no') === true ? 'on-demand' : 'dedicated';
    case 'single-gpu-handoff':
      return card?.ways.some((way) => way.kind === 'single-card' && way.possible !== 'no') === true ? 'single-card' : null;
    case 'use-vgpu':
      return card?.ways.find((way) => (way.kind === 'sriov' || way.kind === 'mdev') && way.possible !== 'no')?.kind ?? null;
    default:
      return null;
  }
}

/** *Seen* when groups and firmware's display were both told; a guess in either makes it *inferred*. */
function confidenceOf({ iommu, displayProven }: Judgement): Confidence {
  if (iommu.on === null) return 'unknown';
  return displayProven && iommu.reason.code !== 'iommu-off-no-groups' ? 'seen' : 'inferred';
}

function nextFor(judgement: Judgement, card: Card | undefined, readiness: readonly Finding[]): Finding {
  const { code, reason } = judgement.verdict.recommended_action;
  const urgent = readiness.find((finding) => finding.weight === 'stop' || needed.has(finding.code));
  const { weight, next } = stepFor(code, judgement, urgent?.next);
  return find(card?.gpu ?? 'host', weight, todoCodes[code], { detail: { name: card?.name ?? '' }, evidence: reason.evidence, next, confidence: confidenceOf(judgement) });
}

/** Warnings without which no VM starts at all. */
const needed: ReadonlySet<string> = new Set<ReadinessCode>(['tools-missing', 'kvm-missing', 'kvm-closed']);

interface Step {
  readonly weight: Finding['weight'];
  readonly next: Next;
}

/** What stands in the way comes first; a card that may go is then only to be chosen. */
function stepFor(code: ActionCode, judgement: Judgement, urgent: Next | undefined): Step {
  switch (code) {
    case 'pass-gpu':
      return urgentOr('good', urgent, todo('next-choose-card'));
    case 'single-gpu-handoff':
      return urgentOr('warn', urgent, todo('next-choose-single'));
    case 'use-vgpu':
      return urgentOr('note', urgent, todo('next-choose-share'));
    case 'enable-iommu':
      return urgentOr('stop', urgent, todo('next-let-switchyard-enable-iommu'));
    case 'move-slot-or-bios':
      return { weight: 'stop', next: todo('next-move-card') };
    case 'already-guest':
      return { weight: 'stop', next: todo('next-look-on-host') };
    case 'not-possible':
      return { weight: 'stop', next: todo(judgement.iommu.noHardware ? 'next-other-machine' : 'next-add-card') };
    case 'need-more-data':
      return { weight: 'note', next: judgement.machine.gpus.length === 0 ? todo('next-show-devices', {}, 'lspci -nnk') : todo('next-show-groups', {}, showGroups) };
    default:
      return code satisfies never;
  }
}

const urgentOr = (weight: Finding['weight'], urgent: Next | undefined, otherwise: Next): Step => ({ weight, next: urgent ?? otherwise });
