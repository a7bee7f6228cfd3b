// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../contract/facts';

/** What could not be seen and would help, with the one command that shows it. */
export function whatIsMissing(facts: Omit<HostFacts, 'missing'>): HostFacts['missing'] {
  const missing: HostFacts['missing'] = [];
  if (facts.kernel.log.value === null) missing.push({ what: 'kernel-log', command: 'sudo dmesg' });
  if (facts.iommu.groups.value === null || !facts.iommu.groupsComplete)
    missing.push({ what: 'iommu-groups', command: 'find /sys/kernel/iommu_groups/ -type l' });
  if (!facts.pci.complete) missing.push({ what: 'pci-functions', command: 'lspci -vvnn' });
  if (!facts.holdersComplete) missing.push({ what: 'holders', command: 'sudo switchyard scan' });
  return missing;
}
