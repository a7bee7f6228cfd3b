// SPDX-License-Identifier: GPL-3.0-or-later
import type { CpuTopology, HostFacts } from '../contract/facts';
import { readCpuInfo } from '../core/read/sysfs/cpuinfo';
import { readCpuList } from '../core/read/sysfs/numbers';
import { sharedCaches, type ThreadCache } from '../core/read/sysfs/shared-caches';
import { fromText, integer, known, line, listed, madeFrom, unknown, type Read } from './fact';
import type { Machine } from './machine';

const cpus = '/sys/devices/system/cpu';
type Cpu = HostFacts['cpu'];
type Thread = CpuTopology['threads'][number];

/** The processors: what they are, what they can do, and how threads, cores, dies, packages, caches and nodes belong together. */
export function lookAtCpu(machine: Machine): Cpu {
  const info = fromText(machine, '/proc/cpuinfo', readCpuInfo);
  const flags = madeFrom(info, (cpu) => (cpu.flags === null ? null : [...cpu.flags]));
  return {
    architecture: lookAtArchitecture(machine),
    vendor: madeFrom(info, (cpu) => cpu.vendor),
    model: madeFrom(info, (cpu) => cpu.model),
    virtualisation: madeFrom(flags, (found) =>
      found.includes('vmx') ? 'vmx' : found.includes('svm') ? 'svm' : 'none',
    ),
    flags,
    topology: lookAtTopology(machine),
  };
}

/** /proc/sys/kernel/arch exists from 6.1 on; before it, the form of /proc/cpuinfo tells. */
function lookAtArchitecture(machine: Machine): Cpu['architecture'] {
  const arch = line(machine, '/proc/sys/kernel/arch');
  if (arch !== null && /^\w{1,16}$/.test(arch)) return known(arch, '/proc/sys/kernel/arch');
  return fromText(machine, '/proc/cpuinfo', (text) =>
    /^flags\s*:.*\blm\b/m.test(text) ? 'x86_64' : /^CPU implementer/m.test(text) ? 'aarch64' : null,
  );
}

function lookAtTopology(machine: Machine): Read<CpuTopology> {
  const names = machine.names(cpus);
  if (names.at !== 'is') return unknown(cpus);
  const ids = names.value
    .flatMap((name) => (/^cpu\d{1,4}$/.test(name) ? [Number(name.slice(3))] : []))
    .sort((a, b) => a - b);
  if (ids.length === 0) return unknown(cpus);
  const online = new Set(readCpuList(line(machine, `${cpus}/online`) ?? '') ?? ids);
  const nodes = nodeOfCpus(machine);
  const kinds = kindOfCpus(machine, ids);
  const perThread = new Map(ids.map((id) => [id, cachesOf(machine, id)]));
  const { caches, last } = sharedCaches(perThread);
  const threads = ids.slice(0, 4096).map((id): Thread => {
    const place = `${cpus}/cpu${id}`;
    return {
      id,
      online: online.has(id),
      package: integer(machine, `${place}/topology/physical_package_id`) ?? 0,
      die: Math.max(0, integer(machine, `${place}/topology/die_id`) ?? 0),
      core: integer(machine, `${place}/topology/core_id`) ?? id,
      node: nodes.get(id) ?? null,
      lastLevelCache: last.get(id) ?? null,
      kind: kinds.get(id) ?? 'uniform',
      maxFrequency: integer(machine, `${place}/cpufreq/cpuinfo_max_freq`),
    };
  });
  return known({ threads, caches }, cpus);
}

/** Data and unified caches of one thread; an offline thread has none. */
function cachesOf(machine: Machine, id: number): ThreadCache[] {
  const found = [];
  const folder = `${cpus}/cpu${id}/cache`;
  for (const name of listed(machine, folder) ?? []) {
    if (!/^index\d{1,2}$/.test(name)) continue;
    const [level, type, size] = [
      integer(machine, `${folder}/${name}/level`),
      line(machine, `${folder}/${name}/type`),
      line(machine, `${folder}/${name}/size`),
    ];
    const shared = readCpuList(line(machine, `${folder}/${name}/shared_cpu_list`) ?? '');
    const [, kib] = /^(\d{1,9})K$/.exec(size ?? '') ?? [];
    if (level !== null && type !== 'Instruction' && shared !== null && kib !== undefined)
      found.push({ level, sizeKiB: Number(kib), threads: shared });
  }
  return found;
}

function nodeOfCpus(machine: Machine): Map<number, number> {
  const nodes = new Map<number, number>();
  for (const name of listed(machine, '/sys/devices/system/node') ?? []) {
    if (!/^node\d{1,4}$/.test(name)) continue;
    for (const cpu of readCpuList(line(machine, `/sys/devices/system/node/${name}/cpulist`) ?? '') ?? [])
      nodes.set(cpu, Number(name.slice(4)));
  }
  return nodes;
}

/**
 * Hybrid Intel processors register two performance monitors, `cpu_core` and `cpu_atom`, each with its list of threads;
 * ARM and others publish `cpu_capacity`. A machine with neither is uniform.
 */
function kindOfCpus(machine: Machine, ids: readonly number[]): Map<number, Thread['kind']> {
  const kinds = new Map<number, Thread['kind']>();
  const core = readCpuList(line(machine, '/sys/devices/cpu_core/cpus') ?? '') ?? [];
  const atom = readCpuList(line(machine, '/sys/devices/cpu_atom/cpus') ?? '') ?? [];
  if (core.length > 0 && atom.length > 0) {
    for (const id of core) kinds.set(id, 'performance');
    for (const id of atom) kinds.set(id, 'efficiency');
    return kinds;
  }
  const capacities = new Map(ids.map((id) => [id, integer(machine, `${cpus}/cpu${id}/cpu_capacity`)]));
  const most = Math.max(...[...capacities.values()].map((capacity) => capacity ?? 0));
  // Preferred cores of a uniform processor differ by a few per cent; another kind of core by far more.
  const hybrid = [...capacities.values()].some((capacity) => capacity !== null && capacity < most * 0.75);
  if (hybrid)
    for (const [id, capacity] of capacities)
      kinds.set(id, (capacity ?? 0) < most * 0.75 ? 'efficiency' : 'performance');
  return kinds;
}
