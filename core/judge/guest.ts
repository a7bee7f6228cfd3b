// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import type { Evidence } from '../../contract/finding';
import { isVirtualBoard } from './families/boards';
import { sightOf, witness } from './reason';

/** Whether this machine is itself a virtual machine, and what says so. `null`: nothing says either. */
export function guestOf(facts: HostFacts): { readonly value: boolean | null; readonly evidence: readonly Evidence[] } {
  const told = facts.machine.virtualised;
  if (told.value !== null) return { value: told.value !== 'none', evidence: witness(told) };
  if (facts.machine.chassis.value === 'vm') return { value: true, evidence: witness(facts.machine.chassis) };
  const flags = facts.cpu.flags;
  if (flags.value?.includes('hypervisor') === true) return { value: true, evidence: [{ place: flags.from ?? 'cpu flags', value: 'hypervisor' }] };
  const part = facts.pci.functions.find(isVirtualBoard);
  return part === undefined ? { value: null, evidence: [] } : { value: true, evidence: [sightOf(part)] };
}
