// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import type { PlanBasis } from '../../contract/plan';
import { failed, ok, type Result } from '../../contract/problem';
import type { PlacesSeen } from './seen';

interface Host {
  readonly release: string;
  readonly kernels: readonly string[];
  readonly distribution: PlanBasis['distribution'];
  readonly architecture: string;
  readonly firmware: PlanBasis['firmware'];
}

const isRelease = (text: string): boolean => /^[0-9][0-9A-Za-z.+~_-]{0,79}$/.test(text);
/** type_of_loader of a kernel started by kexec: its command line may come from no loader (host fact 5.1). */
const kexec = 208;

/** The parts a plan can be drawn for today; for every other machine the part that is missing, by name. */
export function hostOf(facts: HostFacts, seen: PlacesSeen): Result<Host> {
  const missing = missingPart(facts, seen);
  if (missing !== null) return failed('unsupported-host', missing);
  if (facts.kernel.bootloaderType.value === kexec) return failed('precondition-failed', { why: 'kexec' });
  const release = facts.kernel.release.value;
  const distribution = facts.system.distribution.value;
  const architecture = facts.cpu.architecture.value;
  const firmware = facts.firmware.mode.value;
  if (release === null || distribution === null || architecture === null || firmware === null)
    return failed('precondition-failed', { why: 'host-unknown' });
  if (seen.kernels === null) return failed('precondition-failed', { why: 'boot-closed' });
  const kernels = [...seen.kernels].sort();
  if (![release, ...kernels].every(isRelease)) return failed('unsupported-host', { part: 'kernel', name: release });
  if (!kernels.includes(release))
    return failed('precondition-failed', { why: 'kernel-image-missing', kernel: release });
  const { id, like, version } = distribution;
  return ok({ release, kernels, distribution: { id, like: [...like], version }, architecture, firmware });
}

function missingPart(facts: HostFacts, seen: PlacesSeen): { readonly part: string; readonly name: string } | null {
  const { system, machine } = facts;
  const wanted: readonly (readonly [part: string, found: string | null, wanted: string])[] = [
    ['container', machine.container.value ?? 'none', 'none'],
    ['immutable', system.immutable.value ?? 'no', 'no'],
    ['loader', system.bootLoader.value, 'grub'],
    ['generator', system.initramfs.value, 'initramfs-tools'],
    ['grub-drop-ins', seen.grubDropIns === true ? 'yes' : 'no', 'yes'],
  ];
  const miss = wanted.find(([, found, right]) => found !== right);
  return miss === undefined ? null : { part: miss[0], name: miss[1] ?? 'unknown' };
}
