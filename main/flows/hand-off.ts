// SPDX-License-Identifier: GPL-3.0-or-later
import { vmUuid } from '../../contract/hand-off';
import type { HandRun, HandVm, handAsks } from '../../contract/hand-run';
import { failed, ok, type Result } from '../../contract/problem';
import type { MachineId } from '../../contract/target';
import type { VmEntry } from '../../contract/vm-life';
import type { Answers } from '../dispatch';
import { managedHere, readStatus, takeBackLine } from '../hand-off';
import type { HandBench } from '../hand-walk';
import type { World } from '../world';

type Part = Pick<Answers, keyof typeof handAsks>;

interface Bench extends HandBench {
  readonly vms: () => Promise<Result<readonly VmEntry[]>>;
  readonly boot: () => string | null;
}

/** Cards that move with their VM: what there are, a move, the way back, and the self-test. */
export const handAnswers = (world: World): Part => ({
  'hand.list': async ({ machine }) => {
    const bench = benchOf(world, machine);
    if (!bench.ok) return bench;
    // Where no card is managed, libvirt is not asked: the tray looks at every start of the program.
    const vms = managedHere(bench.value.eyes()).length === 0 ? ok([]) : await bench.value.vms();
    const reports = await reportsOf(world, machine);
    const moving = vms.ok ? movingVms(vms.value, bench.value) : [];
    return ok({ vms: [...moving], run: world.moves.run(machine), reports: [...reports] });
  },
  'hand.over': async ({ machine, uuid }) => onVm(world, machine, uuid, (bench, vm) => world.moves.over(bench, vm)),
  'hand.back': async ({ machine, uuid, force }) => onVm(world, machine, uuid, (bench, vm) => world.moves.back(bench, vm, force)),
  'hand.rounds': async ({ machine, uuid, count, force }) =>
    onVm(world, machine, uuid, (bench, vm) => {
      if (vm.state !== 'off') return failed('refused', { why: 'vm-runs' });
      return world.moves.rounds(bench, vm, {
        count,
        force,
        keep: (report) => void world.history.then((history) => (history.ok ? history.value.rememberReport(machine, report) : undefined)),
      });
    }),
  'hand.stop': ({ machine }) => world.moves.stop(machine),
});

function benchOf(world: World, machine: MachineId): Result<Bench> {
  const found = world.vms.bench(machine);
  if (!found.ok) return found;
  const { side, hands } = found.value;
  return ok({ machine, libvirt: side.libvirt, eyes: () => hands.eyes(), pace: 100, vms: () => side.libvirt.list(), boot: () => hands.boot() });
}

async function onVm(world: World, machine: MachineId, uuid: string, then: (bench: Bench, vm: HandVm) => Result<HandRun>): Promise<Result<HandRun>> {
  const bench = benchOf(world, machine);
  if (!bench.ok) return bench;
  const vms = await bench.value.vms();
  if (!vms.ok) return vms;
  const vm = movingVms(vms.value, bench.value).find((one) => one.uuid === uuid);
  return vm === undefined ? failed('not-found', { what: 'vm' }) : then(bench.value, vm);
}

async function reportsOf(world: World, machine: MachineId) {
  const history = await world.history;
  const found = history.ok ? history.value.reports(machine) : history;
  return found.ok ? found.value : [];
}

/** VMs of which the table of managed cards names a function: these are the ones our hook moves a card for. */
function movingVms(vms: readonly VmEntry[], bench: Bench): readonly HandVm[] {
  const machine = bench.eyes();
  const cards = managedHere(machine);
  return vms.flatMap((vm): HandVm[] => {
    const uuid = vmUuid.safeParse(vm.uuid);
    if (!uuid.success || vm.known === null) return [];
    const given = new Set(vm.known.functions.map((one) => one.address));
    const mine = cards.filter((card) => card.functions.some((one) => given.has(one.address)));
    const devices = mine.flatMap((card) => card.functions.map((one) => one.address));
    if (devices.length === 0) return [];
    const status = readStatus(machine, uuid.data);
    // Bindings do not outlive a start, so neither does what was said of them.
    const current = status !== null && status.boot === bench.boot() ? status : null;
    const name = vm.known.name.slice(0, 128);
    return [{ uuid: uuid.data, name, state: vm.state, devices: devices.slice(0, 64), way: mine.some((card) => card.way === 'single-card') ? 'single-card' : 'on-demand', reach: takeBackLine(machine, { name, uuid: uuid.data }), status: current }];
  });
}
