// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciAddress, PciFunction } from '../contract/pci';
import { slotOf } from '../core/read/address';
import { functionOf } from './display';
import { line, listed } from './fact';
import type { Machine } from './machine';

/** Functions behind device numbers (major * 2^20 + minor); some nodes stand for every card of a driver. */
export type DeviceNodes = ReadonlyMap<number, readonly PciAddress[]>;

/** Classes whose devices hang below a function and have a node that a program opens. Source: host.md 1.5.4. */
const classes = ['drm', 'sound', 'graphics', 'i2c-dev', 'drm_dp_aux_dev', 'vfio-dev', 'accel'];

/** The nodes of every graphics card, its sound and its other functions. */
export function cardNodes(machine: Machine, functions: readonly PciFunction[]): DeviceNodes {
  const gpus = functions.filter((found) => found.class.startsWith('03') || found.class === '1200');
  const slots = new Set(gpus.map((gpu) => slotOf(gpu.address)));
  const linked = new Set<string>(gpus.flatMap((gpu) => gpu.linked));
  const cards = new Set<string>();
  for (const found of functions)
    if (slots.has(slotOf(found.address)) || linked.has(found.address)) cards.add(found.address);
  const nodes = new Map<number, PciAddress[]>();
  const add = (number: number | null, address: PciAddress | null): void => {
    if (number === null || address === null || !cards.has(address)) return;
    const known = nodes.get(number);
    if (known === undefined) nodes.set(number, [address]);
    else if (!known.includes(address)) known.push(address);
  };
  if (cards.size === 0) return nodes;
  for (const kind of classes) {
    for (const name of listed(machine, `/sys/class/${kind}`) ?? []) {
      const number = numberOf(line(machine, `/sys/class/${kind}/${name}/dev`));
      if (number !== null) add(number, functionOf(machine, `/sys/class/${kind}/${name}`));
    }
  }
  addGroups(machine, functions, add);
  addNvidia(machine, gpus, add);
  const compute = numberOf(line(machine, '/sys/class/kfd/kfd/dev'));
  for (const gpu of gpus) if (gpu.driver === 'amdgpu') add(compute, gpu.address);
  return nodes;
}

type Add = (number: number | null, address: PciAddress | null) => void;

/** `major:minor` of a `dev` file. */
function numberOf(text: string | null): number | null {
  const [, major, minor] = /^(\d{1,4}):(\d{1,7})$/.exec(text ?? '') ?? [];
  return major === undefined || minor === undefined ? null : Number(major) * 2 ** 20 + Number(minor);
}

/** A VFIO group's node holds each member of the group. */
function addGroups(machine: Machine, functions: readonly PciFunction[], add: Add): void {
  for (const group of listed(machine, '/sys/class/vfio') ?? []) {
    const number = numberOf(line(machine, `/sys/class/vfio/${group}/dev`));
    for (const found of functions) if (String(found.iommuGroup) === group) add(number, found.address);
  }
}

/** NVIDIA's own nodes are in no class: 195:N by the minor its driver tells, 195:254, 195:255 and the uvm and caps majors for all its cards. */
function addNvidia(machine: Machine, gpus: readonly PciFunction[], add: Add): void {
  const mine = gpus.filter((gpu) => gpu.driver === 'nvidia');
  if (mine.length === 0) return;
  for (const gpu of mine) {
    const told = line(machine, `/proc/driver/nvidia/gpus/${gpu.address}/information`);
    const [, minor] = /^Device Minor:\s*(\d{1,3})$/m.exec(told ?? '') ?? [];
    if (minor !== undefined) add(195 * 2 ** 20 + Number(minor), gpu.address);
  }
  const majors = line(machine, '/proc/devices') ?? '';
  const shared = [195 * 2 ** 20 + 254, 195 * 2 ** 20 + 255];
  for (const [, major] of majors.matchAll(/^\s*(\d{1,4}) nvidia-(?:uvm|caps|caps-imex-channels)$/gm)) {
    for (const minor of [0, 1, 2]) shared.push(Number(major) * 2 ** 20 + minor);
  }
  for (const number of shared) for (const gpu of mine) add(number, gpu.address);
}
