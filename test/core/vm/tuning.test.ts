// SPDX-License-Identifier: GPL-3.0-or-later
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CpuTopology, HostFacts } from '../../../contract/facts';
import type { VmPinning } from '../../../contract/vm';
import { vmTuning, type VmTuning } from '../../../contract/vm-tuning';
import { hostShareMiB, overheadMiB } from '../../../core/vm/tuning/memory';
import { tune } from '../../../core/vm/tuning/tune';
import type { TuningWish } from '../../../core/vm/tuning/wish';
import { anyTopology, corpusProcessors, facts, knownProcessors, topology, type Numbering } from './topologies';

const wish = (change: Partial<TuningWish> = {}): TuningWish => ({ cores: null, profile: 'play', cardNode: null, memoryMiB: 16_384, pinsMemory: true, isolated: [], ...change });
const codes = (plan: VmTuning): string[] => plan.reasons.map((one) => one.code);
const said = (plan: VmTuning, code: string): boolean => codes(plan).includes(code);

/** What the laws look at, told from the topology alone. */
interface Seen {
  readonly cpu: CpuTopology;
  readonly asked: TuningWish;
  readonly plan: VmTuning;
  readonly pins: VmPinning;
  readonly thread: (id: number) => CpuTopology['threads'][number] | undefined;
  readonly coreOf: (id: number) => string;
  readonly cacheOf: (id: number) => unknown;
  /** Online threads by core. */
  readonly cores: ReadonlyMap<string, readonly number[]>;
  readonly guest: ReadonlySet<string>;
  /** Cores as the guest's, without the one of thread 0. */
  readonly alike: readonly (readonly number[])[];
}

const all = (ids: readonly number[], holds: (id: number) => boolean): boolean => ids.every(holds);

const laws: Readonly<Record<string, (seen: Seen) => boolean>> = {
  'each virtual CPU has a thread of its own': ({ pins }) => new Set(pins.vcpus).size === pins.vcpus.length,
  'every pin is online': ({ pins, thread }) => all([...pins.vcpus, ...pins.emulator, ...pins.io], (id) => thread(id)?.online === true),
  'cores times threads are the virtual CPUs': ({ plan, pins }) => pins.vcpus.length === plan.cores * plan.threads,
  'emulator and I/O share no core with the guest': ({ pins, guest, coreOf }) => pins.emulator.length > 0 && pins.io.length > 0 && all([...pins.emulator, ...pins.io], (id) => !guest.has(coreOf(id))),
  'emulator and I/O share a core only when said': ({ plan, pins, coreOf }) => said(plan, 'helpers-share') || all(pins.emulator, (id) => !pins.io.map(coreOf).includes(coreOf(id))),
  'siblings stay siblings': ({ plan, pins, coreOf }) => all(pins.vcpus, (id) => coreOf(id) === coreOf(pins.vcpus[Math.floor(pins.vcpus.indexOf(id) / plan.threads) * plan.threads] ?? -1)),
  'no core is split between guest and host': ({ pins, guest, cores }) => [...guest].every((key) => all(cores.get(key) ?? [], (id) => pins.vcpus.includes(id))),
  'the guest has cores of one kind': ({ pins, thread }) => new Set(pins.vcpus.map((id) => thread(id)?.kind)).size === 1,
  'the host keeps a core': ({ cores, guest }) => cores.size > guest.size,
  'host and guest share out the machine': ({ plan, pins, cores }) => all(plan.host, (id) => !pins.vcpus.includes(id)) && plan.host.length + pins.vcpus.length === [...cores.values()].flat().length,
  'one cache when it fits': ({ plan, asked, pins, alike, cacheOf, thread }) => {
    const near = said(plan, 'card-node') ? alike.filter(([id = -1]) => thread(id)?.node === asked.cardNode) : alike;
    const fits = [...Map.groupBy(near, ([id = -1]) => cacheOf(id)).values()].some((domain) => domain.length >= plan.cores);
    return !fits || new Set(pins.vcpus.map(cacheOf)).size === 1;
  },
  "the card's node when it fits, and otherwise it is said": ({ cpu, plan, asked, pins, alike, cores, thread }) => {
    if (asked.cardNode === null || new Set(cpu.threads.filter((one) => one.online).map((one) => one.node)).size < 2) return true;
    const there = alike.filter(([id = -1]) => thread(id)?.node === asked.cardNode).length;
    const fits = there >= Math.max(1, Math.min(asked.cores ?? 1, cores.size - (cores.size <= 4 ? 1 : 2)));
    const near = all(pins.vcpus, (id) => thread(id)?.node === asked.cardNode);
    return fits ? near : near || said(plan, 'card-node-too-small');
  },
  'thread 0 goes only where the host keeps a whole cache': ({ pins, cores, guest, cacheOf }) =>
    !pins.vcpus.includes(0) || [...Map.groupBy(cores, ([, [id = -1]]) => cacheOf(id)).values()].some((domain) => !domain.some(([key]) => guest.has(key))),
  'every thread is in the picture': ({ cpu, plan }) => plan.picture.flatMap((tile) => tile.threads).length === cpu.threads.length,
  'the picture shows the pins': ({ plan, pins }) =>
    plan.picture.flatMap((tile) => tile.threads).every(({ id, role, vcpu }) => (role === 'guest') === pins.vcpus.includes(id) && (vcpu === null ? role !== 'guest' : pins.vcpus[vcpu] === id)),
};

