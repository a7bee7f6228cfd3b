// SPDX-License-Identifier: GPL-3.0-or-later
import { recordedTranscript, recordTranscript } from '../fixtures';
import { defineVm } from '../guest-vm';
import { holds, refused, same } from '../expect';
import type { NodeWrite } from '../operations';
import type { Scenario } from '../scenario';
import type { TopologyName } from '../topology';
import { differences, rehearse, writesFor } from '../transcript';
import { aloneCard, dedicate, standIns } from './cards';

/** Bind, unbind, override, probe and refuse by the helper's own hands; the machine of memory and the checked-in transcript must say the same. */
const binds = (name: TopologyName, quick: boolean): Scenario => ({
  name: 'a card goes to vfio-pci by driver_override and comes back, and the rehearsal machine says the same at every write',
  on: name,
  budget: 40,
  quick,
  play: async (lab, { record, say }) => {
    const host = await lab.boot(name);
    await host.sh('modprobe vfio-pci; udevadm settle');
    const facts = await host.facts();
    const card = aloneCard(facts);
    const writes = writesFor(facts);
    const seen = await host.operate(writes);
    const bound = card.map((one) => seen.find((line) => line.write.startsWith(`drivers-probe ${one.address} `))?.driver);
    same(bound, card.map(() => 'vfio-pci'), 'the card is on vfio-pci');
    const after = await host.facts();
    same(aloneCard(after).map((one) => one.driver), card.map((one) => one.driver), 'every function has its driver back');
    same(differences(seen, await rehearse(facts, writes)), [], 'lab and rehearsal agree');
    if (record) {
      recordTranscript(name, { writes, seen });
      say('transcript recorded');
    }
    const kept = recordedTranscript(name);
    holds(kept !== null, 'a transcript of this machine is checked in (npm run lab -- --record)');
    same(kept?.writes, writes, 'the writes of the transcript are those of this machine');
    same(differences(seen, kept?.seen ?? []), [], 'the transcript is still what the kernel says');
  },
});

export const bindScenarios: readonly Scenario[] = [
  binds('intel-one-card', true),
  binds('intel-two-cards', false),
  binds('uefi-one-card', false),
  {
    name: 'a card whose group holds something else is refused by us before the kernel refuses it',
    on: 'intel-one-card',
    budget: 40,
    quick: true,
    play: async (lab) => {
      const host = await lab.boot('intel-one-card');
      const facts = await host.facts();
      const shared = standIns(facts).find((card) => (facts.iommu.groups.value?.find((one) => one.id === card[0]?.iommuGroup)?.members.length ?? 0) > card.length);
      if (shared === undefined) throw new Error('this guest has no card that shares its group');
      const problem = refused(await host.plan(dedicate(shared)), 'a part of a group');
      same([problem.code, problem.detail['why']], ['refused', 'split-group'], 'the code, and why');
      same(await host.sh('ls /var/lib/switchyard 2> /dev/null | wc -l'), '0\n', 'nothing was written');
      // The kernel's own answer, for comparison: libvirt cannot start a VM with that function alone.
      const [gpu] = shared;
      const ran = await host.guest.ssh(`${defineVm('half', gpu === undefined ? [] : [gpu])} virsh -q start half`, { limit: 240_000 });
      holds(ran.code !== 0 && /not viable/i.test(ran.err), `the kernel refuses too: ${ran.err}`);
    },
  },
  {
    name: 'libvirt starts a VM with the card and gives it back',
    on: 'intel-one-card',
    budget: 60,
    quick: true,
    play: async (lab) => {
      const host = await lab.boot('intel-one-card');
      const card = aloneCard(await host.facts());
      await host.sh(`${defineVm('guest', card)} virsh -q start guest`, { limit: 240_000 });
      same(aloneCard(await host.facts()).map((one) => one.driver), card.map(() => 'vfio-pci'), 'the card is with the VM');
      same((await host.sh('virsh -q domstate guest')).trim(), 'running', 'the VM runs');
      const open = await host.sh('for p in $(pidof qemu-system-x86_64); do ls -l /proc/$p/fd; done | grep -c vfio || true');
      holds(Number(open) >= card.length, `QEMU has the card open: ${open}`);
      await host.sh('virsh -q destroy guest; virsh -q undefine guest');
      same(aloneCard(await host.facts()).map((one) => one.driver), card.map((one) => one.driver), 'the card is back with its drivers');
    },
  },
  {
    name: 'a driver that refuses, comes back late or hangs on unbind is met without hanging',
    on: 'intel-one-card',
    budget: 90,
    play: async (lab) => {
      const host = await lab.boot('intel-one-card');
      const gpu = aloneCard(await host.facts())[0];
      if (gpu === undefined) throw new Error('no card');
      const write = (node: NodeWrite['node'], value: string): NodeWrite => ({ node, device: gpu.address, value });
      const trouble = (word: string): Promise<string> => host.sh(`echo ${word} > /sys/module/awkward/parameters/trouble`);
      const driver = async (): Promise<string | null> => aloneCard(await host.facts())[0]?.driver ?? null;
      const unbind = write('driver-unbind', gpu.address);
      const probe = write('drivers-probe', gpu.address);
      await host.sh('modprobe awkward');
      await host.operate([write('driver-override', 'awkward'), ...(gpu.driver === null ? [] : [unbind]), probe]);
      same(await driver(), 'awkward', 'the awkward driver has the card');

      await trouble('refuse');
      const refusal = await host.operate([unbind, probe]);
      same(refusal.map((one) => one.driver), [null, null], 'a probe that refuses leaves no driver');
      await trouble('late');
      const late = await host.operate([probe]);
      same(late.map((one) => [one.answer, one.driver]), [['ok', 'awkward']], 'a driver that takes three seconds to come is waited for');

      await trouble('hang');
      const began = performance.now();
      const wedged = await host.operate([unbind]);
      same(wedged[0]?.answer, 'wedged', 'an unbind that does not end is given up at its deadline');
      holds(performance.now() - began < 100_000, 'and not much later');
      same((await host.facts()).pci.functions.length > 0, true, 'the machine can still be looked at while a driver hangs');
      await trouble('none');
      await host.sh('for i in $(seq 50); do [ -e /sys/bus/pci/drivers/awkward/' + gpu.address + ' ] || exit 0; sleep 0.2; done; exit 1');
      same(await driver(), null, 'once the driver lets go the function is free');
    },
  },
];
