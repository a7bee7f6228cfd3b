// SPDX-License-Identifier: GPL-3.0-or-later
import { defineVm } from '../guest-vm';
import { holds, refused, same } from '../expect';
import type { Scenario } from '../scenario';
import { aloneCard, dedicate, standIns } from './cards';

const mdev = '83b8f4f2-509f-382f-3c1e-e6bfe0fa1001';

export const deviceScenarios: readonly Scenario[] = [
  {
    name: 'virtual functions that come and go are seen with their parent, and a VM can have one',
    on: 'intel-one-card',
    budget: 60,
    play: async (lab) => {
      const host = await lab.boot('intel-one-card');
      const parent = (await host.facts()).pci.functions.find((one) => one.sriov !== null);
      if (parent === undefined) throw new Error('this guest has no function that can make virtual ones');
      same(parent.sriov, { total: 7, now: 0 }, 'it could make seven and has made none');
      // The driver of the virtual functions comes a moment after they do.
      await host.sh(`echo 2 > /sys/bus/pci/devices/${parent.address}/sriov_numvfs; udevadm settle; sleep 3`);
      const facts = await host.facts();
      const now = facts.pci.functions.find((one) => one.address === parent.address);
      same(now?.sriov, { total: 7, now: 2 }, 'it has made two');
      const virtual = facts.pci.functions.filter((one) => one.physicalFunction === parent.address);
      same(virtual.length, 2, 'both are known as its virtual functions');
      const [first] = virtual;
      if (first === undefined) throw new Error('no virtual function');
      await host.sh(`${defineVm('virtual', [first])} virsh -q start virtual`, { limit: 240_000 });
      same((await host.facts()).pci.functions.find((one) => one.address === first.address)?.driver, 'vfio-pci', 'the VM has it');
      await host.sh('virsh -q destroy virtual');
      same((await host.facts()).pci.functions.find((one) => one.address === first.address)?.driver, first.driver, 'it is back');
      await host.sh(`echo 0 > /sys/bus/pci/devices/${parent.address}/sriov_numvfs; udevadm settle`);
      same((await host.facts()).pci.functions.filter((one) => one.physicalFunction !== null), [], 'they are gone');
    },
  },
  {
    name: 'a card that can be divided is seen with its types, and a VM can have a part',
    on: 'intel-one-card',
    budget: 60,
    play: async (lab) => {
      const host = await lab.boot('intel-one-card');
      await host.sh('modprobe mtty; modprobe mbochs; udevadm settle');
      const types = await host.sh('ls -d /sys/class/mdev_bus/*/mdev_supported_types/*');
      const type = types.split('\n').find((one) => one.includes('mbochs'));
      if (type === undefined) throw new Error(`no type: ${types}`);
      await host.sh(`echo ${mdev} > ${type}/create`);
      // The sample parents are no PCI functions; a look at the machine must not stumble over them.
      holds((await host.facts()).pci.functions.length > 0, 'the machine can be looked at');
      holds((await host.sh('virsh -q nodedev-list --cap mdev')).includes('mdev_83b8f4f2'), 'libvirt knows the part');
      const part = `<hostdev mode="subsystem" type="mdev" managed="no" model="vfio-pci"><source><address uuid="${mdev}"/></source></hostdev>`;
      await host.sh(`${defineVm('part', [], { more: part })} virsh -q start part`, { limit: 240_000 });
      same((await host.sh('virsh -q domstate part')).trim(), 'running', 'the VM runs');
      await host.sh(`virsh -q destroy part; echo 1 > /sys/bus/mdev/devices/${mdev}/remove; modprobe -r mbochs mtty`);
    },
  },
  {
    name: 'a card behind a switch is one card with the sound behind the sibling port, and each has its own group',
    on: 'intel-switch',
    budget: 40,
    play: async (lab) => {
      const host = await lab.boot('intel-switch');
      const facts = await host.facts();
      const card = facts.pci.functions.find((one) => one.class.startsWith('03') && one.upstream.length > 1);
      const sound = facts.pci.functions.find((one) => one.class === '0403');
      if (card === undefined || sound === undefined) throw new Error('no card behind a switch');
      same(card.upstream.length, 3, 'root port, upstream port and downstream port lie above it');
      same(card.upstream.slice(0, 2), sound.upstream.slice(0, 2), 'both are behind the same switch');
      holds(card.iommuGroup !== null && card.iommuGroup !== sound.iommuGroup, 'the ports keep them apart');
    },
  },
  {
    name: 'without an IOMMU every way is refused with the reason, and nothing is written',
    on: 'no-iommu',
    budget: 40,
    play: async (lab) => {
      const host = await lab.boot('no-iommu');
      const facts = await host.facts();
      same(facts.iommu.groups.value ?? [], [], 'there are no groups');
      const [card] = standIns(facts);
      const problem = refused(await host.plan(dedicate(card ?? [])), 'dedicated without an IOMMU');
      same([problem.code, problem.detail['why']], ['refused', 'iommu-off'], 'the code, and why');
      same(await host.sh('ls /var/lib/switchyard 2> /dev/null | wc -l'), '0\n', 'nothing was written');
    },
  },
  {
    name: 'a start by systemd-boot is told as what it is, and changing it is refused with the reason',
    on: 'systemd-boot',
    budget: 40,
    play: async (lab) => {
      const host = await lab.boot('systemd-boot');
      const facts = await host.facts();
      same(facts.system.bootLoader.value, 'systemd-boot', 'the loader');
      const problem = refused(await host.plan(dedicate(aloneCard(facts))), 'a loader we cannot change yet');
      same([problem.code, problem.detail], ['unsupported-host', { part: 'loader', name: 'systemd-boot' }], 'the code, and what lacks');
    },
  },
];
