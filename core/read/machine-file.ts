// SPDX-License-Identifier: GPL-3.0-or-later
import type { Fact, HostFacts, IommuGroup } from '../../contract/facts';
import { failed, ok, type Result } from '../../contract/problem';
import { address, at, each, entries, flag, ShapeError, text, type Spot } from './json-shape';
import { readFileFunctions } from './machine-file-functions';
import { bootLoaderNamed, chassisNamed, cpuNamed, distributionNamed, initramfsNamed } from './machine-file-names';
import { unknownFacts } from '../../contract/unknown-facts';

/** Characters of text a machine file may have; the largest real machine so far needs 250,000. */
export const machineFileLimit = 8 * 1024 * 1024;

/**
 * A machine file (schema 1: machine, cpu, os, cmdline, iommu, devices[]) as facts. Strict about the shape of what it reads,
 * blind to every other key (`expected`, `goal`, ...). Problems: `too-large`, or `bad-input` with the place and what was wanted there.
 */
export function readMachineFile(json: string): Result<HostFacts> {
  if (json.length > machineFileLimit) return failed('too-large', { place: 'machine file', limit: String(machineFileLimit) });
  try {
    const value: unknown = JSON.parse(json);
    return ok(readDocument({ value, place: '' }));
  } catch (error) {
    if (error instanceof ShapeError) return failed('bad-input', { place: error.place === '' ? 'machine file' : error.place, wanted: error.wanted });
    if (error instanceof SyntaxError) return failed('bad-input', { place: 'machine file', wanted: 'one whole JSON object' });
    throw error;
  }
}

function readDocument(root: Spot): HostFacts {
  const schema = at(root, 'schema');
  if (schema.value !== 1) throw new ShapeError(schema.place, 'the number 1');
  const silent = unknownFacts('machine-file');
  const machine = at(root, 'machine');
  const cpu = cpuNamed(text(at(at(root, 'cpu'), 'vendor'), 64));
  const complete = text(at(at(root, 'source'), 'completeness'), 16) === 'full';
  const iommu = at(root, 'iommu');
  const groups = readGroups(at(iommu, 'groups'));
  const groupsComplete = flag(at(iommu, 'groups_complete')) ?? false;
  const functions = readFileFunctions(at(root, 'devices'), groups, groupsComplete);
  const os = at(root, 'os');
  const chassis = chassisNamed(text(at(machine, 'form_factor'), 16));
  return {
    ...silent,
    machine: { ...silent.machine, board: stated(text(at(machine, 'board'), 256), 'machine.board'), chassis: stated(chassis, 'machine.form_factor') },
    cpu: {
      ...silent.cpu,
      architecture: stated(cpu.architecture, 'cpu.vendor'),
      vendor: stated(cpu.vendor, 'cpu.vendor'),
      model: stated(text(at(at(root, 'cpu'), 'model'), 256), 'cpu.model'),
    },
    kernel: {
      ...silent.kernel,
      release: stated(text(at(os, 'kernel'), 128), 'os.kernel'),
      args: stated(wordsOf(text(at(root, 'cmdline'), 8192)), 'cmdline'),
      log: stated(readLines(at(iommu, 'evidence')), 'iommu.evidence'),
    },
    iommu: {
      ...silent.iommu,
      ...readIommu(iommu, groups, groupsComplete),
    },
    pci: { functions, complete },
    system: {
      ...silent.system,
      distribution: stated(distributionNamed(text(at(os, 'distro'), 128)), 'os.distro'),
      bootLoader: stated(bootLoaderNamed(text(at(os, 'bootloader'), 64)), 'os.bootloader'),
      initramfs: stated(initramfsNamed(text(at(os, 'initramfs'), 64)), 'os.initramfs'),
    },
  };
}

const stated = <T>(value: T | null, place: string): Fact<T> => (value === null ? { value: null, from: null } : { value, from: `machine file, ${place}` });

function readLines(spot: Spot): string[] | null {
  const lines = each(spot, 4096).flatMap((line) => text(line, 1024) ?? []);
  return lines.length === 0 ? null : lines;
}

/** Words of a kernel command line; quotes hold a word together (host.md 1.9). */
function wordsOf(line: string | null): string[] | null {
  const words = line?.match(/(?:[^\s"]|"[^"]*")+/g)?.map((word) => word.slice(0, 2048)) ?? [];
  return words.length === 0 ? null : words.slice(0, 512);
}

function readGroups(spot: Spot): IommuGroup[] {
  return entries(spot, 8192).map(([key, members]) => {
    if (!/^\d{1,6}$/.test(key)) throw new ShapeError(members.place, 'a group number');
    return { id: Number(key), members: each(members, 4096).map(address), type: null, reserved: [] };
  });
}

/** `enabled: false` says that groups were looked for and do not exist; `null` says nothing. */
function readIommu(iommu: Spot, groups: IommuGroup[], groupsComplete: boolean): Partial<HostFacts['iommu']> {
  const enabled = flag(at(iommu, 'enabled'));
  const override = text(at(iommu, 'acs_override'), 256);
  const acsOverride = stated(override === null ? null : true, 'iommu.acs_override');
  if (groups.length > 0) return { groups: stated(groups, 'iommu.groups'), groupsComplete, acsOverride };
  if (enabled === false) return { groups: stated([], 'iommu.enabled'), groupsComplete: true, acsOverride };
  return { units: stated(enabled === true ? ['as stated'] : null, 'iommu.enabled'), acsOverride };
}
