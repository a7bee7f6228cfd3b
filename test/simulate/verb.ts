// SPDX-License-Identifier: GPL-3.0-or-later
import type { TransactionId } from '../../contract/history';
import type { Intent, PlanHash } from '../../contract/plan';
import type { Result } from '../../contract/problem';
import type { Outcome } from '../../contract/progress';
import { apply } from '../../helper/apply';
import { keep } from '../../helper/keep';
import { restore } from '../../helper/restore';
import { goBack, undo, undoLast } from '../../helper/undo';
import { saveVmPoint } from '../../helper/vm/save-vm';
import type { Listener, Rehearsal } from '../../rehearsal/machine';

/** What can be asked of root; *restart* is what the recover unit does by itself. */
export const verbs = ['apply', 'keep', 'undo', 'undo-last', 'go-back', 'restart'] as const;
export type Verb = (typeof verbs)[number];

export interface Asked {
  readonly offer: { readonly intent: Intent; readonly approved: PlanHash } | null;
  readonly change: { readonly transaction: TransactionId; readonly approved: PlanHash } | null;
}

/** Does a verb on a machine of memory; null: nothing of ours had to run. Throws what the faults throw. */
export async function doVerb({ rehearsal, listener }: { readonly rehearsal: Rehearsal; readonly listener: Listener }, verb: Verb, { offer, change }: Asked): Promise<Result<Outcome> | null> {
  switch (verb) {
    case 'apply': {
      const { intent, approved } = wanted(offer);
      if (intent.kind === 'save-vm') return saveVmPoint(rehearsal.desk(listener), intent);
      return intent.kind === 'restore' ? restore(rehearsal.desk(listener), { to: intent.to, choices: intent.choices, approved }) : apply(rehearsal.desk(listener), { intent, approved });
    }
    case 'keep':
      return keep(rehearsal.desk(listener), wanted(change));
    case 'undo':
      return undo(rehearsal.desk(listener), wanted(change));
    case 'undo-last':
      return undoLast(rehearsal.desk(listener));
    case 'go-back':
      return goBack(rehearsal.desk(listener));
    case 'restart': {
      const boot = await rehearsal.restart(listener);
      return boot.recovered;
    }
    default:
      return verb satisfies never;
  }
}

function wanted<T>(given: T | null): T {
  if (given === null) throw new Error('a verb without what it is about');
  return given;
}
