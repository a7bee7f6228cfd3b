// SPDX-License-Identifier: GPL-3.0-or-later
import type { ActionCode } from '../../contract/verdict';
import { sentenceOf } from './finding-words';
import type { Session } from './session.svelte';
import type { Looked } from './wizard.svelte';

/** What the one big button does: a place of the wizard, the switcher, or another look. */
export type Going = 'choose' | 'review' | 'machines' | 'paste' | 'again';

export interface NextStep {
  readonly sentence: string;
  readonly command: string | null;
  readonly go: Going;
  readonly button: string;
}

export const targetName = (looked: Looked): string | null => {
  const { assessment } = looked;
  return assessment.cards.find((it) => it.gpu === assessment.recommendation.target)?.name ?? null;
};

/** The judgement in one line. */
export function headline(session: Session, looked: Looked): string {
  const name = targetName(looked);
  const { action } = looked.assessment.recommendation;
  return name === null ? session.t(`window.head.${action}`) : session.t(`window.head.${action}.named`, { card: name });
}

/** Why it is so, in one line; null where the headline has said it already. */
export function becauseOf(session: Session, looked: Looked): string | null {
  const { reason, target } = looked.assessment.recommendation;
  if (reason.code === 'action-blocked') return null;
  if (reason.code !== 'action-pass') return sentenceOf(session, reason);
  const own = looked.assessment.verdict.passthrough.find((it) => it.gpu === target)?.reason;
  return own === undefined ? null : sentenceOf(session, own);
}

/** The one thing to do next, with the button that does it where the window can. */
export function nextStep(session: Session, looked: Looked): NextStep {
  const { action, next } = looked.assessment.recommendation;
  const told = next?.next;
  // Where the button says what to choose, the sentence says what comes of it.
  const sentence = told === undefined || told.code === 'next-choose-card' ? session.t(`window.next.${action}`) : sentenceOf(session, told);
  const command = told?.command ?? null;
  const name = targetName(looked);
  const go = goingFor(action, told?.code, looked.entry.kind);
  return { sentence, command, go, button: go === 'choose' && name !== null ? session.t('window.go.choose.named', { card: name }) : session.t(`window.go.${go}`) };
}

function goingFor(action: ActionCode, told: string | undefined, kind: Looked['entry']['kind']): Going {
  switch (action) {
    case 'pass-gpu':
    case 'single-gpu-handoff':
    case 'use-vgpu':
      return 'choose';
    case 'enable-iommu':
      return told === 'next-let-switchyard-enable-iommu' && kind !== 'dump' ? 'review' : 'again';
    case 'move-slot-or-bios':
      return 'again';
    case 'need-more-data':
      return kind === 'this' ? 'again' : 'paste';
    case 'already-guest':
    case 'not-possible':
      return 'machines';
    default:
      return action satisfies never;
  }
}
