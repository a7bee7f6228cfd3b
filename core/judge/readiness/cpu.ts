// SPDX-License-Identifier: GPL-3.0-or-later
import type { Finding, Next } from '../../../contract/finding';
import type { HostFacts } from '../../../contract/facts';
import { find, todo } from '../finding';
import { firmwareMenu, firmwareRestart } from '../firmware-menus';
import { witness } from '../reason';

/**
 * CPU virtualisation (host.md 2). The `svm` flag stays in cpuinfo on kernels up to 6.1 when firmware switched it off,
 * so on AMD only the loaded module proves it; the log line proves the opposite.
 */
export function checkProcessor(facts: HostFacts): Finding[] {
  return [virtualisation(facts), ...kvm(facts)];
}

const inFirmware = (facts: HostFacts): Next => todo('next-firmware-virtualisation', firmwareMenu(facts, 'virtualisation'), firmwareRestart(facts));

function virtualisation(facts: HostFacts): Finding {
  const { cpu, kernel } = facts;
  const loaded = kernel.modules.value?.find((name) => name === 'kvm_intel' || name === 'kvm_amd');
  if (loaded !== undefined) return find('host', 'good', 'cpu-virtualisation-on', { evidence: [{ place: kernel.modules.from ?? 'modules', value: loaded }] });
  if (facts.virtualisation.kvmOpens.value === true) return find('host', 'good', 'cpu-virtualisation-on', { evidence: witness(facts.virtualisation.kvmOpens) });
  const refusal = kernel.log.value?.find((line) => /(VMX \(outside TXT\)|SVM|kvm:.*|kvm_amd.*|kvm_intel.*) ?disabled (\(?by bios\)?|in MSR)|disabled by bios/i.test(line));
  if (refusal !== undefined) return find('host', 'stop', 'cpu-virtualisation-off', { evidence: [{ place: kernel.log.from ?? 'kernel log', value: refusal }], next: inFirmware(facts) });
  const evidence = witness(cpu.virtualisation);
  switch (cpu.virtualisation.value) {
    case 'vmx':
      return find('host', 'good', 'cpu-virtualisation-on', { evidence });
    case 'svm':
      return find('host', 'note', 'cpu-virtualisation-likely', { evidence, confidence: 'inferred' });
    case 'none':
      return isArm(facts)
        ? find('host', 'note', 'cpu-virtualisation-unknown', { confidence: 'unknown' })
        : find('host', 'stop', 'cpu-virtualisation-none', { evidence, confidence: 'inferred', next: inFirmware(facts) });
    case null:
      return find('host', 'note', 'cpu-virtualisation-unknown', { confidence: 'unknown' });
    default:
      return cpu.virtualisation.value satisfies never;
  }
}

const isArm = (facts: HostFacts): boolean => facts.cpu.vendor.value === 'arm' || /^(aarch64|arm)/.test(facts.cpu.architecture.value ?? '');

/** /dev/kvm: openable, closed to this person, or not there. Says nothing about a VM running. */
function kvm(facts: HostFacts): Finding[] {
  const { kvmOpens } = facts.virtualisation;
  if (kvmOpens.value === null) return [];
  if (kvmOpens.value) return [find('host', 'good', 'kvm-opens', { evidence: witness(kvmOpens) })];
  const loaded = facts.kernel.modules.value?.some((name) => /^kvm(_intel|_amd)?$/.test(name)) === true || facts.kernel.builtin.value?.includes('kvm') === true;
  if (loaded) return [find('host', 'warn', 'kvm-closed', { evidence: witness(kvmOpens), next: todo('next-join-kvm', {}, 'sudo usermod -aG kvm "$USER"') })];
  const module = facts.cpu.vendor.value === 'intel' ? 'kvm_intel' : facts.cpu.vendor.value === 'arm' ? 'kvm' : 'kvm_amd';
  return [find('host', 'warn', 'kvm-missing', { evidence: witness(kvmOpens), next: todo('next-load-kvm', { module }, `sudo modprobe ${module}`) })];
}
