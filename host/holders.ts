// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../contract/facts';
import type { PciAddress } from '../contract/pci';
import { isPciAddress } from '../core/read/address';
import { readName } from '../core/read/sysfs/clean';
import { cardNodes, type DeviceNodes } from './device-nodes';
import { known, line, unknown } from './fact';
import type { Machine } from './machine';

type Holder = NonNullable<HostFacts['holders']['value']>[number];
type Holders = Pick<HostFacts, 'holders' | 'holdersComplete'>;
/** What a process holds: function -> the first proof of it. */
type Held = Map<PciAddress, string>;

/**
 * Which programs hold a graphics card. Open files are compared by device number, not by path, because containers use
 * other paths. Only root sees everyone's; what the kernel itself holds (consoles, drivers) is elsewhere in the facts.
 */
export function lookAtHolders(machine: Machine, facts: Pick<HostFacts, 'pci' | 'machine'>): Holders {
  const processes = machine.names('/proc');
  if (processes.at !== 'is') return { holders: unknown('/proc'), holdersComplete: false };
  const nodes = cardNodes(machine, facts.pci.functions);
  const pids = processes.value.filter((name) => /^[1-9]\d{0,9}$/.test(name));
  if (pids.length === 0) return { holders: unknown('/proc'), holdersComplete: false };
  const holders: Holder[] = [];
  let complete = machine.uid === 0 && facts.machine.container.value === 'none' && facts.pci.complete;
  for (const pid of nodes.size === 0 ? [] : pids) {
    const held: Held = new Map();
    const files = addOpenFiles(machine, pid, nodes, held);
    const maps = files && addMaps(machine, pid, nodes, held);
    if (!files || !maps) complete = false;
    for (const [device, how] of held) if (holders.length < 1024) holders.push(describe(machine, pid, device, how));
  }
  return { holders: known(holders, '/proc'), holdersComplete: complete && holders.length < 1024 };
}

/** False when this process's files may not be seen. */
function addOpenFiles(machine: Machine, pid: string, nodes: DeviceNodes, held: Held): boolean {
  const files = machine.names(`/proc/${pid}/fd`);
  if (files.at !== 'is') return files.at === 'absent';
  for (const file of files.value) {
    const place = `/proc/${pid}/fd/${file}`;
    const target = machine.target(place);
    // Sockets, pipes and the like have no path.
    if (target.at !== 'is' || !target.value.startsWith('/')) continue;
    const stat = machine.stat(place, 'follow');
    if (stat.at !== 'is' || stat.value.kind !== 'device') continue;
    const proof = `${readName(target.value, 100)} open`;
    const owners = nodes.get(stat.value.rdev);
    for (const owner of owners ?? []) if (!held.has(owner)) held.set(owner, proof);
    if (owners === undefined && isDrm(stat.value.rdev)) addByFdinfo(machine, pid, file, held);
  }
  return true;
}

/** DRM's major number. */
const isDrm = (rdev: number): boolean => Math.floor(rdev / 2 ** 20) === 226;

/** A DRM file whose node is gone from sysfs still names its function: `drm-pdev` (5.19 and later, by driver). */
function addByFdinfo(machine: Machine, pid: string, file: string, held: Held): void {
  const info = line(machine, `/proc/${pid}/fdinfo/${file}`);
  const [, address] = /^drm-pdev:\s*(\S+)$/m.exec(info ?? '') ?? [];
  if (address !== undefined && isPciAddress(address) && !held.has(address))
    held.set(address, `/proc/${pid}/fdinfo/${file}`);
}

/** Memory mapped from a node stays after its file is closed. False when the maps may not be seen. */
function addMaps(machine: Machine, pid: string, nodes: DeviceNodes, held: Held): boolean {
  const look = machine.text(`/proc/${pid}/maps`, 16 << 20);
  if (look.at !== 'is') return look.at === 'absent' || look.why === 'io';
  if (!look.value.includes('/dev/')) return true;
  const paths = new Set<string>();
  for (const [, path] of look.value.matchAll(/ (\/\S*dev\/(?:nvidia|dri\/|kfd|vfio\/|fb\d)\S*)$/gm))
    if (path !== undefined) paths.add(path);
  for (const path of [...paths].slice(0, 64)) {
    const stat = machine.stat(`/proc/${pid}/root${path}`, 'follow');
    const seen = stat.at === 'is' ? stat : machine.stat(path, 'follow');
    if (seen.at !== 'is' || seen.value.kind !== 'device') continue;
    for (const owner of nodes.get(seen.value.rdev) ?? [])
      if (!held.has(owner)) held.set(owner, `maps ${readName(path, 100)}`);
  }
  return true;
}

function describe(machine: Machine, pid: string, device: PciAddress, how: string): Holder {
  const owner = machine.stat(`/proc/${pid}`);
  const groups = line(machine, `/proc/${pid}/cgroup`) ?? '';
  const [, path] = /^0::(.*)$/m.exec(groups) ?? /^\d+:name=systemd:(.*)$/m.exec(groups) ?? [];
  const unit = (path ?? '')
    .split('/')
    .filter((part) => /\.(service|scope)$/.test(part))
    .at(-1);
  return {
    device,
    pid: Number(pid),
    command: readName(line(machine, `/proc/${pid}/comm`) ?? '', 64),
    uid: owner.at === 'is' ? owner.value.uid : null,
    how: readName(how, 128),
    unit: unit === undefined ? null : readName(unit),
  };
}
