// SPDX-License-Identifier: GPL-3.0-or-later
import type { VerdictCode } from '../../contract/judge-codes';
import type { PciAddress, PciFunction } from '../../contract/pci';
import type { PassthroughAnswer } from '../../contract/verdict';
import { slotOf } from '../read/address';
import type { Gpu, Inventory } from './inventory';
import type { IommuState } from './iommu-state';
import { foreignEndpoints, necessityOf, remainsAfter, type Necessity } from './necessities';
import { isReserved, nameOf } from './pci-kind';

/** A card's answer with everything that led to it; the first condition is the most important one. */
export interface Judged {
  readonly gpu: Gpu;
  readonly answer: PassthroughAnswer;
  readonly conditions: readonly VerdictCode[];
  /** Foreign endpoints the host cannot lose, and why. */
  readonly blockers: readonly { readonly fn: PciFunction; readonly why: Necessity }[];
  /** Foreign endpoints of its groups. */
  readonly foreign: readonly PciFunction[];
}

export interface Circumstances {
  readonly machine: Inventory;
  readonly iommu: IommuState;
  /** The function that shows, or most probably shows, firmware's picture. */
  readonly display: PciAddress | null;
  /** True when the source proves it. */
  readonly displayProven: boolean;
  readonly guest: boolean;
  readonly laptop: boolean;
  /** The machine's only card, as far as the source tells. */
  readonly single: boolean;
}

export function judgeCard(gpu: Gpu, given: Circumstances): Judged {
  const { machine } = given;
  const own = new Set(gpu.own);
  const foreign = gpu.bind.filter((fn) => !own.has(fn));
  const left = remainsAfter(gpu, machine);
  const blockers = foreignEndpoints(gpu, machine).flatMap((fn) => {
    const why = necessityOf(fn, left, machine);
    return why === null ? [] : [{ fn, why }];
  });
  const refusal = refusalOf(gpu, given, blockers.length > 0);
  const base = { gpu, blockers, foreign };
  if (refusal !== null) return { ...base, answer: 'no', conditions: [refusal] };
  const conditions = conditionsOf(gpu, given, foreign);
  return { ...base, answer: conditions.length === 0 ? 'yes' : 'conditional', conditions };
}

function refusalOf(gpu: Gpu, { machine, iommu, guest }: Circumstances, blocked: boolean): VerdictCode | null {
  if (gpu.kind === 'bmc') return 'pass-bmc';
  if (gpu.kind === 'virtual') return 'pass-virtual';
  if (guest && iommu.on !== true) return 'pass-in-guest';
  if (iommu.noHardware) return 'pass-no-iommu-hardware';
  if (blocked) return 'pass-blocked';
  if (hasFixedMemory(gpu, machine)) return 'pass-reserved-memory';
  return gpu.kind !== 'discrete-vf' && hasVirtualFunctions(gpu, machine) ? 'pass-has-vfs' : null;
}

/** A group with a `direct` region: the kernel refuses it for VFIO; `direct-relaxable` is harmless (host.md 1.2.2). */
const hasFixedMemory = (gpu: Gpu, machine: Inventory): boolean =>
  (machine.facts.iommu.groups.value ?? []).some((group) => gpu.own.some((fn) => fn.iommuGroup === group.id) && group.reserved.some((region) => region.kind === 'direct'));

/** A physical function whose virtual functions exist must keep its host driver (host.md 7.3). */
const hasVirtualFunctions = (gpu: Gpu, machine: Inventory): boolean =>
  (gpu.fn.sriov?.now ?? 0) > 0 ||
  machine.gpus.some((other) => other.kind === 'discrete-vf' && (other.fn.physicalFunction === gpu.fn.address || (other.fn.physicalFunction === null && slotOf(other.fn.address) === slotOf(gpu.fn.address))));

function conditionsOf(gpu: Gpu, { machine, iommu, display, displayProven, laptop, single }: Circumstances, foreign: readonly PciFunction[]): VerdictCode[] {
  const found: VerdictCode[] = [];
  const virtual = gpu.kind === 'discrete-vf';
  if (iommu.on === false) found.push('pass-iommu-off');
  else if (groupUnknown(gpu)) found.push('pass-group-unknown');
  found.push(...sharing(gpu, machine, foreign));
  if (gpu.unseen.length > 0) found.push('pass-unseen-members');
  if (!virtual && single) found.push('pass-only-gpu');
  if (gpu.kind === 'integrated') found.push('pass-integrated');
  if (!virtual && display !== null && slotOf(display) === slotOf(gpu.fn.address)) found.push(displayProven ? 'pass-boot-display' : 'pass-boot-likely');
  if (!virtual && laptop) found.push('pass-laptop');
  if (onFabric(gpu, machine)) found.push('pass-fabric');
  return found;
}

/** No group was told for the card, and no vfio-pci binding of all its functions answers the question. */
export const groupUnknown = (gpu: Gpu): boolean => gpu.fn.iommuGroup === null && !gpu.own.every(isReserved);

function sharing(gpu: Gpu, machine: Inventory, foreign: readonly PciFunction[]): VerdictCode[] {
  if (foreign.length === 0) return [];
  const near = foreignEndpoints(gpu, machine);
  if (near.length === 0) return ['pass-companion-shared'];
  return [near.every((fn) => machine.cardFunctions.has(fn)) ? 'pass-shared-gpus' : 'pass-shared'];
}

/** Socketed boards (SXM) that talk over an NVSwitch: seen as NVIDIA bridge-class devices, or eight and more sockets named so. */
function onFabric(gpu: Gpu, machine: Inventory): boolean {
  if (gpu.fn.vendor !== '10de' || gpu.kind === 'discrete-vf' || gpu.fn.class === '0300') return false;
  if (machine.functions.some((fn) => fn.vendor === '10de' && fn.class === '0680')) return true;
  const socketed = machine.gpus.filter((other) => other.fn.vendor === '10de' && /\bSXM/i.test(other.fn.name ?? ''));
  return socketed.includes(gpu) && socketed.length >= 8;
}

/** After this card is given away with everything in its groups, another integrated or discrete GPU, or a BMC, still belongs to the host. */
export function leavesDisplay(gpu: Gpu, machine: Inventory): boolean {
  const gone = new Set(gpu.bind);
  return machine.gpus.some((other) => other.kind !== 'discrete-vf' && !gone.has(other.fn));
}

/** What the sentences of a card's codes may name. */
export function detailOf({ gpu, foreign, blockers }: Judged): Readonly<Record<string, string>> {
  const named = (blockers.length > 0 ? blockers.map((one) => one.fn) : foreign).slice(0, 3).map(nameOf).join('; ');
  return { group: gpu.fn.iommuGroup === null ? '' : String(gpu.fn.iommuGroup), others: named, count: String(foreign.length), family: gpu.family.name, driver: gpu.fn.driver ?? '' };
}

/** The card shows firmware's picture, or is suspected to. */
export const showsPicture = (card: Judged): boolean => card.conditions.includes('pass-boot-display') || card.conditions.includes('pass-boot-likely');
