// SPDX-License-Identifier: GPL-3.0-or-later
import { hostSlices, movableServices } from '../../contract/hand-off';
import type { PciAddress, PciFunction } from '../../contract/pci';
import { nvidiaModules } from '../../core/hand-off/drivers';
import type { FunctionNow, HandLook, ModuleNow, UnitNow } from '../../core/hand-off/look';
import { isDisplayManager } from '../../core/hand-off/table';
import { isPciAddress, slotOf } from '../../core/read/address';
import { readName } from '../../core/read/sysfs/clean';
import { readCpuList } from '../../core/read/sysfs/numbers';
import { lookAtDisplay } from '../display';
import { integer, line, listed } from '../fact';
import type { Machine } from '../machine';
import { pciFolder } from '../pci';
import { lookAtFunction } from '../pci-function';
import { driverOf, threadsOf, unitRuns } from './truth';

/** Everything a hand-off of these functions is decided from, and the functions themselves for whoever looks for holders. */
export interface HandSight {
  readonly look: HandLook;
  readonly functions: readonly PciFunction[];
}

/** Reads no more than these functions, their slots and groups, the consoles and what draws on them: a hook has little time. */
export function lookAtHand(machine: Machine, addresses: readonly PciAddress[]): HandSight {
  const wanted = new Set<string>(addresses);
  const slots = new Set(addresses.map(slotOf));
  const inSlots = (listed(machine, pciFolder) ?? []).filter(isPciAddress).filter((address) => slots.has(slotOf(address)));
  const found = inSlots.flatMap((address) => {
    const one = lookAtFunction(machine, pciFolder, address, null);
    return typeof one === 'string' ? [] : [one];
  });
  const functions = found.filter((one) => wanted.has(one.address));
  const display = lookAtDisplay(machine, { functions: found, complete: false });
  const consoles = (listed(machine, consoleFolder) ?? []).flatMap((console) => consoleOf(machine, console));
  return {
    functions,
    look: {
      functions: new Map(functions.map((one) => [one.address, functionNow(one)])),
      members: membersOf(machine, functions),
      others: new Map([...new Set(functions.map((one) => one.driver))].flatMap((driver) => (driver === null ? [] : [[driver, boundTo(machine, driver).filter((one) => !wanted.has(one))] as const]))),
      besides: found.filter((one) => !wanted.has(one.address)).map((one) => one.address),
      modules: new Map(nvidiaModules.flatMap((module) => moduleNow(machine, module)).map((one) => [one.module, one])),
      consoles,
      framebuffers: display.framebuffers.value ?? [],
      lit: display.connectors.value?.flatMap((one) => (one.enabled === true && one.gpu !== null ? [one.gpu] : [])) ?? null,
      kernel: kernelOf(machine),
      vfio: machine.stat(`/sys/bus/pci/drivers/vfio-pci`).at === 'is',
      manager: managerOf(machine),
      services: movableServices.map((unit): UnitNow => ({ unit, runs: unitRuns(machine, unit) })),
      processors: processorsOf(machine),
    },
  };
}

function functionNow(one: PciFunction): FunctionNow {
  const control = one.power?.control;
  return {
    address: one.address,
    vendor: one.vendor,
    device: one.device,
    subsystemVendor: one.subsystemVendor,
    subsystemDevice: one.subsystemDevice,
    class: one.class,
    driver: one.driver,
    override: one.driverOverride,
    power: control === 'on' || control === 'auto' ? control : null,
    resetMethods: one.resetMethods,
    group: one.iommuGroup,
    virtualFunctions: one.sriov?.now ?? 0,
  };
}

const boundTo = (machine: Machine, driver: string): readonly PciAddress[] => (listed(machine, `/sys/bus/pci/drivers/${driver}`) ?? []).filter(isPciAddress);

function membersOf(machine: Machine, functions: readonly PciFunction[]): HandLook['members'] {
  const groups = [...new Set(functions.flatMap((one) => one.iommuGroup ?? []))];
  return groups.flatMap((group) =>
    (listed(machine, `/sys/kernel/iommu_groups/${group}/devices`) ?? []).filter(isPciAddress).map((address) => {
      const pciClass = line(machine, `${pciFolder}/${address}/class`) ?? '';
      const driver = driverOf(machine, address);
      return { address, group, driver, bridge: pciClass.startsWith('0x0604') };
    }),
  );
}

function moduleNow(machine: Machine, module: string): readonly ModuleNow[] {
  const folder = `/sys/module/${module}`;
  const references = integer(machine, `${folder}/refcnt`);
  if (references === null) return [];
  const version = line(machine, `${folder}/version`);
  return [{ module, references, holders: (listed(machine, `${folder}/holders`) ?? []).map((name) => readName(name, 64)), version: version === null ? null : readName(version, 64) }];
}

const consoleFolder = '/sys/class/vtconsole';
function consoleOf(machine: Machine, console: string): HandLook['consoles'] {
  const name = line(machine, `${consoleFolder}/${console}/name`);
  const bound = line(machine, `${consoleFolder}/${console}/bind`);
  return name === null || bound === null || !/^vtcon\d{1,2}$/.test(console) ? [] : [{ console, name: readName(name, 128), bound: bound === '1' }];
}

/** Slices can be kept to threads where the unified hierarchy has the controller (cgroup-v2.rst): elsewhere none is told. */
function processorsOf(machine: Machine): HandLook['processors'] {
  const able = (line(machine, '/sys/fs/cgroup/cgroup.controllers') ?? '').split(' ').includes('cpuset');
  const slices = able ? hostSlices.filter((slice) => machine.stat(`/sys/fs/cgroup/${slice}`).at === 'is') : [];
  return { online: readCpuList(line(machine, '/sys/devices/system/cpu/online') ?? '') ?? [], slices: slices.map((slice) => ({ slice, threads: threadsOf(machine, slice) })) };
}

function kernelOf(machine: Machine): HandLook['kernel'] {
  const [, major, minor] = /^(\d{1,3})\.(\d{1,4})/.exec(line(machine, '/proc/sys/kernel/osrelease') ?? '') ?? [];
  return major === undefined || minor === undefined ? null : { major: Number(major), minor: Number(minor) };
}

/** The unit behind display-manager.service, which each distribution links to the one in use. */
function managerOf(machine: Machine): HandLook['manager'] {
  const link = machine.target('/etc/systemd/system/display-manager.service');
  if (link.at === 'absent') return 'none';
  const unit = link.at === 'is' ? link.value.slice(link.value.lastIndexOf('/') + 1) : '';
  return isDisplayManager(unit) ? { unit, runs: unitRuns(machine, unit) } : 'unknown';
}
