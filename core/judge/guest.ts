// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import type { Evidence } from '../../contract/finding';
import type { PciFunction } from '../../contract/pci';
import { sightOf, witness } from './reason';

/** Parts that only a virtual machine has, by class of proof; a single virtio function proves nothing (bare-metal clouds have them). */
function isVirtualBoard(fn: PciFunction): boolean {
  if (fn.vendor === '5853' || fn.vendor === '1b36') return true; // Xen platform device; QEMU's own bridges and devices
  if (fn.vendor === '15ad' && fn.class.startsWith('06')) return true; // VMware's bridges
  if (fn.vendor === '80ee') return true; // VirtualBox
  if (fn.vendor === '1414' && fn.class.startsWith('03')) return true; // Hyper-V
  return fn.class === '0600' && fn.subsystemVendor === '1af4'; // QEMU marks its host bridge so
}

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
