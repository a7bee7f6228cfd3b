// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../contract/facts';
import type { PciFunction } from '../contract/pci';
import { compareAddresses, isPciAddress } from '../core/read/address';
import { readModuleAliases, type ModuleFinder } from '../core/read/sysfs/modules-alias';
import type { Machine } from './machine';
import { lookAtFunction } from './pci-function';
import { nameFunctions } from './pci-names';
import { physicalSlots } from './pci-slots';

export const pciFolder = '/sys/bus/pci/devices';

/** Every PCI function, in lspci's order. One that vanishes while we look is not there; one we cannot read makes the list incomplete. */
export function lookAtPci(machine: Machine, release: string | null): HostFacts['pci'] {
  const look = machine.names(pciFolder);
  if (look.at !== 'is')
    return { functions: [], complete: look.at === 'absent' && machine.names('/sys/bus').at === 'is' };
  const modules = moduleFinder(machine, release);
  const functions: PciFunction[] = [];
  const addresses = look.value.filter(isPciAddress).sort(compareAddresses);
  let complete = addresses.length <= 16384;
  for (const address of addresses.slice(0, 16384)) {
    const found = lookAtFunction(machine, pciFolder, address, modules);
    if (found === 'gone') continue;
    if (found === 'unreadable') complete = false;
    else functions.push(found);
  }
  settleResetMethods(functions);
  const slots = physicalSlots(machine);
  for (const found of functions) found.slotLabel ??= slots.get(found.address.slice(0, -2)) ?? null;
  nameFunctions(machine, functions);
  return { functions, complete };
}

function moduleFinder(machine: Machine, release: string | null): ModuleFinder | null {
  if (release === null) return null;
  const look = machine.text(`/lib/modules/${release}/modules.alias`, 16 << 20);
  return look.at === 'is' ? readModuleAliases(look.value) : null;
}

/** `reset_method` is there only for functions that can be reset; a kernel before 5.15 has it nowhere and so says nothing. */
function settleResetMethods(functions: readonly PciFunction[]): void {
  const kernelTells = functions.some((found) => found.resetMethods !== null);
  for (const found of functions) {
    if (found.resetMethods !== null || found.unknown.includes('resetMethods')) continue;
    if (kernelTells) found.resetMethods = [];
    else found.unknown.push('resetMethods');
  }
}
