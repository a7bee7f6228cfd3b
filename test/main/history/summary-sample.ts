// SPDX-License-Identifier: GPL-3.0-or-later
import { summary, type Summary } from '../../../contract/history';

/** A transaction of root's store, with what a test wants different. */
export function sampleSummary(number: number, change: Partial<Record<keyof Summary, unknown>> = {}): Summary {
  return summary.parse({
    schema: 1,
    transaction: number.toString(16).padStart(16, '0'),
    state: 'kept',
    work: null,
    intent: 'dedicate',
    plan: (number % 16).toString(16).repeat(64),
    version: '0.1.0',
    opened: 1_800_000_000_000 + number * 1000,
    changed: 1_800_000_000_500 + number * 1000,
    kept: null,
    boot: 'b0000000-0000-0000-0000-000000000001',
    restart: false,
    origin: { via: 'pkexec', uid: 1000 },
    problem: null,
    steps: [{ id: 'kernel-args', kind: 'kernel-args', phase: 'keep', outcome: 'verified', why: null, places: [] }],
    ...change,
  });
}
