// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import type { CpuTopology, HostFacts } from '../../../contract/facts';

type Thread = CpuTopology['threads'][number];

/** A part of a processor: so many caches of so many cores. */
export interface Part {
  readonly package?: number;
  readonly node?: number | null;
  readonly caches: number;
  readonly cores: number;
  readonly threads: number;
  /** KiB of each cache; 0: no shared cache is told. */
  readonly sizes: readonly number[];
  readonly kind?: Thread['kind'];
}

/** `half`: siblings are N and N+half (AMD, most Xeons); `next`: N and N+1 (Intel hybrids, many firmwares). */
export type Numbering = 'half' | 'next';

export function topology(parts: readonly Part[], numbering: Numbering, offline: ReadonlySet<number> = new Set()): CpuTopology {
  const caches: CpuTopology['caches'] = [];
  const cores = numbered(parts.flatMap((part) => coresOfPart(part, caches)), numbering);
  const within = new Map<number, number>();
  const threads = cores.flatMap(({ part, cache, ids }) => {
    const core = within.get(part.package ?? 0) ?? 0;
    within.set(part.package ?? 0, core + 1);
    return ids.map((id): Thread => {
      const online = !offline.has(id);
      if (cache !== null && online) caches[cache]?.threads.push(id);
      return { id, online, package: part.package ?? 0, die: 0, core, node: part.node ?? null, lastLevelCache: online ? cache : null, kind: part.kind ?? 'uniform', maxFrequency: null };
    });
  });
  return { threads: threads.sort((a, b) => a.id - b.id), caches };
}

interface Made {
  readonly part: Part;
  readonly cache: number | null;
  readonly ids: number[];
}

const coresOfPart = (part: Part, caches: CpuTopology['caches']): Made[] =>
  Array.from({ length: part.caches }, (_, domain) => {
    const sizeKiB = part.sizes[domain % part.sizes.length] ?? 0;
    const cache = sizeKiB === 0 ? null : caches.push({ level: 3, sizeKiB, threads: [] }) - 1;
    return Array.from({ length: part.cores }, (): Made => ({ part, cache, ids: [] }));
  }).flat();

function numbered(cores: Made[], numbering: Numbering): Made[] {
  let next = 0;
  if (numbering === 'next') for (const core of cores) while (core.ids.length < core.part.threads) core.ids.push(next++);
  else for (let at = 0; at < 8; at++) for (const core of cores) if (at < core.part.threads) core.ids.push(next++);
  return cores;
}

const one = (cores: number, threads: number, kib: number, caches = 1): readonly Part[] => [{ caches, cores, threads, sizes: [kib], node: 0 }];
const two = (cores: number, threads: number, kib: number): readonly Part[] => [0, 1].map((at) => ({ package: at, node: at, caches: 1, cores, threads, sizes: [kib] }));
const hybrid = ({ fast, smt, slow, low, kib = 24_576 }: { fast: number; smt: number; slow: number; low: number; kib?: number }): readonly Part[] => [
  { caches: 1, cores: fast, threads: smt, sizes: [kib], kind: 'performance', node: 0 },
  { caches: 1, cores: slow, threads: 1, sizes: [kib], kind: 'efficiency', node: 0 },
  ...(low === 0 ? [] : [{ caches: 1, cores: low, threads: 1, sizes: [0], kind: 'efficiency' as const, node: 0 }]),
];

/** The processor of each machine of the corpus whose cores are told, by its number; caches from the makers' data sheets. */
export const corpusProcessors: Readonly<Record<string, readonly Part[]>> = {
  '009': one(6, 2, 32_768, 2),
  '010': one(6, 1, 9216),
  '012': one(4, 2, 8192),
  '013': one(6, 2, 12_288),
  '014': one(6, 2, 18_432),
  '034': [0, 1].map((node) => ({ node, caches: 2, cores: 4, threads: 2, sizes: [8192] })),
  '039': one(4, 2, 4096),
  '040': one(8, 2, 16_384),
  '041': one(8, 2, 16_384),
  '042': one(8, 2, 16_384),
  '044': two(8, 2, 20_480),
  '046': one(32, 1, 0),
  '049': one(4, 1, 4096),
  '050': one(4, 1, 4096),
  '051': hybrid({ fast: 4, smt: 2, slow: 4, low: 0, kib: 12_288 }),
  '053': hybrid({ fast: 4, smt: 1, slow: 8, low: 2, kib: 18_432 }),
  '056': one(4, 2, 4096),
  '058': one(2, 2, 4096),
  '059': two(4, 2, 16_896),
  '060': one(6, 2, 12_288),
  '062': one(2, 2, 3072),
  '063': [0, 1].map((at) => ({ package: at, node: null, caches: 1, cores: 1, threads: 2, sizes: [2048] })),
  '071': one(6, 2, 12_288),
  '076': hybrid({ fast: 6, smt: 1, slow: 8, low: 2, kib: 24_576 }),
  '078': one(4, 1, 1024),
};

