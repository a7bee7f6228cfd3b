// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import { pointSide, type TransactionId } from '../../contract/history';
import { vmNeeds, type Intent, type IntentKind } from '../../contract/plan';
import { wishes } from '../../rehearsal/wish';

/** How often each kind of intent is asked for: more where a plan has more steps, seldom a point, which changes nothing. */
export const weights: Readonly<Record<IntentKind, number>> = { dedicate: 32, 'enable-iommu': 12, release: 12, 'huge-pages': 8, 'vm-host': 12, 'move-now': 8, 'on-demand': 8, point: 1, 'save-vm': 0, restore: 12 };

/** Everything that could be asked of a machine that looks like this and has this history; most of it will be refused. */
export function wantsOf(facts: HostFacts, history: readonly TransactionId[]): readonly Intent[] {
  const given = wishes(facts);
  const cards = given.flatMap((one) => (one.kind === 'dedicate' && one.consents.length === 0 ? [one.devices] : []));
  // With ids of its own vfio-pci takes a card again at once: that is found out by looking, and said, but no plan knows.
  const byIds = (facts.kernel.args.value ?? []).some((arg) => /^vfio[-_]pci\.ids=/.test(arg));
  return [
    ...given,
    ...cards.flatMap((devices): Intent[] => [
      { kind: 'release', devices },
      { kind: 'move-now', devices, to: 'vfio-pci' },
      ...(byIds ? [] : [{ kind: 'move-now' as const, devices, to: 'host' as const }]),
      { kind: 'on-demand', devices },
    ]),
    ...([[64, 'now'], [64, 'always'], [0, 'always']] as const).map(([count, when]): Intent => ({ kind: 'huge-pages', sizeKiB: 2048, count, numa: null, when })),
    ...vmNeeds.map((need): Intent => ({ kind: 'vm-host', needs: [need] })),
    { kind: 'vm-host', needs: [...vmNeeds] },
    { kind: 'point', reason: 'before I try something' },
    ...history.flatMap((transaction) => pointSide.options.map((side): Intent => ({ kind: 'restore', to: { transaction, side }, choices: [] }))),
  ];
}
