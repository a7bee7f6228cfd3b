// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../contract/facts';
import { readMemory } from '../core/read/sysfs/meminfo';
import { readChosen, readCpuList } from '../core/read/sysfs/numbers';
import { fromText, integer, known, line, listed, unknown } from './fact';
import type { Machine } from './machine';

type Memory = HostFacts['memory'];
const nodeFolder = '/sys/devices/system/node';

/** Memory, NUMA nodes and huge pages. */
export function lookAtMemory(machine: Machine): Memory {
  const nodes = lookAtNodes(machine);
  return {
    total: fromText(machine, '/proc/meminfo', (text) => readMemory(text).get('MemTotal') ?? null),
    available: fromText(machine, '/proc/meminfo', (text) => readMemory(text).get('MemAvailable') ?? null),
    nodes,
    hugePages: lookAtHugePages(machine, nodes.value?.map((node) => node.id) ?? []),
    transparentHugePages: fromText(
      machine,
      '/sys/kernel/mm/transparent_hugepage/enabled',
      (text) => readChosen(text)?.slice(0, 16) ?? null,
    ),
  };
}

function lookAtNodes(machine: Machine): Memory['nodes'] {
  const names = machine.names(nodeFolder);
  if (names.at !== 'is') return unknown(nodeFolder);
  const nodes = [];
  for (const name of names.value) {
    const [, id] = /^node(\d{1,4})$/.exec(name) ?? [];
    if (id === undefined) continue;
    const memory = readMemory(line(machine, `${nodeFolder}/${name}/meminfo`) ?? '');
    const cpus = readCpuList(line(machine, `${nodeFolder}/${name}/cpulist`) ?? '') ?? [];
    nodes.push({ id: Number(id), total: memory.get('MemTotal') ?? 0, free: memory.get('MemFree') ?? null, cpus });
  }
  return known(nodes.sort((a, b) => a.id - b.id).slice(0, 256), nodeFolder);
}

/** The pools of the whole machine (`node: null`) and, where there are nodes, of each node. */
function lookAtHugePages(machine: Machine, nodes: readonly number[]): Memory['hugePages'] {
  const whole = '/sys/kernel/mm/hugepages';
  if (machine.names(whole).at !== 'is') return unknown(whole);
  const pools = poolsIn(machine, whole, null);
  for (const node of nodes) pools.push(...poolsIn(machine, `${nodeFolder}/node${node}/hugepages`, node));
  return known(pools.slice(0, 1024), whole);
}

function poolsIn(machine: Machine, folder: string, node: number | null): NonNullable<Memory['hugePages']['value']> {
  const pools = [];
  for (const name of listed(machine, folder) ?? []) {
    const [, size] = /^hugepages-(\d{1,9})kB$/.exec(name) ?? [];
    const total = integer(machine, `${folder}/${name}/nr_hugepages`);
    const free = integer(machine, `${folder}/${name}/free_hugepages`);
    if (size !== undefined && Number(size) > 0 && total !== null && free !== null)
      pools.push({ sizeKiB: Number(size), node, total, free });
  }
  return pools;
}
