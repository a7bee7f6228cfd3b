// SPDX-License-Identifier: GPL-3.0-or-later
import type { Finding, Weight } from '../../contract/finding';
import type { Reason } from '../../contract/verdict';
import type { IconName } from '../parts/icons';
import type { Session } from './session.svelte';

export const weightIcons: Readonly<Record<Weight, IconName>> = { good: 'good', note: 'note', warn: 'warn', stop: 'stop' };
const order: readonly Weight[] = ['stop', 'warn', 'note', 'good'];

export const sentenceOf = (session: Session, reason: Pick<Reason, 'code' | 'detail'>): string => session.tell(`finding.${reason.code}`, reason.detail);

/** Findings of one weight that end in the same advice, so that it is given once; one without advice stands alone. */
export function byAdvice(findings: readonly Finding[]): readonly (readonly [Finding, ...Finding[]])[] {
  const parts = new Map<string, [Finding, ...Finding[]]>();
  for (const [index, finding] of findings.entries()) {
    const key = finding.next === undefined ? String(index) : JSON.stringify([finding.weight, finding.next]);
    const part = parts.get(key);
    if (part === undefined) parts.set(key, [finding]);
    else part.push(finding);
  }
  return [...parts.values()];
}

/** What of a shared group the host would lose, without the start of the sentence; null for any other finding. */
export function blockerOf(session: Session, finding: Finding): string | null {
  const key = `window.${finding.code}`;
  return session.has(key) ? session.tell(key, { name: finding.detail['name'] ?? '', more: Number(finding.detail['count'] ?? 1) - 1 }) : null;
}

/** Findings by weight, most urgent first; their own order is kept within a weight. */
export function byWeight(findings: readonly Finding[]): readonly { readonly weight: Weight; readonly findings: readonly Finding[] }[] {
  return order.map((weight) => ({ weight, findings: findings.filter((it) => it.weight === weight) })).filter((it) => it.findings.length > 0);
}
