// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok, type Result } from '../../contract/problem';
import type { MachineId } from '../../contract/target';
import type { AskOut } from '../../contract/ui';
import type { Answers } from '../dispatch';
import { askGuest } from '../vm/guest';
import { consoleOf, openScreen, viewerWords } from '../vm/screens';
import type { World } from '../world';

type Part = Pick<Answers, 'vm.remember' | 'vm.act' | 'vm.guest' | 'vm.console' | 'vm.open-viewer' | 'vm.stream-open' | 'vm.stream-read' | 'vm.stream-write' | 'vm.stream-close'>;

/** The life of a VM, and where it can be seen. */
export const vmLifeAnswers = (world: World): Part => ({
  'vm.remember': ({ machine, uuid }) => remember(world, machine, uuid),
  'vm.act': async ({ machine, uuid, act }) => {
    const bench = world.vms.bench(machine);
    if (!bench.ok) return bench;
    const { libvirt } = bench.value.side;
    world.vms.watch.look(machine, bench.value.side);
    const done = await libvirt.act(uuid, act);
    return done.ok ? libvirt.look(uuid) : done;
  },
  'vm.guest': async ({ machine, uuid }) => {
    const bench = world.vms.bench(machine);
    return bench.ok ? askGuest(bench.value.side.libvirt.ask, uuid) : bench;
  },
  'vm.console': async ({ machine, uuid }) => {
    const bench = world.vms.bench(machine);
    if (!bench.ok) return bench;
    const { libvirt, viewers } = bench.value.side;
    if (viewers === null) return ok({ vnc: { why: 'rehearsal' }, serial: { command: null }, viewers: [] });
    return consoleOf(libvirt, uuid, { 'virt-viewer': viewers.found('virt-viewer'), 'looking-glass': viewers.found('looking-glass') });
  },
  'vm.open-viewer': async ({ machine, uuid, viewer }) => {
    const bench = world.vms.bench(machine);
    if (!bench.ok) return bench;
    const { libvirt, viewers } = bench.value.side;
    if (viewers === null) return failed('refused', { why: 'rehearsal' });
    if (!viewers.found(viewer)) return failed('unsupported-host', { what: viewer });
    // A VM that libvirt does not know is not handed to another program.
    const known = await libvirt.look(uuid);
    if (!known.ok) return known;
    viewers.open(viewer, viewer === 'virt-viewer' ? viewerWords(uuid) : []);
    return ok({});
  },
  'vm.stream-open': async ({ machine, uuid }) => {
    const bench = world.vms.bench(machine);
    if (!bench.ok) return bench;
    const { libvirt, viewers } = bench.value.side;
    if (viewers === null) return failed('refused', { why: 'rehearsal' });
    const screen = await openScreen(libvirt, uuid);
    if (!screen.ok) return screen;
    const { socket, first, password } = screen.value;
    const stream = world.vms.streams.open(socket, first);
    if (!stream.ok) {
      socket.destroy();
      return stream;
    }
    return ok({ stream: stream.value, password: password === null ? null : password.slice(0, 64) });
  },
  'vm.stream-read': ({ stream }) => world.vms.streams.read(stream),
  'vm.stream-write': async ({ stream, data }) => {
    const done = await world.vms.streams.write(stream, data);
    return done.ok ? ok({}) : done;
  },
  'vm.stream-close': ({ stream }) => {
    const done = world.vms.streams.close(stream);
    return done.ok ? ok({}) : done;
  },
});

/** A restore point of what a VM's firmware and TPM remember, taken by root. */
async function remember(world: World, machine: MachineId, vm: string): Promise<Result<AskOut<'vm.remember'>>> {
  const bench = world.bench(machine);
  if (!bench.ok) return bench;
  const done = await bench.value.hands.call({ verb: 'save-vm', request: { vm } }, { hello: () => undefined, progress: () => undefined }).done;
  if (!done.ok) return done;
  world.news.tell('history.changed', { machine });
  const { transaction } = done.value.outcome;
  return transaction === null ? failed('internal') : ok({ transaction });
}