/** The laws that a layout breaks; empty when all hold. */
function broken(cpu: CpuTopology, asked: TuningWish, plan: VmTuning): string[] {
  const byId = new Map(cpu.threads.map((one) => [one.id, one]));
  const thread = (id: number) => byId.get(id);
  const coreOf = (id: number): string => `${thread(id)?.package} ${thread(id)?.die} ${thread(id)?.core}`;
  const cacheOf = (id: number): unknown => thread(id)?.lastLevelCache ?? `none ${thread(id)?.package} ${thread(id)?.node}`;
  const cores = new Map<string, number[]>();
  for (const one of cpu.threads) if (one.online) cores.set(coreOf(one.id), [...(cores.get(coreOf(one.id)) ?? []), one.id]);
  if (plan.pinning === null) return cores.size < 2 && said(plan, 'too-small') && plan.host.length > 0 ? [] : ['only a machine of one core is left unpinned, and it is said'];
  const pins = plan.pinning;
  const alike = [...cores.values()].filter((ids) => ids.length === plan.threads && !ids.includes(0) && thread(ids[0] ?? -1)?.kind === thread(pins.vcpus[0] ?? -1)?.kind);
  const seen: Seen = { cpu, asked, plan, pins, thread, coreOf, cacheOf, cores, guest: new Set(pins.vcpus.map(coreOf)), alike };
  return Object.entries(laws).flatMap(([name, holds]) => (holds(seen) ? [] : [name]));
}

const wishes = fc.record({ cores: fc.option(fc.integer({ min: 1, max: 40 })), profile: fc.constantFrom<'play' | 'compute'>('play', 'compute'), cardNode: fc.option(fc.integer({ min: 0, max: 3 })) }).map(wish);