/** Processors of other makers and sizes: a small and a large cache, many small caches, one core, four threads a core. */
export const knownProcessors: Readonly<Record<string, readonly Part[]>> = {
  'eight cores, one cache': one(8, 2, 98_304),
  'a large and a small cache': [{ caches: 2, cores: 6, threads: 2, sizes: [98_304, 32_768], node: 0 }],
  'eight fast and sixteen slow cores': hybrid({ fast: 8, smt: 2, slow: 16, low: 0, kib: 36_864 }),
  'two sockets of sixteen': two(16, 2, 24_576),
  'a server of caches of three': [{ caches: 8, cores: 3, threads: 2, sizes: [32_768], node: 0 }],
  'four threads a core': one(4, 4, 8192),
  'two cores': one(2, 1, 0),
};

export const facts = (cpu: CpuTopology | null, memory: Partial<{ total: number; available: number; nodes: HostFacts['memory']['nodes']['value']; pools: HostFacts['memory']['hugePages']['value']; flags: string[] }> = {}): Pick<HostFacts, 'cpu' | 'memory'> => {
  const known = <T>(value: T | null) => ({ value, from: 'test' });
  return {
    cpu: { architecture: known('x86_64'), vendor: known('amd'), model: known('test'), virtualisation: known('svm'), flags: known(memory.flags ?? []), topology: known(cpu) },
    memory: { total: known(memory.total ?? 64 * 2 ** 30), available: known(memory.available ?? 48 * 2 ** 30), nodes: known(memory.nodes ?? null), hugePages: known(memory.pools === undefined ? [] : memory.pools), transparentHugePages: known('madvise') },
  };
};

const uniform = fc.record({ packages: fc.integer({ min: 1, max: 2 }), nodes: fc.integer({ min: 1, max: 2 }), caches: fc.integer({ min: 1, max: 4 }), cores: fc.integer({ min: 1, max: 8 }), threads: fc.constantFrom(1, 2, 2, 2, 4), sizes: fc.array(fc.constantFrom(0, 4096, 32_768, 98_304), { minLength: 1, maxLength: 2 }) });
const mixed = fc.record({ fast: fc.integer({ min: 1, max: 8 }), smt: fc.constantFrom(1, 2), slow: fc.integer({ min: 1, max: 16 }), low: fc.constantFrom(0, 2) });

/** Any processor: sockets, nodes, caches of any size or none, one to four threads a core, fast and slow cores, threads switched off. */
export const anyTopology: fc.Arbitrary<CpuTopology> = fc
  .tuple(
    fc.oneof(
      uniform.map(({ packages, nodes, caches, cores, threads, sizes }) =>
        Array.from({ length: packages * nodes }, (_, at): Part => ({ package: Math.floor(at / nodes), node: packages * nodes === 1 ? 0 : at, caches, cores, threads, sizes })),
      ),
      mixed.map(hybrid),
    ),
    fc.constantFrom<Numbering>('half', 'next'),
    fc.array(fc.nat({ max: 1_000_000 }), { maxLength: 5 }),
    fc.boolean(),
  )
  .map(([parts, numbering, off, all]) => {
    const whole = topology(parts, numbering);
    // Thread 0 cannot be switched off on x86.
    const offline = new Set(all ? [] : off.map((one) => one % whole.threads.length).filter((id) => id !== 0));
    return topology(parts, numbering, offline);
  });
