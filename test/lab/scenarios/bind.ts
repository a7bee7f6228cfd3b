// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../../contract/facts';
import type { PciFunction } from '../../../contract/pci';
import { openRehearsal } from '../../../rehearsal/machine';
import { holds, refused, same } from '../expect';
import { operate, type NodeWrite, type Seen } from '../operations';
import type { Scenario } from '../scenario';
import { aloneCard, dedicate, standIns } from './cards';

/** To vfio-pci and back, and each way in which the kernel says no; addresses come from the machine. */
export function writesFor(facts: HostFacts): readonly NodeWrite[] {
  const card = aloneCard(facts);
  const bridge = facts.pci.functions.find((one) => one.driver === 'pcieport');
  const to = (one: PciFunction): NodeWrite[] => [
    { node: 'driver-override', device: one.address, value: 'vfio-pci' },
    ...(one.driver === null ? [] : [{ node: 'driver-unbind', device: one.address, value: one.address } as const]),
    { node: 'drivers-probe', device: one.address, value: one.address },
  ];
  const back = (one: PciFunction): NodeWrite[] => [
    { node: 'driver-override', device: one.address, value: '\n' },
    { node: 'driver-unbind', device: one.address, value: one.address },
    { node: 'drivers-probe', device: one.address, value: one.address },
  ];
  const nobody = card.at(-1);
  return [
    ...card.toReversed().flatMap(to),
    ...card.flatMap(back),
    ...(nobody === undefined ? [] : [...to(nobody).map((one) => (one.node === 'driver-override' ? { ...one, value: 'switchyard-none' } : one)), ...back(nobody).filter((one) => one.node !== 'driver-unbind')]),
    ...(bridge === undefined ? [] : [{ node: 'driver-override', device: bridge.address, value: 'vfio-pci' } as const, { node: 'driver-override', device: bridge.address, value: '\n' } as const]),
  ];
}

const differences = (a: readonly Seen[], b: readonly Seen[]): readonly string[] =>
  a.flatMap((one, at) => (JSON.stringify(one) === JSON.stringify(b[at]) ? [] : [`write ${at}\n  lab       ${JSON.stringify(one)}\n  rehearsal ${JSON.stringify(b[at])}`]));

