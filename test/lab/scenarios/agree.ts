// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../../contract/facts';
import { holds, same } from '../expect';
import { recordFacts } from '../fixtures';
import type { Host } from '../lab';
import type { Scenario } from '../scenario';
import { topologies, topologyNames, type TopologyName } from '../topology';

type Row = Readonly<Record<string, string | null>>;

/** `lspci -Dvmmnnk`: one block a function, `Key:\tvalue [id]`. lspci(8). */
function lspciRows(text: string): ReadonlyMap<string, Row> {
  const rows = new Map<string, Row>();
  for (const block of text.trim().split('\n\n')) {
    const fields = new Map(block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
    const id = (key: string): string | null => /\[([0-9a-f]{4})\]$/.exec(fields.get(key) ?? '')?.[1] ?? null;
    rows.set(fields.get('Slot') ?? '', {
      class: id('Class'),
      vendor: id('Vendor'),
      device: id('Device'),
      subsystemVendor: id('SVendor'),
      subsystemDevice: id('SDevice'),
      revision: fields.get('Rev') ?? '00',
      progIf: fields.get('ProgIf') ?? '00',
      driver: fields.get('Driver') ?? null,
      iommuGroup: fields.get('IOMMUGroup') ?? null,
    });
  }
  return rows;
}

const empty = (value: string | null): string | null => (value === '0000' ? null : value);

/** The same fields of our own facts, in lspci's words. */
function ourRows(facts: HostFacts): ReadonlyMap<string, Row> {
  return new Map(
    facts.pci.functions.map((one) => [
      one.address,
      {
        class: one.class,
        vendor: one.vendor,
        device: one.device,
        subsystemVendor: empty(one.subsystemVendor),
        subsystemDevice: one.subsystemVendor === null || empty(one.subsystemVendor) === null ? null : one.subsystemDevice,
        revision: one.revision ?? '00',
        progIf: one.progIf ?? '00',
        driver: one.driver,
        iommuGroup: one.iommuGroup === null ? null : String(one.iommuGroup),
      },
    ]),
  );
}

async function kernelGroups(host: Host): Promise<Readonly<Record<string, readonly string[]>>> {
  const lines = (await host.sh('cd /sys/kernel/iommu_groups && for d in */devices/*; do [ -e "$d" ] && echo "$d"; done; true')).trim().split('\n');
  const groups: Record<string, string[]> = {};
  for (const line of lines.filter((one) => one !== '')) {
    const [group = '', , address = ''] = line.split('/');
    (groups[group] ??= []).push(address);
  }
  return groups;
}

/** What libvirt says of itself and of devices, in its own numbers: `0x1002` and `0x030000`. */
function libvirtRow(xml: string): Row {
  const id = (tag: string): string | null => new RegExp(`<${tag} id='0x([0-9a-f]{4})'`).exec(xml)?.[1] ?? null;
  return {
    vendor: id('vendor'),
    device: id('product'),
    class: /<class>0x([0-9a-f]{4})/.exec(xml)?.[1] ?? null,
    driver: /<driver>\s*<name>([^<]+)</.exec(xml)?.[1] ?? null,
    iommuGroup: /<iommuGroup number='(\d+)'>/.exec(xml)?.[1] ?? null,
    virtualFunctions: /<capability type='virt_functions' maxCount='(\d+)'/.exec(xml)?.[1] ?? null,
  };
}

/** Field by field what `virsh nodedev-dumpxml` says of every function, and the members of its group. libvirt.org/formatnode.html. */
async function compareWithLibvirt(host: Host, facts: HostFacts): Promise<void> {
  const all = await host.sh('for d in $(virsh -q nodedev-list --cap pci); do virsh -q nodedev-dumpxml "$d"; done', { limit: 400_000 });
  for (const one of facts.pci.functions) {
    const xml = all.split('</device>').find((part) => part.includes(`<name>pci_${one.address.replaceAll(/[:.]/g, '_')}</name>`));
    holds(xml !== undefined, `libvirt knows ${one.address}`);
    if (xml === undefined) continue;
    const ours = {
      vendor: one.vendor,
      device: one.device,
      class: one.class,
      driver: one.driver,
      iommuGroup: one.iommuGroup === null ? null : String(one.iommuGroup),
      virtualFunctions: one.sriov === null ? null : String(one.sriov.total),
    };
    same(ours, libvirtRow(xml), `libvirt's fields of ${one.address}`);
    const members = [...xml.slice(Math.max(0, xml.indexOf('<iommuGroup'))).matchAll(/<address domain='0x(\w+)' bus='0x(\w+)' slot='0x(\w+)' function='0x(\w)'/g)].map(([, domain = '', bus = '', slot = '', fn = '']) => `${domain}:${bus}:${slot}.${fn}`);
    if (one.iommuGroup !== null) same(members.toSorted(), [...(facts.iommu.groups.value?.find((group) => group.id === one.iommuGroup)?.members ?? [])].toSorted(), `libvirt's group of ${one.address}`);
  }
}

function agree(name: TopologyName, quick: boolean): Scenario {
  const topology = topologies[name];
  return {
    name: 'the probe agrees with lspci, the kernel’s groups and libvirt',
    on: name,
    budget: 40,
    quick,
    play: async (lab, { record, say }) => {
      const host = await lab.boot(name);
      const facts = await host.facts();
      const listed = lspciRows(await host.sh('lspci -Dvmmnnk'));
      const ours = ourRows(facts);
      same([...ours.keys()].toSorted(), [...listed.keys()].toSorted(), 'the functions of the machine');
      for (const [address, row] of listed) same(ours.get(address), row, `fields of ${address}`);
      const groups = Object.fromEntries((facts.iommu.groups.value ?? []).map((one) => [String(one.id), one.members]));
      same(groups, await kernelGroups(host), 'the IOMMU groups');
      same(facts.firmware.mode.value, topology.firmware, 'the firmware');
      same(facts.system.bootLoader.value, topology.loader, 'the boot loader that started it');
      same(facts.system.initramfs.value, 'initramfs-tools', 'the generator of the running image');
      same(facts.iommu.interruptRemapping.value, topology.iommu === 'none' ? false : true, 'interrupt remapping');
      await compareWithLibvirt(host, facts);
      const { verdict } = JSON.parse(await host.switchyard('assess --json')) as { verdict: { gpus: unknown[]; iommu_off: { value: boolean | null } } };
      same(verdict.iommu_off.value, topology.iommu === 'none', 'whether the IOMMU is off');
      same(verdict.gpus.length, facts.pci.functions.filter((one) => one.class.startsWith('03')).length, 'the number of display devices');
      if (record) {
        recordFacts(name, facts);
        say('facts recorded');
      }
    },
  };
}

export const agreeScenarios: readonly Scenario[] = topologyNames.map((name) => agree(name, name === 'intel-one-card'));
