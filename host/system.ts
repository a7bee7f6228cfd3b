// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../contract/facts';
import { readMounts, type Mount } from '../core/read/sysfs/mountinfo';
import { readName } from '../core/read/sysfs/clean';
import { readOsRelease } from '../core/read/sysfs/os-release';
import { lookAtBootLoader } from './boot-loader';
import { firstKnown, fromText, known, line, listed, madeFrom, unknown, type Read } from './fact';
import { lookAtGenerator } from './initramfs';
import type { Machine } from './machine';

type System = HostFacts['system'];

/** Distribution, what started it and how its start is put together. */
export function lookAtSystem(machine: Machine, kernel: HostFacts['kernel'], firmware: HostFacts['firmware']): System {
  const release = firstKnown(
    () => fromText(machine, '/etc/os-release', readOsRelease),
    () => fromText(machine, '/usr/lib/os-release', readOsRelease),
  );
  const mounts = fromText(machine, '/proc/self/mountinfo', readMounts);
  return {
    distribution: madeFrom(release, distributionOf),
    immutable: lookAtImmutable(machine, release, mounts),
    init: lookAtInit(machine),
    ...lookAtBootLoader(machine, kernel, firmware),
    mounts: madeFrom(mounts, tellingMounts),
    ...lookAtGenerator(machine, kernel.release.value),
    secureModule: lookAtSecureModule(machine),
    powerManagers: lookAtPowerManagers(machine),
  };
}

function distributionOf(release: ReadonlyMap<string, string>): System['distribution']['value'] {
  const id = release.get('ID');
  if (id === undefined || id === '') return null;
  return {
    id: id.slice(0, 64),
    like: (release.get('ID_LIKE') ?? '')
      .split(' ')
      .filter((word) => word !== '' && word.length <= 64)
      .slice(0, 16),
    version: release.get('VERSION_ID')?.slice(0, 64) ?? null,
    name: (release.get('PRETTY_NAME') ?? id).slice(0, 128),
  };
}

/** Systems whose files are not changed in place. Source: host.md 1.8. */
function lookAtImmutable(
  machine: Machine,
  release: Read<ReadonlyMap<string, string>>,
  mounts: Read<ReadonlyMap<string, Mount>>,
): Read<string> {
  for (const [place, kind] of [
    ['/run/ostree-booted', 'ostree'],
    ['/etc/NIXOS', 'nixos'],
  ] as const) {
    if (machine.stat(place).at === 'is') return known(kind, place);
  }
  const id = release.value?.get('ID') ?? '';
  if (['nixos', 'guix', 'steamos'].includes(id)) return known(id, release.from ?? '/etc/os-release');
  if (mounts.value === null || release.value === null) return unknown('/proc/self/mountinfo');
  const frozen = ['/', '/usr'].some((path) => mounts.value?.get(path)?.readOnly === true);
  const transactional = frozen && machine.stat('/usr/sbin/transactional-update').at === 'is';
  return known(transactional ? 'transactional' : frozen ? 'read-only' : 'no', '/proc/self/mountinfo');
}

function tellingMounts(mounts: ReadonlyMap<string, Mount>): NonNullable<System['mounts']['value']> {
  return ['/', '/usr', '/boot', '/efi', '/boot/efi'].flatMap((path) => {
    const found = mounts.get(path);
    return found === undefined
      ? []
      : [{ path, kind: readName(found.kind, 32), source: readName(found.source), readOnly: found.readOnly }];
  });
}

/** The list of security modules; SELinux and AppArmor may be in it and switched off, so each is asked. Source: host.md 1.8. */
function lookAtSecureModule(machine: Machine): System['secureModule'] {
  const enabled = line(machine, '/sys/module/apparmor/parameters/enabled');
  if (enabled === 'Y') return known('apparmor', '/sys/module/apparmor/parameters/enabled');
  const enforce = line(machine, '/sys/fs/selinux/enforce');
  if (enforce !== null) return known('selinux', '/sys/fs/selinux/enforce');
  const place = '/sys/kernel/security/lsm';
  const list = line(machine, place);
  if (list !== null) return known('none', place);
  return machine.names('/sys/module').at === 'is' && machine.stat('/sys/fs/selinux').at === 'absent'
    ? known('none', '/sys/module')
    : unknown(place);
}

/** Power managers that fight over a card's binding, by the file each puts into the system. Source: host.md 1.7. */
const powerManagers: readonly (readonly [name: string, ...places: readonly string[]])[] = [
  ['supergfxctl', '/usr/lib/systemd/system/supergfxd.service', '/usr/bin/supergfxd'],
  ['nvidia-powerd', '/usr/lib/systemd/system/nvidia-powerd.service', '/usr/bin/nvidia-powerd'],
  ['optimus-manager', '/usr/bin/optimus-manager'],
  ['envycontrol', '/usr/bin/envycontrol'],
  ['system76-power', '/usr/bin/system76-power'],
  ['prime-select', '/usr/bin/prime-select'],
  ['switcheroo-control', '/usr/libexec/switcheroo-control', '/usr/lib/switcheroo-control'],
  ['bbswitch', '/sys/module/bbswitch'],
  ['tlp', '/usr/bin/tlp', '/usr/sbin/tlp'],
];

/** Which of them are installed. */
export function lookAtPowerManagers(machine: Machine): HostFacts['system']['powerManagers'] {
  if (listed(machine, '/usr') === null) return unknown('/usr');
  const found = powerManagers.filter(([, ...places]) => places.some((place) => machine.stat(place).at === 'is'));
  return known(
    found.map(([name]) => name),
    '/usr',
  );
}

/** What started as process 1. */
export function lookAtInit(machine: Machine): Read<string> {
  if (machine.stat('/run/systemd/system').at === 'is') return known('systemd', '/run/systemd/system');
  if (machine.stat('/run/openrc').at === 'is') return known('openrc', '/run/openrc');
  if (machine.stat('/run/runit').at === 'is') return known('runit', '/run/runit');
  const name = line(machine, '/proc/1/comm');
  return name === null || name === '' ? unknown('/proc/1/comm') : known(readName(name, 32), '/proc/1/comm');
}
