// SPDX-License-Identifier: GPL-3.0-or-later
import type { TransactionId } from '../contract/history';
import type { Plan } from '../contract/plan';
import { grubEnvValue, printGrubEnv, readGrubEnv, withGrubEnv } from '../core/read/grub-env';
import { pathOf } from '../core/step/places';
import { trialEntryId } from '../core/step/tokens';
import type { KernelSeen } from '../core/trial/self-check';
import type { Hands } from './hands';
import { replaceFile, rootReadable } from './replace-file';

const longest = 4096;

/**
 * GRUB forgets its one-shot by writing into its environment block before it starts the entry. Where it could not, the
 * trial would be every start: so it is looked at, and taken away from here (host.md 5.3.2).
 */
export async function spendOneShot(hands: Hands, plan: Plan, transaction: TransactionId): Promise<KernelSeen['oneShot']> {
  if (!plan.steps.some((step) => step.kind === 'one-shot')) return 'unknown';
  const path = pathOf('grub-env', transaction);
  const before = waitingIn(hands, path);
  if (before === 'unknown' || before === null) return before === null ? 'spent' : 'unknown';
  const block = printGrubEnv(withGrubEnv(before.env, 'next_entry', ''));
  if (!block.ok) return 'stays';
  await replaceFile(hands, { path, expected: before.state, content: new TextEncoder().encode(block.value), owner: rootReadable });
  return waitingIn(hands, path) === null ? 'cleared' : 'stays';
}

/** The block while it still names our entry; null when it does not, or when there is none. */
function waitingIn(hands: Hands, path: string) {
  const taken = hands.take(path, longest);
  if (!taken.ok) return 'unknown';
  if (taken.value === null) return null;
  const env = readGrubEnv(new TextDecoder('latin1').decode(taken.value.bytes));
  if (!env.ok) return 'unknown';
  return grubEnvValue(env.value, 'next_entry') === trialEntryId ? { env: env.value, state: taken.value.state } : null;
}
