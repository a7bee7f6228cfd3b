// SPDX-License-Identifier: GPL-3.0-or-later
import { ok, type Result } from '../../contract/problem';
import type { Outcome } from '../../contract/progress';
import { refuseMissing, refuseUnfinished, takePoint } from '../apply';
import type { Desk } from '../desk';
import { draw } from '../draw';
import { locked } from '../locked';
import { openStore } from '../store';
import { saveVm } from './state';

/** A restore point that holds what a VM's firmware and TPM remember. Changes nothing but the store. */
export function saveVmPoint(desk: Desk, { vm }: { readonly vm: string }): Promise<Result<Outcome>> {
  return locked(desk, 'save-vm', async () => {
    const free = refuseUnfinished(desk, null);
    if (!free.ok) return free;
    const able = refuseMissing(desk, ['virsh-domain-state', 'virsh-domain-xml']);
    if (!able.ok) return able;
    const plan = draw(desk.hands, { kind: 'save-vm', vm }, desk.origin.uid);
    if (!plan.ok) return plan;
    const store = openStore(desk.hands);
    const saved = store.ok ? await saveVm(desk.hands, vm) : store;
    if (!saved.ok) return saved;
    const taken = await takePoint(desk, plan.value, [saved.value]);
    return taken.ok ? ok(taken.value) : taken;
  });
}
