// SPDX-License-Identifier: GPL-3.0-or-later
import type { Assumption, Intent, Plan, PlanBasis, Step } from '../../contract/plan';
import { failed, ok, type Result } from '../../contract/problem';
import { grub } from './boot/grub';
import type { StartChange } from './boot/loader';
import { givenDevices, sameDevice } from './device-set';
import { initramfsTools } from './initramfs/initramfs-tools';

/** Pure and total: the same basis and intent give the same plan in the window's process and in root's. */
export function drawPlan(basis: PlanBasis, intent: Intent): Result<Plan> {
  const once = grub.mayTryOnce(basis.bootVolume);
  if (!once.ok) return once;
  switch (intent.kind) {
    case 'dedicate':
      return drawDedicate(basis, intent);
    case 'enable-iommu':
      return drawEnableIommu(basis, intent);
    default:
      return intent satisfies never;
  }
}

function drawDedicate(basis: PlanBasis, intent: Extract<Intent, { kind: 'dedicate' }>): Result<Plan> {
  const promised = basis.kept.table?.devices ?? [];
  if (intent.devices.every((device) => promised.some((other) => sameDevice(other, device))))
    return ok(planOf(basis, intent, []));
  const devices = givenDevices(promised, intent.devices);
  const change: StartChange = { kernel: basis.kernel.release, image: 'own', bind: 'this', args: argsOf(basis) };
  return ok(
    planOf(basis, intent, [
      ...initramfsTools.prepare(change.kernel, devices),
      ...grub.tryOnce(change),
      ...initramfsTools.keep(basis.kernel.images, devices, basis.kept.table),
      ...grub.keep(change),
      ...grub.clear(basis.places),
      ...initramfsTools.clear(change.kernel),
    ]),
  );
}

function drawEnableIommu(basis: PlanBasis, intent: Intent): Result<Plan> {
  if (basis.iommu.active) return ok(planOf(basis, intent, []));
  if (basis.iommu.needs === null) return failed('refused', { why: 'iommu-not-ours', cpu: basis.iommu.cpuVendor });
  const change: StartChange = {
    kernel: basis.kernel.release,
    image: 'default',
    bind: basis.kept.table?.transaction ?? 'none',
    args: argsOf(basis),
  };
  return ok(planOf(basis, intent, [...grub.tryOnce(change), ...grub.keep(change), ...grub.clear(basis.places)]));
}

/** What our drop-in says already, and the argument without which there would be no IOMMU. */
function argsOf(basis: PlanBasis): readonly string[] {
  const { needs } = basis.iommu;
  return needs === null || basis.kept.args.includes(needs) ? basis.kept.args : [...basis.kept.args, needs];
}

function planOf(basis: PlanBasis, intent: Intent, steps: readonly Step[]): Plan {
  return {
    schema: 1,
    intent,
    basis,
    steps: [...steps],
    needsRestart: steps.length > 0,
    assumptions: steps.length > 0 ? [...assumptionsOf(basis)] : [],
  };
}

/** What nobody could see from here and root will look at before it touches anything. */
function assumptionsOf(basis: PlanBasis): readonly Assumption[] {
  const closed = basis.places.filter(
    ({ place, state }) => state.kind === 'hidden' || (state.kind === 'stat' && !place.includes('-image:')),
  );
  return closed.length === 0 ? [] : [{ code: 'closed-files', detail: { count: String(closed.length) } }];
}