describe('on any processor', () => {
  test('the laws of a layout hold, whatever is wished', () => {
    fc.assert(
      fc.property(anyTopology, wishes, (cpu, asked) => {
        const plan = tune(facts(cpu), asked);
        expect(vmTuning.safeParse(plan).success).toBe(true);
        expect(broken(cpu, asked, plan)).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  test('the same machine gives the same layout, and its facts are left as they were', () => {
    fc.assert(fc.property(anyTopology, wishes, (cpu, asked) => {
      const given = facts(cpu);
      const before = JSON.stringify(given);
      expect(tune(given, asked)).toEqual(tune(given, asked));
      expect(JSON.stringify(given)).toBe(before);
    }));
  });

  test('the order in which threads are listed changes nothing', () => {
    fc.assert(fc.property(anyTopology, wishes, (cpu, asked) => {
      const turned = { ...cpu, threads: [...cpu.threads].reverse() };
      const [plain, other] = [tune(facts(cpu), asked), tune(facts(turned), asked)];
      expect(other.pinning).toEqual(plain.pinning);
      expect(other.reasons).toEqual(plain.reasons);
    }));
  });

  test('every broken layout is noticed by the laws', () => {
    const parts = knownProcessors['a large and a small cache'] ?? [];
    const cpu = topology(parts, 'half');
    const asked = wish({ cores: 4 });
    const plan = tune(facts(cpu), asked);
    const pinning = plan.pinning ?? { vcpus: [], emulator: [], io: [], memory: null };
    expect(broken(cpu, asked, plan)).toEqual([]);
    const [a = 0, b = 0, ...rest] = pinning.vcpus;
    const mutants: readonly VmTuning[] = [
      { ...plan, pinning: { ...pinning, vcpus: [a, a, ...rest] } },
      { ...plan, pinning: { ...pinning, vcpus: [rest[0] ?? 0, b, a, ...rest.slice(1)] } },
      { ...plan, pinning: { ...pinning, vcpus: [a, 99, ...rest] } },
      { ...plan, pinning: { ...pinning, emulator: [a] } },
      { ...plan, cores: plan.cores + 1 },
      { ...plan, host: [...plan.host, a] },
      { ...plan, pinning: { ...pinning, vcpus: [7, 19, 8, 20, ...rest.slice(2)] } },
      { ...plan, pinning: null },
    ];
    for (const mutant of mutants) expect(broken(cpu, asked, mutant), JSON.stringify(mutant.pinning)).not.toEqual([]);
  });
});

describe('on the processors of the corpus', () => {
  const folder = new URL('../../corpus/machines/', import.meta.url);
  const told = readdirSync(folder).flatMap((file) => {
    const { id, cpu } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { id: string; cpu: { cores: number | null; threads: number | null } };
    return cpu.cores === null || cpu.threads === null ? [] : [[id, cpu.cores, cpu.threads] as const];
  });
  const numberings: readonly Numbering[] = ['half', 'next'];

  test.each(told)('machine %s has %d cores and %d threads here too', (id, cores, threads) => {
    const { threads: all } = topology(corpusProcessors[id] ?? [], 'half');
    expect([new Set(all.map((one) => `${one.package} ${one.core}`)).size, all.length]).toEqual([cores, threads]);
  });

  const machines = Object.entries({ ...corpusProcessors, ...knownProcessors });
  test.each(machines)('%s: the laws hold for every wish, node and numbering', (_id, parts) => {
    for (const numbering of numberings) {
      const cpu = topology(parts, numbering);
      for (const profile of ['play', 'compute'] as const)
        for (const cardNode of [null, 0, 1])
          for (const cores of [null, ...Array.from({ length: 34 }, (_, at) => at + 1)]) {
            const asked = wish({ cores, profile, cardNode });
            expect(broken(cpu, asked, tune(facts(cpu), asked)), `${numbering} ${JSON.stringify(asked)}`).toEqual([]);
          }
    }
  });
});

describe('known layouts', () => {
  const laid = (name: string, numbering: Numbering, change: Partial<TuningWish> = {}) => {
    const plan = tune(facts(topology({ ...knownProcessors, ...corpusProcessors }[name] ?? [], numbering)), wish(change));
    return { plan, pins: plan.pinning?.vcpus.join(' '), emulator: plan.pinning?.emulator.join(','), io: plan.pinning?.io.join(',') };
  };

  test('eight cores behind one cache: six for the guest, two for the host, its helpers on them', () => {
    const { plan, pins, emulator, io } = laid('eight cores, one cache', 'half');
    expect([pins, emulator, io]).toEqual(['2 10 3 11 4 12 5 13 6 14 7 15', '0,8', '1,9']);
    expect(codes(plan)).toEqual(expect.arrayContaining(['kept-for-host', 'first-core-kept', 'one-cache', 'siblings-together', 'helpers-apart']));
  });

  test('for play the large cache, although thread 0 is in it; for computing the other', () => {
    const play = laid('a large and a small cache', 'half');
    expect([play.pins, play.emulator, play.io]).toEqual(['0 12 1 13 2 14 3 15 4 16 5 17', '6,18', '7,19']);
    expect(codes(play.plan)).toEqual(expect.arrayContaining(['largest-cache', 'first-core-given']));
    expect(laid('a large and a small cache', 'half', { cores: 4, profile: 'compute' }).pins).toBe('8 20 9 21 10 22 11 23');
  });

  test('fast cores for the guest, slow ones for its helpers', () => {
    const { pins, emulator, io, plan } = laid('eight fast and sixteen slow cores', 'next');
    expect([pins, emulator, io]).toEqual(['2 3 4 5 6 7 8 9 10 11 12 13 14 15', '16,17', '18,19']);
    expect(codes(plan)).toEqual(expect.arrayContaining(['performance-cores', 'helpers-efficient']));
  });

  test('the card\'s node, its memory and its helpers too', () => {
    const { pins, emulator, io, plan } = laid('two sockets of sixteen', 'half', { cores: 12, cardNode: 1 });
    expect(pins?.startsWith('20 52 21 53')).toBe(true);
    expect([emulator, io]).toEqual(['16,48', '17,49']);
    expect(said(plan, 'card-node')).toBe(true);
  });

  test('four cores: three for the guest at most, and the helpers share the fourth', () => {
    const { pins, emulator, io, plan } = laid('012', 'half', { cores: 4 });
    expect([pins, emulator, io]).toEqual(['1 5 2 6 3 7', '0,4', '0,4']);
    expect(codes(plan)).toEqual(expect.arrayContaining(['fewer-cores', 'helpers-share']));
  });

  test('cores set aside by the kernel are used first, and it is said', () => {
    const plan = tune(facts(topology(knownProcessors['eight cores, one cache'] ?? [], 'half')), wish({ isolated: [4, 12, 5, 13] }));
    expect(plan.pinning?.vcpus).toEqual([4, 12, 5, 13]);
    expect(said(plan, 'isolated-already')).toBe(true);
  });

  test('an unknown processor is left unpinned, and it is said', () => {
    const plan = tune(facts(null), wish());
    expect([plan.pinning, said(plan, 'topology-unknown'), plan.picture]).toEqual([null, true, []]);
  });
});

describe('memory', () => {
  const GiB = 2 ** 30;
  const cpu = topology(knownProcessors['two sockets of sixteen'] ?? [], 'half');
  const pools = fc.array(fc.record({ sizeKiB: fc.constantFrom(2048, 1_048_576), node: fc.constantFrom(null, 0, 1), total: fc.nat(100_000), free: fc.nat(100_000) }), { maxLength: 4 });
  const machine = fc.record({ total: fc.integer({ min: 1, max: 1024 }), part: fc.double({ min: 0, max: 1, noNaN: true }), wanted: fc.integer({ min: 128, max: 2_000_000 }), pinsMemory: fc.boolean(), pools: fc.option(pools), cardNode: fc.option(fc.constantFrom(0, 1)), big: fc.boolean() });

  test('huge pages and guest never take what the host needs, and a count is only as large as the guest', () => {
    fc.assert(
      fc.property(machine, ({ total, part, wanted, pinsMemory, pools: held, cardNode, big }) => {
        const totalMiB = total * 1024;
        const nodes: HostFacts['memory']['nodes']['value'] = [0, 1].map((id) => ({ id, total: (total * GiB) / 2, free: (total * GiB * part) / 2, cpus: [] }));
        const plan = tune(facts(cpu, { total: total * GiB, available: total * GiB * part, nodes, pools: held, flags: big ? ['pdpe1gb'] : [] }), wish({ memoryMiB: wanted, pinsMemory, cardNode }));
        const { memory } = plan;
        expect(memory.sizeMiB).toBeLessThanOrEqual(Math.min(wanted, Math.max(128, totalMiB - hostShareMiB(totalMiB) - overheadMiB)));
        expect(memory.count * (memory.pages === '1G' ? 1024 : 2)).toBe(memory.pages === 'ordinary' ? 0 : memory.sizeMiB);
        expect(memory.when === 'none').toBe(memory.pages === 'ordinary');
        expect(memory.pages !== '1G' || (big && memory.when !== 'now')).toBe(true);
        const strict = plan.pinning?.memory?.mode === 'strict';
        const free = (totalMiB * part) / (strict ? 2 : 1);
        const pooled = Math.max(0, ...(held ?? []).map((pool) => (pool.sizeKiB === 2048 ? pool.free * 2 : 0)));
        if (memory.when === 'now') expect(free + pooled).toBeGreaterThanOrEqual(memory.sizeMiB + overheadMiB);
        if (strict) expect(free).toBeGreaterThanOrEqual(memory.sizeMiB);
        expect(memory.sizeMiB >= wanted - 1024 || said(plan, 'memory-reduced')).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['a small guest takes transparent pages', wish({ memoryMiB: 8192 }), {}, ['ordinary', 0, 'none']],
    ['a guest without a device takes ordinary memory', wish({ memoryMiB: 32_768, pinsMemory: false }), {}, ['ordinary', 0, 'none']],
    ['a large guest takes 2 MiB pages now', wish(), {}, ['2M', 8192, 'now']],
    ['pages that are there already are used', wish(), { available: 2 * GiB, pools: [{ sizeKiB: 2048, node: null, total: 9000, free: 8192 }] }, ['2M', 8192, 'ready']],
    ['with too little free memory they can be had at the next start', wish(), { available: 8 * GiB }, ['2M', 8192, 'boot']],
    ['a very large guest takes 1 GiB pages at start', wish({ memoryMiB: 131_072 }), { total: 512 * GiB, flags: ['pdpe1gb'] }, ['1G', 128, 'boot']],
    ['without the processor\'s gibibyte pages it takes small ones', wish({ memoryMiB: 131_072 }), { total: 512 * GiB, available: 400 * GiB }, ['2M', 65_536, 'now']],
    ['where nothing is told of huge pages, none are counted on', wish(), { pools: null }, ['ordinary', 0, 'none']],
  ])('%s', (_name, asked, memory, expected) => {
    const plan = tune(facts(topology(knownProcessors['eight cores, one cache'] ?? [], 'half'), memory), asked);
    expect([plan.memory.pages, plan.memory.count, plan.memory.when]).toEqual(expected);
  });
});
