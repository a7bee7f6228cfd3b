// SPDX-License-Identifier: GPL-3.0-or-later
import type { DeviceSeen } from '../contract/point';
import { pciAddress } from '../contract/pci';
import type { Machine } from './machine';

const devices = '/sys/bus/pci/devices';
const most = 64;

/** Display devices, and whatever vfio-pci drives or is meant to: what a restore point remembers of who drives what. Wakes nothing. */
export function lookDevices(machine: Machine): readonly DeviceSeen[] {
  return machine.again?.('devices', lookAtAll) ?? lookAtAll(machine);
}

function lookAtAll(machine: Machine): readonly DeviceSeen[] {
  const names = machine.names(devices);
  if (names.at !== 'is') return [];
  return names.value.flatMap((name) => deviceOf(machine, name) ?? []).slice(0, most);
}

function deviceOf(machine: Machine, name: string): DeviceSeen | null {
  const address = pciAddress.safeParse(name);
  if (!address.success) return null;
  const path = `${devices}/${name}`;
  const driver = machine.target(`${path}/driver`);
  const driven = driver.at === 'is' ? driver.value.slice(driver.value.lastIndexOf('/') + 1) : null;
  if (driven !== 'vfio-pci' && !textOf(machine, `${path}/class`).startsWith('0x03')) return null;
  const override = textOf(machine, `${path}/driver_override`);
  const id = (file: string): string => textOf(machine, `${path}/${file}`).slice(2);
  const vendor = id('vendor');
  const device = id('device');
  if (!/^[0-9a-f]{4}$/.test(vendor) || !/^[0-9a-f]{4}$/.test(device)) return null;
  // An unset override reads as this word (host fact 1.1.1).
  return { address: address.data, vendor, device, driver: driven, override: override === '' || override === '(null)' ? null : override };
}

function textOf(machine: Machine, path: string): string {
  const text = machine.text(path, 4096);
  return text.at === 'is' ? text.value.trim() : '';
}
