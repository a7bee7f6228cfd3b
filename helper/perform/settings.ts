// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok, type Result } from '../../contract/problem';
import type { Setting, SettingOf } from '../../contract/setting';
import { membersOf, userOf } from '../../core/read/accounts';
import { printVmState, readVmState } from '../../core/read/vm-places';
import { isWanted, printBinding, readBinding, type Binding } from '../../core/step/setting';
import type { Machine } from '../../host/machine';
import type { Hands } from '../hands';
import { nodePlace } from '../nodes';
import { lookAtVm, putVm, saveVm } from '../vm/state';
import type { Bench } from './bench';
import { moveDriver } from './driver';
import { need } from './put';

/** What a setting is now, by looking; a device or a person that is another one by now is no longer this setting. */
export async function readSetting(hands: Hands, setting: Setting): Promise<Result<string>> {
  if (setting.setting !== 'vm-state') return readNow(hands, setting);
  const state = await lookAtVm(hands, setting.vm);
  return state.ok ? ok(printVmState(state.value)) : state;
}

/** The files of VMs are kept, too, so that undo has them whatever the guest does since. */
export async function saveSetting(hands: Hands, setting: Setting): Promise<Result<string>> {
  if (setting.setting !== 'vm-state') return readNow(hands, setting);
  const saved = await saveVm(hands, setting.vm);
  return saved.ok ? ok(printVmState(saved.value)) : saved;
}

function readNow(machine: Machine, setting: Exclude<Setting, { readonly setting: 'vm-state' }>): Result<string> {
  switch (setting.setting) {
    case 'driver':
      return readDriver(machine, setting);
    case 'huge-pages':
      return readPages(machine, setting);
    case 'autostart':
      return readAutostart(machine, setting);
    case 'membership':
      return readMembership(machine, setting);
    default:
      return setting satisfies never;
  }
}

/** Makes a setting what it is to become; whether it did is told by looking again. */
export function makeSetting(bench: Bench, setting: Setting, to: string): Promise<Result<void>> {
  switch (setting.setting) {
    case 'driver':
      return moveDriver(bench, setting.device.address, { to, look: () => lookAtDriver(bench.hands, setting) });
    case 'huge-pages':
      return makePages(bench, setting, to);
    case 'autostart':
      return lasting(bench, '/etc/libvirt', { program: 'virsh-autostart', of: setting.of, name: setting.name, on: to === 'on' });
    case 'vm-state':
      return putVm(bench.hands, { vm: setting.vm, ...readVmState(to) });
    case 'membership':
      return lasting(bench, '/etc/group', { program: 'gpasswd', user: setting.user, group: setting.group, add: to === 'in' });
    default:
      return setting satisfies never;
  }
}

/** A program flushes no folder: a power cut right after it would bring back what it took away. */
async function lasting(bench: Bench, path: string, call: Parameters<typeof need>[1]): Promise<Result<void>> {
  const ended = await need(bench, call);
  const flushed = ended.ok ? await need(bench, { program: 'sync-filesystem', path }) : ended;
  return flushed.ok ? ok(undefined) : flushed;
}

const line = (machine: Machine, path: string): string | null => {
  const text = machine.text(path);
  return text.at === 'is' ? text.value.trim() : null;
};

/** Decision 4: an address is the chosen device only while maker, model and board are the same. */
function readDriver(machine: Machine, { device }: SettingOf<'driver'>): Result<string> {
  const folder = `/sys/bus/pci/devices/${device.address}`;
  const same = (name: string, id: string | null): boolean => id === null || line(machine, `${folder}/${name}`) === `0x${id}`;
  const isChosen = same('vendor', device.vendor) && same('device', device.device) && same('subsystem_vendor', device.subsystemVendor) && same('subsystem_device', device.subsystemDevice);
  if (!isChosen) return failed('precondition-failed', { why: 'device-changed', address: device.address });
  const override = line(machine, `${folder}/driver_override`);
  const driver = machine.target(`${folder}/driver`);
  if (override === null || driver.at === 'unreadable') return failed('unreadable', { place: `${folder}/driver_override` });
  const name = driver.at === 'is' ? driver.value.slice(driver.value.lastIndexOf('/') + 1) : '-';
  return ok(printBinding({ override: override === '(null)' || override === '' ? '-' : override, driver: name }));
}

function lookAtDriver(machine: Machine, setting: SettingOf<'driver'>): Result<Binding> {
  const value = readDriver(machine, setting);
  return value.ok ? ok(readBinding(value.value)) : value;
}

function readPages(machine: Machine, { sizeKiB, numa }: SettingOf<'huge-pages'>): Result<string> {
  const { path } = nodePlace({ node: 'huge-pages', sizeKiB, numa });
  const count = line(machine, path);
  return count !== null && /^\d{1,9}$/.test(count) ? ok(count) : failed('unreadable', { place: path });
}

/** libvirt itself starts by these links what lies behind them (libvirt's driver for networks and for storage). */
function readAutostart(machine: Machine, { of, name }: SettingOf<'autostart'>): Result<string> {
  const link = machine.stat(`/etc/libvirt/${of === 'network' ? 'qemu/networks' : 'storage'}/autostart/${name}.xml`);
  return link.at === 'unreadable' ? failed('unreadable', { place: `${of}-${name}` }) : ok(link.at === 'is' ? 'on' : 'off');
}

function readMembership(machine: Machine, { group, uid, user }: SettingOf<'membership'>): Result<string> {
  const passwd = machine.text('/etc/passwd');
  const groups = machine.text('/etc/group');
  if (passwd.at !== 'is' || groups.at !== 'is') return failed('unreadable', { place: '/etc/group' });
  if (userOf(passwd.value, uid) !== user) return failed('precondition-failed', { why: 'person-changed' });
  const members = membersOf(groups.value, group);
  return members === null ? failed('precondition-failed', { why: 'no-group-of-system', group }) : ok(members.includes(user) ? 'in' : 'out');
}

/** The kernel stops silently where memory is in pieces; put together first, and asked again, it often finds more (vm.md 2.7). */
async function makePages(bench: Bench, setting: SettingOf<'huge-pages'>, to: string): Promise<Result<void>> {
  const { sizeKiB, numa } = setting;
  for (let tried = 0; tried < 3; tried += 1) {
    // Only a help: a kernel without it still gives what it can.
    await bench.hands.writeNode({ node: 'compact-memory' }, '1');
    const written = await bench.hands.writeNode({ node: 'huge-pages', sizeKiB, numa }, to);
    if (!written.ok) return written;
    const now = readPages(bench.hands, setting);
    if (!now.ok || isWanted(setting, to, now.value).ok) break;
  }
  return ok(undefined);
}
