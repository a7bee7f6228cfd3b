// SPDX-License-Identifier: GPL-3.0-or-later
import { isWindows, note, type Draft } from './draft';
import { knows } from './gates';
import { hyperv } from './hyperv';
import { element, worded, type Drawn } from './xml/draw';

/** The board and its firmware. Paths of firmware files are never written: libvirt finds the build that has the features. */
export function board({ recipe }: Draft): Drawn {
  const type = worded('type', 'hvm', { arch: 'x86_64', machine: 'q35' });
  const menu = element('bootmenu', { enable: 'yes', timeout: 3000 });
  if (recipe.firmware.kind === 'bios') return element('os', {}, [type, menu]);
  const { secureBoot } = recipe.firmware;
  const feature = (name: string, enabled: boolean): Drawn => element('feature', { enabled: enabled ? 'yes' : 'no', name });
  const features = secureBoot === 'off' ? [feature('secure-boot', false)] : [feature('secure-boot', true), feature('enrolled-keys', secureBoot === 'enforced')];
  // Until libvirt 8.6 the feature alone does not choose the secure loader.
  const loader = secureBoot === 'off' ? null : element('loader', { secure: 'yes' });
  return element('os', { firmware: 'efi' }, [type, element('firmware', {}, features), loader, menu]);
}

/** What the board and the hypervisor offer the guest. */
export function features(draft: Draft): Drawn {
  const { recipe } = draft;
  const secure = recipe.firmware.kind === 'uefi' && recipe.firmware.secureBoot !== 'off';
  if (recipe.firmware.kind === 'uefi' && !secure && isWindows(recipe)) note(draft, 'secure-boot-off');
  return element('features', {}, [
    element('acpi'),
    element('apic'),
    hyperv(draft),
    kvm(draft),
    element('vmport', { state: 'off' }),
    secure ? element('smm', { state: 'on' }) : null,
  ]);
}

/** Spinning hints are true only while each virtual CPU has a thread of its own. */
function kvm(draft: Draft): Drawn | null {
  const { cpu } = draft.recipe;
  if (!cpu.accelerated) return null;
  if (cpu.hideHypervisor) {
    note(draft, 'hidden-costs');
    return element('kvm', {}, [element('hidden', { state: 'on' })]);
  }
  if (isWindows(draft.recipe) || cpu.pinning === null || !draft.host.hostPassthrough) return null;
  return element('kvm', {}, [element('hint-dedicated', { state: 'on' }), element('poll-control', { state: 'on' })]);
}

/** The processor as the guest sees it: the host's own where KVM runs it. */
export function processor(draft: Draft): Drawn {
  const { recipe, host } = draft;
  const { cores, threads, accelerated } = recipe.cpu;
  const topology = element('topology', { sockets: 1, dies: 1, cores, threads });
  if (!accelerated) {
    note(draft, 'slow');
    return element('cpu', { mode: 'maximum' }, [topology]);
  }
  if (!host.hostPassthrough) return element('cpu', { mode: 'host-model' }, [topology]);
  return element('cpu', { mode: 'host-passthrough', check: 'none', migratable: 'off' }, [
    topology,
    element('cache', { mode: 'passthrough' }),
    recipe.windowMiB !== null && knows(host, 'physical-bits') ? element('maxphysaddr', { mode: 'passthrough' }) : null,
    // QEMU never adds it by itself, and warns when an AMD guest has two threads a core without it.
    host.cpuVendor === 'amd' && threads === 2 ? element('feature', { policy: 'require', name: 'topoext' }) : null,
    host.steadyClock === true ? element('feature', { policy: 'require', name: 'invtsc' }) : null,
    nesting(draft),
  ]);
}

/** A Windows that sees svm or vmx starts a hypervisor of its own for its memory protection, which costs much of the speed. */
function nesting(draft: Draft): Drawn | null {
  const { recipe, host } = draft;
  if (!isWindows(recipe)) return null;
  if (recipe.cpu.nested) {
    note(draft, 'nested-on');
    return null;
  }
  note(draft, 'nested-off');
  if (host.cpuVendor !== 'intel' && host.cpuVendor !== 'amd') return null;
  return element('feature', { policy: 'disable', name: host.cpuVendor === 'amd' ? 'svm' : 'vmx' });
}

/** Clocks: Windows reads the battery clock as local time. */
export function clock(draft: Draft): Drawn {
  const { recipe, host } = draft;
  const timer = (name: string, attributes: Record<string, string>): Drawn => element('timer', { name, ...attributes });
  const common = [timer('rtc', { tickpolicy: 'catchup' }), timer('pit', { tickpolicy: 'delay' }), timer('hpet', { present: 'no' })];
  if (!isWindows(recipe)) return element('clock', { offset: 'utc' }, common);
  const { accelerated, hideHypervisor } = recipe.cpu;
  const enlightened = accelerated && host.hyperv?.length !== 0;
  return element('clock', { offset: 'localtime' }, [
    ...common,
    accelerated ? timer('kvmclock', { present: 'no' }) : null,
    enlightened ? timer('hypervclock', { present: 'yes' }) : null,
    accelerated && host.steadyClock === true && !hideHypervisor ? timer('tsc', { present: 'yes', mode: 'native' }) : null,
  ]);
}
