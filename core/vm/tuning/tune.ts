// SPDX-License-Identifier: GPL-3.0-or-later
import type { CpuTopology, HostFacts } from '../../../contract/facts';
import type { VmPinning } from '../../../contract/vm';
import type { VmTuning, VmTuningReason } from '../../../contract/vm-tuning';
import { coresOf, threadsByCore, threadsOf, type Core } from './cores';
import { chooseGuestCores } from './guest-cores';
import { helperThreads } from './helper-threads';
import { layOutMemory } from './memory';
import type { TuningWish } from './wish';

/** Lays a guest out on this machine: which threads, which memory, and why. Pure; says what it could not know. */
export function tune(facts: Pick<HostFacts, 'cpu' | 'memory'>, wish: TuningWish): VmTuning {
  const topology = facts.cpu.topology.value;
  const all = topology === null ? [] : coresOf(topology);
  const flags = facts.cpu.flags.value ?? [];
  if (topology === null || all.length < 2) return unpinned(facts, topology, all, wish);
  const chosen = chooseGuestCores(all, wish);
  const host = all.filter((core) => !chosen.cores.includes(core));
  const helpers = helperThreads(chosen.cores, host);
  if (helpers === null) return unpinned(facts, topology, all, wish);
  const { memory, node, reasons } = layOutMemory(facts.memory, chosen.cores, wish, flags);
  const threads = chosen.cores[0]?.threads.length ?? 1;
  const pinning: VmPinning = { vcpus: threadsOf(chosen.cores), emulator: [...helpers.emulator], io: [...helpers.io], memory: node };
  return {
    schema: 1,
    cores: chosen.cores.length,
    threads,
    pinning,
    host: threadsOf(host).sort((a, b) => a - b),
    memory,
    reasons: [
      { code: 'kept-for-host', detail: { count: String(host.length) } },
      ...chosen.reasons,
      { code: threads > 1 ? 'siblings-together' : 'single-threads', detail: { threads: String(threads) } },
      helpers.reason,
      ...reasons,
    ],
    picture: pictureOf(topology, pinning),
  };
}

/** One core, or an unknown processor: pins would only be in the way. The guest floats and shares. */
function unpinned(facts: Pick<HostFacts, 'cpu' | 'memory'>, topology: CpuTopology | null, all: readonly Core[], wish: TuningWish): VmTuning {
  const { memory, reasons } = layOutMemory(facts.memory, [], wish, facts.cpu.flags.value ?? []);
  const why: VmTuningReason = { code: topology === null || all.length === 0 ? 'topology-unknown' : 'too-small', detail: {} };
  return {
    schema: 1,
    cores: all.length === 1 ? 1 : Math.min(wish.cores ?? 2, 2),
    threads: 1,
    pinning: null,
    host: threadsOf(all),
    memory,
    reasons: [why, ...reasons],
    picture: topology === null ? [] : pictureOf(topology, null),
  };
}

/** Every core of the machine with what its threads do; offline threads stand with their core. */
export function pictureOf(topology: CpuTopology, pinning: VmPinning | null): VmTuning['picture'] {
  const vcpuOf = new Map((pinning?.vcpus ?? []).map((thread, vcpu) => [thread, vcpu]));
  const [emulator, io] = [new Set(pinning?.emulator ?? []), new Set(pinning?.io ?? [])];
  const role = (thread: CpuTopology['threads'][number]): VmTuning['picture'][number]['threads'][number]['role'] => {
    if (!thread.online) return 'offline';
    if (vcpuOf.has(thread.id)) return 'guest';
    if (emulator.has(thread.id)) return io.has(thread.id) ? 'helpers' : 'emulator';
    return io.has(thread.id) ? 'io' : 'host';
  };
  return [...threadsByCore(topology.threads).values()].flatMap((threads) => {
    const [any] = threads;
    if (any === undefined) return [];
    const sorted = [...threads].sort((a, b) => a.id - b.id);
    return [
      {
        package: any.package,
        node: any.node,
        cache: sorted.find((thread) => thread.lastLevelCache !== null)?.lastLevelCache ?? null,
        kind: any.kind,
        threads: sorted.map((thread) => ({ id: thread.id, role: role(thread), vcpu: vcpuOf.get(thread.id) ?? null })),
      },
    ];
  });
}
