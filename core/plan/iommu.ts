// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import type { Intent, PlanBasis } from '../../contract/plan';
import { failed, ok, type Result } from '../../contract/problem';
import { argValue } from '../read/kernel-args';

const turnOn = 'intel_iommu=on';

/**
 * Whether the IOMMU works now, and which argument it needs to work at the next start. Only Intel kernels know one:
 * AMD's is on by itself and `amd_iommu=on` is no valid value (host fact 5.0).
 */
export function iommuOf(facts: HostFacts, intent: Intent): Result<PlanBasis['iommu']> {
  const cpuVendor = facts.cpu.vendor.value;
  const args = facts.kernel.args.value;
  const groups = facts.iommu.groups.value;
  if (cpuVendor === null || args === null || groups === null)
    return failed('precondition-failed', { why: 'iommu-unknown' });
  const active = groups.length > 0;
  const off = ['intel_iommu', 'amd_iommu', 'iommu'].find((name) => argValue(args, name) === 'off');
  if (!active && intent.kind === 'enable-iommu' && off !== undefined)
    return failed('refused', { why: 'iommu-turned-off', arg: `${off}=off` });
  if (cpuVendor !== 'intel') return ok({ cpuVendor, active, needs: null });
  const byArgument = (argValue(args, 'intel_iommu') ?? '').split(',').includes('on');
  const byItself = facts.kernel.config.value?.['CONFIG_INTEL_IOMMU_DEFAULT_ON'] === 'y';
  const needs = active ? byArgument && !byItself : facts.iommu.table.value === 'DMAR' && !byArgument;
  return ok({ cpuVendor, active, needs: needs ? turnOn : null });
}
