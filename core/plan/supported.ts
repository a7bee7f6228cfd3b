// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import type { PlanBasis } from '../../contract/plan';
import { failed, ok, type Result } from '../../contract/problem';
import type { PlacesSeen } from './seen';

/** What every plan is drawn for. */
export interface Host {
  readonly release: string;
  readonly distribution: PlanBasis['distribution'];
  readonly architecture: string;
  readonly firmware: PlanBasis['firmware'];
}

const isRelease = (text: string): boolean => /^[0-9][0-9A-Za-z.+~_-]{0,79}$/.test(text);
/** type_of_loader of a kernel started by kexec: its command line may come from no loader (host fact 5.1). */
const kexec = 208;

/** What every plan wants of a machine: that it is one, that it may be changed, and that it says what it is. */
export function hostOf(facts: HostFacts): Result<Host> {
  const missing = missingPart([
    ['container', facts.machine.container.value ?? 'none', 'none'],
    ['immutable', facts.system.immutable.value ?? 'no', 'no'],
  ]);
  if (missing !== null) return failed('unsupported-host', missing);
  const release = facts.kernel.release.value;
  const distribution = facts.system.distribution.value;
  const architecture = facts.cpu.architecture.value;
  const firmware = facts.firmware.mode.value;
  if (release === null || distribution === null || architecture === null || firmware === null)
    return failed('precondition-failed', { why: 'host-unknown' });
  if (!isRelease(release)) return failed('unsupported-host', { part: 'kernel', name: release });
  const { id, like, version } = distribution;
  return ok({ release, distribution: { id, like: [...like], version }, architecture, firmware });
}

/** The parts a start can be changed for today, and the installed kernels; for every other machine the part that is missing, by name. */
export function kernelsOf(facts: HostFacts, seen: PlacesSeen, release: string): Result<readonly string[]> {
  const missing = missingPart([
    ['loader', facts.system.bootLoader.value, 'grub'],
    ['generator', facts.system.initramfs.value, 'initramfs-tools'],
    ['grub-drop-ins', seen.grubDropIns === true ? 'yes' : 'no', 'yes'],
  ]);
  if (missing !== null) return failed('unsupported-host', missing);
  if (facts.kernel.bootloaderType.value === kexec) return failed('precondition-failed', { why: 'kexec' });
  if (seen.kernels === null) return failed('precondition-failed', { why: 'boot-closed' });
  const kernels = [...seen.kernels].sort();
  const odd = kernels.find((kernel) => !isRelease(kernel));
  if (odd !== undefined) return failed('unsupported-host', { part: 'kernel', name: odd });
  return kernels.includes(release) ? ok(kernels) : failed('precondition-failed', { why: 'kernel-image-missing', kernel: release });
}

function missingPart(wanted: readonly (readonly [part: string, found: string | null, wanted: string])[]): { readonly part: string; readonly name: string } | null {
  const miss = wanted.find(([, found, right]) => found !== right);
  return miss === undefined ? null : { part: miss[0], name: miss[1] ?? 'unknown' };
}
