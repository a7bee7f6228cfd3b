// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import type { VerdictCode } from '../../contract/judge-codes';
import type { GpuKind, Verdict } from '../../contract/verdict';
import { recommend } from './action';
import { bootDisplay, suspectedDisplay } from './boot-display';
import { guestOf } from './guest';
import { judgeIdentical } from './identical';
import { takeInventory, type Inventory } from './inventory';
import { iommuState } from './iommu-state';
import { isLaptop, judgeHybrid } from './laptop';
import { detailOf, judgeCard, type Circumstances, type Judged } from './passthrough';
import { isReserved, nameOf } from './pci-kind';
import { because, sightOf } from './reason';
import { judgeReset } from './reset';
import { judgeSingle } from './single';
import { judgeVgpu } from './vgpu';

/** Everything the verdict was made of, for those who say more about it. */
export interface Judgement extends Circumstances {
  readonly judged: readonly Judged[];
  readonly verdict: Verdict;
}

const kindCodes: Readonly<Record<GpuKind, VerdictCode>> = {
  virtual: 'kind-virtual',
  'discrete-vf': 'kind-virtual-function',
  bmc: 'kind-bmc',
  integrated: 'kind-integrated',
  discrete: 'kind-discrete',
};

/** Can a card of this machine be given to a VM? Decided by the corpus' rules; every field says why. */
export function judge(facts: HostFacts): Judgement {
  const machine = takeInventory(facts);
  const iommu = iommuState(facts, machine.functions);
  const boot = bootDisplay(machine);
  const single = judgeSingle(machine);
  const given: Circumstances = {
    machine,
    iommu,
    display: suspectedDisplay(machine, boot),
    displayProven: isProven(boot),
    guest: guestOf(facts).value === true,
    laptop: isLaptop(machine).value === true,
    single: single.value === true,
  };
  const judged = machine.gpus.map((gpu) => judgeCard(gpu, given));
  const verdict: Verdict = {
    gpus: machine.gpus.map(({ fn, kind, family }) => ({ address: fn.address, kind, name: nameOf(fn), reason: because(kindCodes[kind], { family: family.name }, [sightOf(fn)]) })),
    boot_gpu: boot,
    passthrough: judged.map((card) => passthroughOf(card, machine)),
    identical_ids: judgeIdentical(machine, judged),
    single_gpu: single,
    iommu_off: { value: iommu.on === null ? null : !iommu.on, reason: iommu.reason },
    hybrid_laptop: judgeHybrid(machine),
    reset_bug: judgeReset(machine),
    vgpu: judgeVgpu(machine),
    recommended_action: recommend(given, judged),
  };
  return { ...given, judged, verdict };
}

/** `stated` and `derived` are proofs; the rest are guesses. */
const isProven = (boot: Verdict['boot_gpu']): boolean => boot.address !== null && (boot.confidence === 'derived' || boot.confidence === 'stated');

function passthroughOf(card: Judged, machine: Inventory): Verdict['passthrough'][number] {
  const { gpu, answer, conditions } = card;
  const plain: VerdictCode = gpu.kind === 'discrete-vf' ? 'pass-vf' : gpu.fn.iommuGroup === null && isReserved(gpu.fn) ? 'pass-reserved' : 'pass-isolated';
  const members = gpu.fn.iommuGroup === null ? gpu.own : (machine.groups.get(gpu.fn.iommuGroup) ?? []).flatMap((address) => machine.byAddress.get(address) ?? []);
  return {
    gpu: gpu.fn.address,
    verdict: answer,
    own_functions: gpu.own.map((fn) => fn.address),
    bind_together: gpu.bind.map((fn) => fn.address),
    leave_on_host: gpu.leave.map((fn) => fn.address),
    iommu_group: gpu.fn.iommuGroup,
    reason: because(conditions[0] ?? plain, detailOf(card), members.slice(0, 64).map(sightOf)),
  };
}
