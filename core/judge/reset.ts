// SPDX-License-Identifier: GPL-3.0-or-later
import type { ResetAnswer, Verdict } from '../../contract/verdict';
import type { Inventory } from './inventory';
import { because, sightOf } from './reason';

const worseFirst: readonly ResetAnswer[] = ['yes', 'possible', 'unknown', 'no'];
export const worst = (answers: readonly ResetAnswer[]): ResetAnswer => worseFirst.find((answer) => answers.includes(answer)) ?? 'no';

/** Whether a card comes back after a VM used it, by family (host.md 4.6); the machine's answer is the worst of its cards. */
export function judgeReset(machine: Inventory): Verdict['reset_bug'] {
  const cards = machine.gpus
    .filter((gpu) => gpu.kind === 'integrated' || gpu.kind === 'discrete')
    .map((gpu) => ({
      gpu: gpu.fn.address,
      family: gpu.family.name,
      value: gpu.family.reset,
      reason: because('reset-family', { family: gpu.family.name, value: gpu.family.reset }, [sightOf(gpu.fn)]),
    }));
  const value = worst(cards.map((card) => card.value));
  const guilty = cards.filter((card) => card.value === value);
  const reason = cards.length === 0 ? because('reset-none') : because('reset-worst', { family: guilty[0]?.family ?? '', value }, guilty.flatMap((card) => card.reason.evidence));
  return { value, cards, reason };
}
