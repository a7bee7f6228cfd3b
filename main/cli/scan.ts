// SPDX-License-Identifier: GPL-3.0-or-later
import type { CpuTopology, Fact, HostFacts } from '../../contract/facts';
import type { PciFunction } from '../../contract/pci';
import { say, type Key } from '../../words/say';
import { exits, type Io } from './io';
import { heading, pairs, paragraph, styled } from './layout';
import { factsFor, readOptions } from './source';

/** `switchyard scan`: what the machine has, unjudged. */
export async function scan(args: readonly string[], io: Io): Promise<number> {
  const options = readOptions(args, io);
  if (typeof options === 'number') return options;
  const facts = await factsFor(options, io);
  if (typeof facts === 'number') return facts;
  io.out(options.json ? `${JSON.stringify({ schema: facts.schema, kind: 'scan', facts }, null, 2)}\n` : scanText(facts, io));
  return exits.ok;
}

function scanText(facts: HostFacts, io: Io): string {
  const t = (key: Key, detail = {}): string => say(io.language, key, detail);
  return [
    `${styled(io, 'bold', t('cli.title-scan'))}\n`,
    styled(io, 'dim', paragraph(io, t('cli.looked-only'))),
    heading(io, t('cli.machine')),
    pairs(io, machineRows(facts, io)),
    heading(io, t('cli.iommu')),
    iommuLines(facts, io),
    heading(io, `${t('cli.devices')} (${facts.pci.functions.length})`),
    groupedLines(facts, io),
  ].join('');
}

function machineRows(facts: HostFacts, io: Io): (readonly [string, string])[] {
  const t = (key: Key, detail = {}): string => say(io.language, key, detail);
  const show = (fact: Fact<string | number | boolean>): string => shown(io, fact.value);
  const { machine, firmware, kernel, system, display, virtualisation, memory, cpu } = facts;
  const tool = (one: { present: boolean | null; version: string | null }): string =>
    one.present === null ? t('cli.unknown') : one.present ? (one.version ?? t('cli.yes')) : t('cli.absent');
  const gigabytes = memory.total.value === null ? t('cli.unknown') : (memory.total.value / 2 ** 30).toFixed(1);
  return [
    [t('cli.product'), [machine.vendor.value, machine.product.value].filter((one) => one !== null).join(' ') || t('cli.unknown')],
    [t('cli.board'), [machine.boardVendor.value, machine.board.value].filter((one) => one !== null).join(' ') || t('cli.unknown')],
    [t('cli.chassis'), show(machine.chassis)],
    [t('cli.virtualised'), show(machine.virtualised)],
    [t('cli.firmware'), t('cli.firmware-line', { mode: show(firmware.mode), secure: show(firmware.secureBoot), lockdown: show(firmware.lockdown) })],
    [t('cli.processor'), t('cli.processor-line', { model: show(cpu.model), ...counts(cpu.topology.value) })],
    [t('cli.memory'), t('cli.memory-line', { total: gigabytes, nodes: memory.nodes.value?.length ?? 1 })],
    [t('cli.system'), system.distribution.value?.name ?? t('cli.unknown')],
    [t('cli.kernel'), show(kernel.release)],
    [t('cli.arguments'), kernel.args.value?.join(' ') ?? t('cli.unknown')],
    [t('cli.loader'), show(system.bootLoader)],
    [t('cli.generator'), show(system.initramfs)],
    [t('cli.display'), t('cli.display-line', { boot: show(display.bootDisplay), session: show(display.session), manager: show(display.manager) })],
    [
      t('cli.tools'),
      t('cli.tools-line', {
        kvm: show(virtualisation.kvmOpens),
        libvirt: tool(virtualisation.libvirt),
        qemu: tool(virtualisation.qemu),
        ovmf: tool(virtualisation.ovmf),
        swtpm: tool(virtualisation.swtpm),
      }),
    ],
  ];
}

const shown = (io: Io, value: string | number | boolean | null): string =>
  value === null ? say(io.language, 'cli.unknown') : value === true ? say(io.language, 'cli.yes') : value === false ? say(io.language, 'cli.no') : String(value);

function counts(topology: CpuTopology | null): { packages: number; cores: number; threads: number } {
  const threads = topology?.threads ?? [];
  const cores = new Set(threads.map((one) => `${one.package} ${one.die} ${one.core}`));
  return { packages: new Set(threads.map((one) => one.package)).size, cores: cores.size, threads: threads.length };
}

function iommuLines(facts: HostFacts, io: Io): string {
  const groups = facts.iommu.groups.value;
  if (groups === null || groups.length === 0) return `  ${say(io.language, groups === null ? 'cli.unknown' : 'cli.iommu-none')}\n`;
  const units = facts.iommu.units.value?.join(', ') ?? say(io.language, 'cli.unknown');
  const remapping = shown(io, facts.iommu.interruptRemapping.value);
  return paragraph(io, say(io.language, 'cli.iommu-on', { units, groups: groups.length, remapping }), '  ');
}

/** Every function under its IOMMU group, as the person knows it from the usual listings. */
function groupedLines(facts: HostFacts, io: Io): string {
  const byGroup = Map.groupBy(facts.pci.functions, (one) => one.iommuGroup ?? -1);
  return [...byGroup]
    .toSorted(([a], [b]) => (a === -1 ? 1 : b === -1 ? -1 : a - b))
    .map(([group, functions]) => {
      const name = group === -1 ? say(io.language, 'cli.ungrouped') : `${say(io.language, 'cli.group')} ${group}`;
      return `  ${styled(io, 'dim', name)}\n${functions.map((one) => functionLine(one, io)).join('')}`;
    })
    .join('');
}

function functionLine(one: PciFunction, io: Io): string {
  const driver = one.driver === null ? '' : styled(io, 'dim', `  ${one.driver}`);
  return paragraph(io, `${one.name ?? `${one.vendor}:${one.device}`} [${one.vendor}:${one.device}]${driver}`, `    ${one.address}  `);
}
