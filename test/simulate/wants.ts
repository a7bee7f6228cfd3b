// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import { pointSide, type TransactionId } from '../../contract/history';
import { vmNeeds, type Intent, type IntentKind } from '../../contract/plan';
import { wishes } from '../../rehearsal/wish';

/** The VM that every machine has. */
export const guest = { uuid: '7f0c2b52-6f0a-4d6c-9a1e-0c6d5a1b1102', name: 'win11', nvram: 'variables of then', tpm: 'keys of then' } as const;

/** How often each kind of intent is asked for: more where its steps are in few other plans, and what leads back where there is a history to lead back to. */
export const weights: Readonly<Record<IntentKind, number>> = { dedicate: 56, 'enable-iommu': 60, release: 350, 'huge-pages': 3, 'vm-host': 14, 'move-now': 2, 'on-demand': 4, 'single-card': 3, point: 1, 'save-vm': 45, restore: 75 };

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
      { kind: 'single-card', devices, restartWhenStuck: false },
    ]),
    ...([[64, 'now'], [64, 'always'], [0, 'always']] as const).map(([count, when]): Intent => ({ kind: 'huge-pages', sizeKiB: 2048, count, numa: null, when })),
    ...vmNeeds.map((need): Intent => ({ kind: 'vm-host', needs: [need] })),
    // Most steps of all, and some of them nowhere else.
    ...Array.from({ length: 8 }, (): Intent => ({ kind: 'vm-host', needs: [...vmNeeds] })),
    { kind: 'point', reason: 'before I try something' },
    { kind: 'save-vm', vm: guest.uuid },
    ...history.flatMap((transaction) => pointSide.options.flatMap((side): Intent[] => [
      { kind: 'restore', to: { transaction, side }, choices: [] },
      // Refused where that point holds nothing of it, and the only one that writes to a VM where it does.
      ...Array.from({ length: 3 }, (): Intent => ({ kind: 'restore', to: { transaction, side }, choices: [{ place: `vm-state:${guest.uuid}`, take: 'then' }] })),
    ])),
  ];
}

/** A transaction without steps: nothing is changed, and there is nothing of it to undo. */
export const isPoint = ({ kind }: Intent): boolean => kind === 'point' || kind === 'save-vm';