export const bindScenarios: readonly Scenario[] = [
  {
    name: 'a card goes to vfio-pci by driver_override and comes back, and the rehearsal machine says the same at every write',
    on: 'intel-one-card',
    budget: 60,
    quick: true,
    play: async (lab) => {
      const host = await lab.boot('intel-one-card');
      await host.sh('modprobe vfio-pci; udevadm settle');
      const facts = await host.facts();
      const card = aloneCard(facts);
      const writes = writesFor(facts);
      const seen = await host.operate(writes);
      const bound = seen.slice(0, card.length * 3).filter((one) => one.write.startsWith('drivers-probe'));
      same(bound.map((one) => one.driver), bound.map(() => 'vfio-pci'), 'the card is on vfio-pci');
      const after = await host.facts();
      same(aloneCard(after).map((one) => one.driver), card.map((one) => one.driver), 'every function has its driver back');

      const rehearsal = openRehearsal(facts, {}, 1);
      await rehearsal.hands().start({ program: 'modprobe', module: 'vfio-pci' });
      same(differences(seen, await operate(rehearsal.hands(), writes)), [], 'lab and rehearsal agree');
    },
  },
  {
    name: 'a card whose group holds something else is refused by us before the kernel refuses it',
    on: 'intel-one-card',
    budget: 70,
    quick: true,
    play: async (lab) => {
      const host = await lab.boot('intel-one-card');
      const facts = await host.facts();
      const shared = standIns(facts).find((card) => (facts.iommu.groups.value?.find((one) => one.id === card[0]?.iommuGroup)?.members.length ?? 0) > card.length);
      if (shared === undefined) throw new Error('this guest has no card that shares its group');
      const problem = refused(await host.plan(dedicate(shared)), 'a part of a group');
      holds(['refused', 'precondition-failed'].includes(problem.code), `refused with a code: ${JSON.stringify(problem)}`);
      same(await host.sh('ls /var/lib/switchyard 2> /dev/null | wc -l'), '0\n', 'nothing was written');
      // The kernel's own answer, for comparison: libvirt cannot start a VM with that function alone.
      const [gpu] = shared;
      const error = await host.sh(`${domain('half', gpu === undefined ? [] : [gpu])} virsh -q start half 2>&1 && exit 9; true`, { limit: 120_000 });
      holds(/not viable|in use|failed/i.test(error), `the kernel refuses too: ${error}`);
    },
  },
  {
    name: 'libvirt starts a VM with the card and gives it back',
    on: 'intel-one-card',
    budget: 90,
    quick: true,
    play: async (lab) => {
      const host = await lab.boot('intel-one-card');
      const card = aloneCard(await host.facts());
      await host.sh(`${domain('guest', card)} virsh -q start guest`, { limit: 180_000 });
      same((await host.facts()).pci.functions.filter((one) => card.some((two) => two.address === one.address)).map((one) => one.driver), card.map(() => 'vfio-pci'), 'the card is with the VM');
      same((await host.sh('virsh -q domstate guest')).trim(), 'running', 'the VM runs');
      await host.sh('virsh -q destroy guest; virsh -q undefine guest');
      same(aloneCard(await host.facts()).map((one) => one.driver), card.map((one) => one.driver), 'the card is back with its drivers');
    },
  },
  {
    name: 'a driver that refuses, comes back late or hangs on unbind is met without hanging',
    on: 'intel-one-card',
    budget: 120,
    play: async (lab) => {
      const host = await lab.boot('intel-one-card');
      const gpu = aloneCard(await host.facts())[0];
      if (gpu === undefined) throw new Error('no card');
      const write = (node: NodeWrite['node'], value: string): NodeWrite => ({ node, device: gpu.address, value });
      await host.sh('modprobe awkward');
      const [, , taken] = await host.operate([write('driver-override', 'awkward'), ...(gpu.driver === null ? [] : [write('driver-unbind', gpu.address)]), write('drivers-probe', gpu.address)].slice(0, 3));
      const last = taken ?? (await host.operate([write('drivers-probe', gpu.address)]))[0];
      same(last?.driver, 'awkward', 'the awkward driver has the card');
      await host.sh('echo refuse > /sys/module/awkward/parameters/trouble');
      const back = await host.operate([write('driver-unbind', gpu.address), write('drivers-probe', gpu.address)]);
      same(back.map((one) => one.driver), [null, null], 'a probe that refuses leaves no driver, and the write says ok');
      await host.sh('echo hang > /sys/module/awkward/parameters/trouble; echo none > /sys/module/awkward/parameters/trouble');
      const again = await host.operate([write('drivers-probe', gpu.address)]);
      same(again[0]?.driver, 'awkward', 'it is back');
      await host.sh('echo hang > /sys/module/awkward/parameters/trouble');
      const wedged = await host.operate([write('driver-unbind', gpu.address)]);
      same(wedged[0]?.answer, 'wedged', 'an unbind that does not end is given up at its deadline');
      await host.sh('echo none > /sys/module/awkward/parameters/trouble');
    },
  },
];

/** Defines a VM that runs firmware only, with these functions; a line of sh. */
function domain(name: string, functions: readonly PciFunction[]): string {
  const hostdevs = functions.map(({ address }) => {
    const [, domainNumber, bus, slot, fn] = /^([0-9a-f]+):([0-9a-f]+):([0-9a-f]+)\.([0-7])$/.exec(address) ?? [];
    return `<hostdev mode="subsystem" type="pci" managed="yes"><source><address domain="0x${domainNumber ?? ''}" bus="0x${bus ?? ''}" slot="0x${slot ?? ''}" function="0x${fn ?? ''}"/></source></hostdev>`;
  });
  const xml = `<domain type="qemu"><name>${name}</name><memory unit="MiB">256</memory><vcpu>1</vcpu><os><type arch="x86_64" machine="q35">hvm</type></os><features><acpi/></features><devices><emulator>/usr/bin/qemu-system-x86_64</emulator>${hostdevs.join('')}</devices></domain>`;
  return `printf '%s' '${xml}' > /tmp/${name}.xml; virsh -q define /tmp/${name}.xml > /dev/null;`;
}

