// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import type { Assessment } from '../../contract/verdict';
import { judge } from './verdict';

/** Everything there is to say about one machine: the verdict, the checks, the cards and the one thing to do next. Pure. */
export function assess(facts: HostFacts): Assessment {
  const { verdict } = judge(facts);
  const { code, target, reason } = verdict.recommended_action;
  return {
    schema: 1,
    verdict,
    readiness: [],
    cards: [],
    recommendation: { action: code, target, way: null, confidence: 'seen', reason, next: null },
    missing: facts.missing,
  };
}
