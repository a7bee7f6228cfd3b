// SPDX-License-Identifier: GPL-3.0-or-later
import type { Finding, Weight } from '../../contract/finding';
import type { Reason } from '../../contract/verdict';
import type { IconName } from '../parts/icons';
import type { Session } from './session.svelte';

export const weightIcons: Readonly<Record<Weight, IconName>> = { good: 'good', note: 'note', warn: 'warn', stop: 'stop' };
const order: readonly Weight[] = ['stop', 'warn', 'note', 'good'];

export const sentenceOf = (session: Session, reason: Pick<Reason, 'code' | 'detail'>): string => session.tell(`finding.${reason.code}`, reason.detail);

/** Findings by weight, most urgent first; their own order is kept within a weight. */
export function byWeight(findings: readonly Finding[]): readonly { readonly weight: Weight; readonly findings: readonly Finding[] }[] {
  return order.map((weight) => ({ weight, findings: findings.filter((it) => it.weight === weight) })).filter((it) => it.findings.length > 0);
}
