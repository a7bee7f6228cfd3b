// SPDX-License-Identifier: GPL-3.0-or-later
import type { DeviceIdentity, Intent, PlanBasis, Step } from '../../contract/plan';
import { failed, ok, type Result } from '../../contract/problem';
import { grub } from './boot/grub';
import type { StartChange } from './boot/loader';
import { givenDevices, remainingDevices, sameDevice } from './device-set';
import { initramfsTools } from './initramfs/initramfs-tools';

type Of<K extends Intent['kind']> = Extract<Intent, { kind: K }>;

/** Steps of the intents that change how the machine starts: prepared, tried once, and kept only after an answer. */
export function drawStart(basis: PlanBasis, intent: Of<'dedicate' | 'enable-iommu' | 'release' | 'huge-pages'>): Result<readonly Step[]> {
  if (basis.bootVolume === null) throw new Error('a plan of a start without its basis');
  const once = grub.mayTryOnce(basis.bootVolume);
  if (!once.ok) return once;
  switch (intent.kind) {
    case 'dedicate':
      return drawDedicate(basis, intent);
    case 'enable-iommu':
      return drawEnableIommu(basis);
    case 'release':
      return drawRelease(basis, intent);
    case 'huge-pages':
      return drawPages(basis, intent);
    default:
      return intent satisfies never;
  }
}

function drawDedicate(basis: PlanBasis, intent: Of<'dedicate'>): Result<readonly Step[]> {
  const promised = basis.kept.table?.devices ?? [];
  if (intent.devices.every((device) => promised.some((other) => sameDevice(other, device)))) return ok([]);
  return ok(bindSteps(basis, givenDevices(promised, intent.devices), argsOf(basis)));
}

function drawEnableIommu(basis: PlanBasis): Result<readonly Step[]> {
  if (basis.iommu.active) return ok([]);
  if (basis.iommu.needs === null) return failed('refused', { why: 'iommu-not-ours', cpu: basis.iommu.cpuVendor });
  return ok(argSteps(basis, argsOf(basis)));
}

/** The reverse of dedicate. With nothing left to give, the trial is the usual start without our word, and what bound goes. */
function drawRelease(basis: PlanBasis, intent: Of<'release'>): Result<readonly Step[]> {
  const promised = basis.kept.table?.devices ?? [];
  const stay = remainingDevices(promised, intent.devices);
  if (stay.length === promised.length) return ok([]);
  if (stay.length > 0) return ok(bindSteps(basis, stay, basis.kept.args));
  const change: StartChange = { kernel: basis.kernel.release, image: 'default', bind: 'none', args: basis.kept.args };
  return ok([
    ...grub.tryOnce(change),
    ...initramfsTools.keepNothing(basis.kernel.images),
    ...grub.keep(change),
    ...grub.clear(basis.places),
  ]);
}

function drawPages(basis: PlanBasis, intent: Of<'huge-pages'>): Result<readonly Step[]> {
  const size = intent.sizeKiB === 2048 ? '2M' : '1G';
  const words = [`hugepagesz=${size}`, `hugepages=${intent.numa === null ? '' : `${intent.numa}:`}${intent.count}`];
  return ok(argSteps(basis, [...basis.kept.args, ...words]));
}

/** Another table at every start, through an image of its own first. */
function bindSteps(basis: PlanBasis, devices: readonly DeviceIdentity[], args: readonly string[]): readonly Step[] {
  const change: StartChange = { kernel: basis.kernel.release, image: 'own', bind: 'this', args };
  return [
    ...initramfsTools.prepare(change.kernel, devices),
    ...grub.tryOnce(change),
    ...initramfsTools.keep(basis.kernel.images, devices, basis.kept.table),
    ...grub.keep(change),
    ...grub.clear(basis.places),
    ...initramfsTools.clear(change.kernel),
  ];
}

/** Other kernel arguments at every start, with the table that is in force. */
function argSteps(basis: PlanBasis, args: readonly string[]): readonly Step[] {
  const change: StartChange = { kernel: basis.kernel.release, image: 'default', bind: basis.kept.table?.transaction ?? 'none', args };
  return [...grub.tryOnce(change), ...grub.keep(change), ...grub.clear(basis.places)];
}

/** What our drop-in says already, and the argument without which there would be no IOMMU. */
function argsOf(basis: PlanBasis): readonly string[] {
  const { needs } = basis.iommu;
  return needs === null || basis.kept.args.includes(needs) ? basis.kept.args : [...basis.kept.args, needs];
}
