// SPDX-License-Identifier: GPL-3.0-or-later
import { ok, type Result } from '../../contract/problem';
import type { MachineId } from '../../contract/target';
import type { VmChoices, vmAsks } from '../../contract/vm-asks';
import type { VmRun } from '../../contract/vm-change';
import type { VmMode } from '../../contract/vm-mode';
import { readDomain } from '../../core/read/virsh-domain';
import { modesOf, recommendMode } from '../../core/vm/modes';
import type { Answers } from '../dispatch';
import { checkDefinition } from '../vm/check';
import type { VmBench } from '../vm/changes';
import { drawHalves, drawnOf } from '../vm/drawing';
import { draftFor, tuningFor, usualMemory } from '../vm/draft';
import { listNetworks } from '../vm/networks';
import { offersOf } from '../vm/offers';
import { listPools, usualPool } from '../vm/pools';
import type { World } from '../world';
import { vmLifeAnswers } from './vm-life';

type Part = Pick<Answers, keyof typeof vmAsks>;

/** Virtual machines: what there are, what there can be, and how a person comes to one. */
export const vmAnswers = (world: World): Part => ({
  ...vmLifeAnswers(world),
  'vm.list': async ({ machine }) => {
    const bench = world.vms.bench(machine);
    if (!bench.ok) return bench;
    const { side } = bench.value;
    await world.vms.changes.settle(bench.value);
    const vms = await side.libvirt.list();
    const run = world.vms.changes.run(bench.value);
    const open = openOf(bench.value, world);
    if (!vms.ok) return ok({ host: null, problem: vms.problem, vms: [], open, run });
    const host = await side.libvirt.host();
    world.vms.watch.look(machine, side);
    return ok({ host: host.ok ? host.value : null, problem: host.ok ? null : host.problem, vms: [...vms.value], open, run });
  },
  'vm.choices': ({ machine, system, use }) => choices(world, machine, { system, use }),
  'vm.disc': ({ machine, path }) => {
    const bench = world.vms.bench(machine);
    return bench.ok ? bench.value.side.disc(path) : bench;
  },
  'vm.draft': async ({ machine, wish }) => {
    const bench = world.vms.bench(machine);
    if (!bench.ok) return bench;
    const host = await bench.value.side.libvirt.host();
    if (!host.ok) return host;
    const folders = await foldersOf(bench.value);
    const { facts, assessment } = looked(world, machine);
    return draftFor(wish, { facts, assessment, host: host.value, folders: folders.map((one) => one.path) });
  },
  'vm.draw': async ({ machine, asked, host }) => {
    const bench = world.vms.bench(machine);
    if (!bench.ok) return bench;
    const drawn = await drawHalves(bench.value, asked, host);
    return drawn.ok ? ok(drawnOf(drawn.value, bench.value.hands, looked(world, machine).facts)) : drawn;
  },
  'vm.check': async ({ machine, xml, uuid }) => {
    const bench = world.vms.bench(machine);
    return bench.ok ? ok(await checkDefinition(bench.value.side, xml, uuid)) : bench;
  },
  'vm.xml': async ({ machine, uuid }) => {
    const bench = world.vms.bench(machine);
    if (!bench.ok) return bench;
    const xml = await bench.value.side.libvirt.xml(uuid);
    if (!xml.ok) return xml;
    const known = readDomain(xml.value);
    return ok({ xml: xml.value, known: known.ok ? known.value : null });
  },
  'vm.apply': async ({ machine, asked, host, approved }) => begun(world, machine, (bench) => world.vms.changes.apply(bench, { asked, host, approved })),
  'vm.undo': async ({ machine, change }) => begun(world, machine, (bench) => world.vms.changes.undo(bench, change)),
});

async function begun(world: World, machine: MachineId, begin: (bench: VmBench) => Promise<Result<VmRun>>): Promise<Result<VmRun>> {
  const bench = world.vms.bench(machine);
  if (!bench.ok) return bench;
  const started = await begin(bench.value);
  if (started.ok) world.vms.watch.look(machine, bench.value.side);
  return started;
}

function looked(world: World, machine: MachineId) {
  const target = world.machines.find(machine);
  // A bench was found for it a moment ago.
  if (!target.ok) throw new Error('no such machine');
  return world.machines.look(target.value, false);
}

/** Changes that are not at rest. */
function openOf(bench: VmBench, world: World) {
  const stuck = world.vms.changes.stuck(bench);
  return bench.side.store
    .ids()
    .flatMap((id) => {
      const half = bench.side.store.read(id);
      if (!half.ok || half.value.state === 'done' || half.value.state === 'undone') return [];
      const at = half.value.state === 'waiting' ? ('waiting' as const) : ('undo-incomplete' as const);
      return [{ change: half.value.id, uuid: half.value.uuid, name: half.value.name, at, problem: stuck.get(id) ?? null }];
    })
    .slice(0, 64);
}

/** Pools first that have a folder; the usual one where none is made of it yet. */
async function foldersOf({ side }: VmBench): Promise<VmChoices['folders']> {
  const pools = await listPools(side.libvirt.peek);
  const known = pools.ok ? pools.value.flatMap((one) => (one.path === null ? [] : [{ path: one.path, kind: 'pool' as const, freeMiB: one.freeMiB }])) : [];
  const usual = known.some((one) => one.path === usualPool.path) ? [] : [{ path: usualPool.path, kind: 'new-pool' as const, freeMiB: null }];
  return [...usual, ...known].sort((a, b) => Number(b.path === usualPool.path) - Number(a.path === usualPool.path)).slice(0, 64);
}

async function choices(world: World, machine: MachineId, { system, use }: { readonly system: Parameters<typeof modesOf>[0]['system']; readonly use: 'play' | 'work' | 'compute' | 'stream' }): Promise<Result<VmChoices>> {
  const bench = world.vms.bench(machine);
  if (!bench.ok) return bench;
  const { facts, assessment } = looked(world, machine);
  const answer = await bench.value.side.libvirt.host();
  const host = answer.ok ? answer.value : null;
  const modes = modesOf({ facts, cards: assessment.cards, host, system });
  const best = recommendMode(modes, use, assessment.recommendation.way);
  return ok({
    host,
    problem: answer.ok ? null : answer.problem,
    modes,
    recommended: best === null ? null : modes.indexOf(best),
    networks: host === null ? [] : await networksOf(bench.value),
    folders: host === null ? [] : await foldersOf(bench.value),
    ...offersOf(bench.value.hands.eyes()),
    tuning: tuningFor({ use }, facts, { given: givenBy(best), cores: null, memoryMiB: usualMemory(system) }),
  });
}

/** The function of this computer that a mode would give away, or part of. */
const givenBy = (best: VmMode | null): string | null => (best?.mode === 'passthrough' || best?.mode === 'sriov' ? (best.card?.address ?? null) : null);

async function networksOf({ side }: VmBench): Promise<VmChoices['networks']> {
  const networks = await listNetworks(side.libvirt.peek);
  return networks.ok ? networks.value.map((one) => ({ ...one, name: one.name.slice(0, 64) })).slice(0, 64) : [];
}
