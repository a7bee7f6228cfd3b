// SPDX-License-Identifier: GPL-3.0-or-later
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { HostFacts } from '../../../contract/facts';
import { holds, same } from '../expect';
import { fixtureFile, type Host } from '../lab';
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

/** What libvirt says of a function: its driver and the members of its group. libvirt.org/formatnode.html. */
async function compareWithLibvirt(host: Host, facts: HostFacts): Promise<void> {
  const all = await host.sh('for d in $(virsh -q nodedev-list --cap pci); do virsh -q nodedev-dumpxml "$d"; done', { limit: 240_000 });
  for (const one of facts.pci.functions) {
    const xml = all.split('</device>').find((part) => part.includes(`<name>pci_${one.address.replaceAll(/[:.]/g, '_')}</name>`));
    holds(xml !== undefined, `libvirt knows ${one.address}`);
    if (xml === undefined) continue;
    same(one.driver, /<driver>\s*<name>([^<]+)</.exec(xml)?.[1] ?? null, `driver of ${one.address}`);
    const group = /<iommuGroup number='(\d+)'>/.exec(xml)?.[1];
    same(one.iommuGroup === null ? null : String(one.iommuGroup), group ?? null, `group of ${one.address}`);
  }
}

function agree(name: TopologyName, quick: boolean): Scenario {
  return {
    name: `${name}: the probe agrees with lspci, the kernel's groups and libvirt`,
    on: name,
    budget: 75,
    quick,
    play: async (lab, say) => {
      const host = await lab.boot(name);
      const facts = await host.facts();
      const listed = lspciRows(await host.sh('lspci -Dvmmnnk'));
      const ours = ourRows(facts);
      same([...ours.keys()].toSorted(), [...listed.keys()].toSorted(), 'the functions of the machine');
      for (const [address, row] of listed) {
        const mine = ours.get(address);
        const wanted = { ...row, subsystemDevice: row['subsystemVendor'] === null ? null : (row['subsystemDevice'] ?? null) };
        same(mine, wanted, `fields of ${address}`);
      }
      const groups = Object.fromEntries((facts.iommu.groups.value ?? []).map((one) => [String(one.id), one.members]));
      same(groups, await kernelGroups(host), 'the IOMMU groups');
      same(facts.firmware.mode.value, topologies[name].firmware, 'the firmware');
      same(facts.system.bootLoader.value, 'grub', 'the boot loader that started it');
      same(facts.system.initramfs.value, 'initramfs-tools', 'the generator of the running image');
      holds(topologies[name].iommu === 'none' || facts.iommu.interruptRemapping.value === true, 'interrupt remapping is seen');
      await compareWithLibvirt(host, facts);
      const verdict = (JSON.parse(await host.switchyard('assess --json')) as { verdict: { gpus: unknown[]; iommu_off: { value: boolean | null } } }).verdict;
      same(verdict.iommu_off.value, topologies[name].iommu === 'none', 'whether the IOMMU is off');
      same(verdict.gpus.length, facts.pci.functions.filter((one) => one.class.startsWith('03')).length, 'the number of display devices');
      record(name, facts, say);
    },
  };
}

/** The facts of a real kernel become fixtures; `RECORD=1` replaces them. */
function record(name: TopologyName, facts: HostFacts, say: (line: string) => void): void {
  const file = fixtureFile(name);
  if (existsSync(file) && process.env['RECORD'] !== '1') return;
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(facts, null, 1)}\n`);
  say(`recorded ${path.basename(file)}`);
}

export const agreeScenarios: readonly Scenario[] = topologyNames.map((name) => agree(name, name === 'intel-one-card'));
