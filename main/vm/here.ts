// SPDX-License-Identifier: GPL-3.0-or-later
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { HostFacts } from '../../contract/facts';
import { missingScreens } from '../../core/read/emulator-parts';
import { isInstalled, openViewer, runSchemaCheck, runVirsh } from '../programs';
import { dataFolder } from '../settings';
import { lookAtDisc } from './disc-file';
import { openHalfStore } from './half-store';
import { openLibvirt, type Libvirt, type Local } from './libvirt';
import { schemaCheckBy } from './schema';
import type { VmSide } from './side';

/** libvirt of this computer, through the system connection. */
export const libvirtHere = (facts: Pick<HostFacts, 'cpu'>): Libvirt => openLibvirt(runVirsh, 'system', { ...processorOf(facts), missingScreens: missingScreens(emulatorModules()) });

/** Everything about VMs that this computer has. */
export const vmsHere = (facts: Pick<HostFacts, 'cpu'>): VmSide => ({
  libvirt: libvirtHere(facts),
  store: openHalfStore(path.join(dataFolder(), 'vm')),
  disc: lookAtDisc,
  schema: schemaCheckBy((xml) => runSchemaCheck(xml, 'domain')),
  viewers: { found: isInstalled, open: openViewer },
  clock: Date.now,
  pace: 3_000,
});

/** `nonstop_tsc` among the flags, and the switch of the KVM module for interrupts that need no exit. */
function processorOf(facts: Pick<HostFacts, 'cpu'>): Local {
  const flags = facts.cpu.flags.value;
  const switches = ['/sys/module/kvm_amd/parameters/avic', '/sys/module/kvm_intel/parameters/enable_apicv'].map(readSwitch).filter((one) => one !== null);
  return { steadyClock: flags === null ? null : flags.includes('nonstop_tsc'), apicv: switches[0] ?? null };
}

/** Where Debian, Fedora and openSUSE, and Arch put QEMU's modules. */
const moduleFolders = ['/usr/lib/x86_64-linux-gnu/qemu', '/usr/lib64/qemu', '/usr/lib/qemu'] as const;

function emulatorModules(): readonly string[] {
  return moduleFolders.flatMap((folder) => {
    try {
      return readdirSync(folder);
    } catch {
      return [];
    }
  });
}

function readSwitch(file: string): boolean | null {
  try {
    return /^[Y1]/.test(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}
