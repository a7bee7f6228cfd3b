// SPDX-License-Identifier: GPL-3.0-or-later
import { readFileSync } from 'node:fs';
import type { HostFacts } from '../../contract/facts';
import { runVirsh } from '../programs';
import { openLibvirt, type Libvirt, type Processor } from './libvirt';

/** libvirt of this computer, through the system connection. */
export const libvirtHere = (facts: Pick<HostFacts, 'cpu'>): Libvirt => openLibvirt(runVirsh, 'system', processorOf(facts));

/** `nonstop_tsc` among the flags, and the switch of the KVM module for interrupts that need no exit. */
function processorOf(facts: Pick<HostFacts, 'cpu'>): Processor {
  const flags = facts.cpu.flags.value;
  const switches = ['/sys/module/kvm_amd/parameters/avic', '/sys/module/kvm_intel/parameters/enable_apicv'].map(readSwitch).filter((one) => one !== null);
  return { steadyClock: flags === null ? null : flags.includes('nonstop_tsc'), apicv: switches[0] ?? null };
}

function readSwitch(path: string): boolean | null {
  try {
    return /^[Y1]/.test(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}
