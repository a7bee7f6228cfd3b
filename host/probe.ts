// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../contract/facts';
import { lookAtBoard } from './board';
import { lookAtCpu } from './cpu';
import { lookAtDisplay } from './display';
import { lookAtFirmware } from './firmware';
import { lookAtHolders } from './holders';
import { lookAtIommu } from './iommu';
import { lookAtKernel } from './kernel';
import type { Machine } from './machine';
import { lookAtMemory } from './memory';
import { whatIsMissing } from './missing';
import { lookAtPci } from './pci';
import { lookAtSystem } from './system';
import { lookAtVirtualisation } from './virtualisation';

/**
 * Everything this machine shows to whoever asks. Reads only, wakes nothing, never throws for what it finds: what could
 * not be read is unknown, and `from` says where it was asked for.
 */
export function probe(machine: Machine): HostFacts {
  return machine.again?.('facts', lookAtAll) ?? lookAtAll(machine);
}

function lookAtAll(machine: Machine): HostFacts {
  const firmware = lookAtFirmware(machine);
  const kernel = lookAtKernel(machine);
  const board = lookAtBoard(machine, kernel.log);
  const pci = lookAtPci(machine, kernel.release.value);
  const facts = {
    schema: 1 as const,
    source: 'live' as const,
    machine: board,
    firmware,
    cpu: lookAtCpu(machine),
    memory: lookAtMemory(machine),
    kernel,
    iommu: lookAtIommu(machine, kernel),
    pci,
    display: lookAtDisplay(machine, pci),
    ...lookAtHolders(machine, { pci, machine: board }),
    system: lookAtSystem(machine, kernel, firmware),
    virtualisation: lookAtVirtualisation(machine),
  };
  return { ...facts, missing: whatIsMissing(facts) };
}
