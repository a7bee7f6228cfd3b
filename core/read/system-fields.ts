// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import { hypervisor } from './kernel-log-facts';
import type { PastedLine } from './pasted-lines';
import { note, placeOf, type Sheet, type TextKind } from './sheet';

interface Field {
  readonly line: PastedLine;
  readonly sheet: Sheet;
  readonly value: string;
}
type Take = (field: Field) => TextKind | null;

type Distribution = NonNullable<HostFacts['system']['distribution']['value']>;

/** The distribution noted so far; an empty id is dropped when the reading ends. */
export function distribution(sheet: Sheet, line: PastedLine): Distribution {
  const fact = sheet.facts.system.distribution;
  fact.value ??= { id: '', like: [], version: null, name: '' };
  fact.from ??= placeOf('distribution', line);
  return fact.value;
}

type Chassis = NonNullable<HostFacts['machine']['chassis']['value']>;

/** Words for the form of a machine: of DMI (dmidecode), hostnamectl and inxi. */
export const chassisWords: ReadonlyMap<string, Chassis> = new Map(
  Object.entries<Chassis>({
    desktop: 'desktop',
    'low profile desktop': 'desktop',
    tower: 'desktop',
    'mini tower': 'desktop',
    'mini pc': 'desktop',
    'all in one': 'desktop',
    laptop: 'laptop',
    notebook: 'laptop',
    portable: 'laptop',
    convertible: 'laptop',
    detachable: 'laptop',
    'sub notebook': 'laptop',
    tablet: 'laptop',
    server: 'server',
    'main server chassis': 'server',
    'rack mount chassis': 'server',
    blade: 'server',
    embedded: 'sbc',
    'embedded pc': 'sbc',
    vm: 'vm',
    container: 'other',
  }),
);

function takeChassis({ line, sheet, value }: Field): TextKind {
  const word = value
    .toLowerCase()
    .replace(/[^a-z -].*$/, '')
    .trim();
  note(sheet.facts.machine.chassis, chassisWords.get(word) ?? 'other', placeOf('machine', line));
  return 'machine';
}

function takeVirtualisation({ line, sheet, value }: Field): TextKind {
  const from = placeOf('cpu', line);
  if (/^VT-x/i.test(value)) note(sheet.facts.cpu.virtualisation, 'vmx', from);
  else if (/^AMD-V/i.test(value)) note(sheet.facts.cpu.virtualisation, 'svm', from);
  else note(sheet.facts.machine.virtualised, hypervisor(value), placeOf('machine', line));
  return 'cpu';
}

type CpuMaker = NonNullable<HostFacts['cpu']['vendor']['value']>;
const cpuMakers: ReadonlyMap<string, CpuMaker> = new Map<string, CpuMaker>([
  ['GenuineIntel', 'intel'],
  ['AuthenticAMD', 'amd'],
  ['HygonGenuine', 'hygon'],
  ['ARM', 'arm'],
]);

function takeCpuVendor({ line, sheet, value }: Field): TextKind {
  note(sheet.facts.cpu.vendor, cpuMakers.get(value) ?? 'other', placeOf('cpu', line));
  return 'cpu';
}

function takeFlags({ line, sheet, value }: Field): TextKind | null {
  const flags = value.split(' ');
  if (!flags.includes('fpu')) return null;
  const from = placeOf('cpu', line);
  note(sheet.facts.cpu.flags, flags.filter((flag) => flag.length <= 32).slice(0, 1024), from);
  note(sheet.facts.cpu.virtualisation, flags.includes('vmx') ? 'vmx' : flags.includes('svm') ? 'svm' : 'none', from);
  note(sheet.facts.machine.virtualised, flags.includes('hypervisor') ? 'hypervisor' : 'none', from);
  return 'cpu';
}

const keep =
  (choose: (facts: HostFacts) => { value: string | null; from: string | null }, kind: TextKind): Take =>
  ({ line, sheet, value }) => {
    note(choose(sheet.facts), value, placeOf(kind, line));
    return kind;
  };

const plain =
  (kind: TextKind): Take =>
  () =>
    kind;

const inRecord =
  (record: string, choose: (facts: HostFacts) => { value: string | null; from: string | null }): Take =>
  (given) =>
    given.sheet.record === record ? keep(choose, 'machine')(given) : given.sheet.record === null ? null : 'machine';

/** Lines of the form `Name: value`, by name: hostnamectl, lscpu, /proc/cpuinfo, dmidecode, lsb_release. */
export const fields: ReadonlyMap<string, Take> = new Map(
  Object.entries<Take>({
    chassis: takeChassis,
    type: (given) => (given.sheet.record === 'Chassis' ? takeChassis(given) : null),
    'hardware vendor': keep((facts) => facts.machine.vendor, 'machine'),
    'hardware model': keep((facts) => facts.machine.product, 'machine'),
    'firmware version': keep((facts) => facts.machine.firmwareVersion, 'machine'),
    'product name': (given) =>
      inRecord(given.sheet.record === 'Base Board' ? 'Base Board' : 'System', (facts) =>
        given.sheet.record === 'Base Board' ? facts.machine.board : facts.machine.product,
      )(given),
    manufacturer: (given) =>
      inRecord(given.sheet.record === 'Base Board' ? 'Base Board' : 'System', (facts) =>
        given.sheet.record === 'Base Board' ? facts.machine.boardVendor : facts.machine.vendor,
      )(given),
    virtualization: takeVirtualisation,
    'hypervisor vendor': ({ line, sheet, value }) => {
      note(sheet.facts.machine.virtualised, hypervisor(value), placeOf('cpu', line));
      return 'cpu';
    },
    'virtualization type': plain('cpu'),
    'operating system': ({ line, sheet, value }) => {
      const noted = distribution(sheet, line);
      if (noted.name === '') noted.name = value.slice(0, 128);
      return 'distribution';
    },
    'static hostname': plain('machine'),
    description: ({ line, sheet, value }) => {
      if (!/^\S+ .*\d/.test(value)) return null;
      const noted = distribution(sheet, line);
      if (noted.name === '') noted.name = value.slice(0, 128);
      return 'distribution';
    },
    kernel: ({ line, sheet, value }) => {
      const release = /^(?:Linux )?(\d\S{1,127})/.exec(value)?.[1];
      if (release !== undefined) note(sheet.facts.kernel.release, release, placeOf('machine', line));
      return release === undefined ? null : 'machine';
    },
    architecture: ({ line, sheet, value }) => {
      note(
        sheet.facts.cpu.architecture,
        value.replace('x86-64', 'x86_64').replace('arm64', 'aarch64').slice(0, 16),
        placeOf('cpu', line),
      );
      return 'cpu';
    },
    'model name': keep((facts) => facts.cpu.model, 'cpu'),
    'vendor id': takeCpuVendor,
    vendor_id: takeCpuVendor,
    flags: takeFlags,
    'cpu(s)': plain('cpu'),
    'socket(s)': plain('cpu'),
    'thread(s) per core': plain('cpu'),
    'core(s) per socket': plain('cpu'),
    'numa node(s)': plain('cpu'),
    'cpu family': plain('cpu'),
    model: plain('cpu'),
    stepping: plain('cpu'),
    bogomips: plain('cpu'),
    processor: plain('cpu'),
    'cpu cores': plain('cpu'),
    siblings: plain('cpu'),
  }),
);
