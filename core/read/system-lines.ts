// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import { hypervisor, takeArgs } from './kernel-log-facts';
import { readAddress } from './address';
import type { PastedLine } from './pasted-lines';
import { functionAt, note, placeOf, type Sheet, type TextKind } from './sheet';

interface Field {
  readonly line: PastedLine;
  readonly sheet: Sheet;
  readonly value: string;
}
type Take = (field: Field) => TextKind | null;

/** Reads a line about the system around the PCI functions: distribution, processor, kernel, machine, sysfs values. */
export function readSystemLine(line: PastedLine, sheet: Sheet): TextKind | null {
  return (
    readAnswer(line, sheet) ??
    readAssignment(line, sheet) ??
    readField(line, sheet) ??
    readSysfs(line, sheet) ??
    readUname(line, sheet) ??
    readArgsLine(line, sheet)
  );
}

/** A line that is the whole answer of the command above it. */
function readAnswer(line: PastedLine, sheet: Sheet): TextKind | null {
  const command = sheet.command;
  if (command === null || command.answered || line.text === '') return null;
  const word = /^\S{1,128}$/.test(line.text);
  if (/\/proc\/cmdline/.test(command.text) && line.text.includes('=')) {
    takeArgs(sheet, line.text, placeOf('kernel-arguments', line));
    return 'kernel-arguments';
  }
  if (!word) return null;
  if (/systemd-detect-virt/.test(command.text)) {
    note(sheet.facts.machine.virtualised, hypervisor(line.text), placeOf('machine', line));
    return 'machine';
  }
  if (/uname -r$/.test(command.text) && /^\d+\.\d+/.test(line.text)) {
    note(sheet.facts.kernel.release, line.text, placeOf('kernel-arguments', line));
    return 'machine';
  }
  return null;
}

function readAssignment(line: PastedLine, sheet: Sheet): TextKind | null {
  const found =
    /^(NAME|PRETTY_NAME|ID|ID_LIKE|VERSION_ID|VERSION|VERSION_CODENAME|VARIANT_ID|BUILD_ID|[A-Z_]{3,24}_URL|ANSI_COLOR|LOGO|CPE_NAME|UBUNTU_CODENAME|DISTRIB_[A-Z]{2,12})=(.{0,256})$/.exec(
      line.text,
    );
  if (found?.[1] === undefined) return null;
  const value = (found[2] ?? '').replace(/^(["'])(.*)\1$/, '$2');
  if (found[1] === 'ID' && /^[a-z0-9._-]{1,64}$/.test(value)) distribution(sheet, line).id = value;
  if (found[1] === 'ID_LIKE')
    distribution(sheet, line).like = value
      .split(' ')
      .filter((id) => /^[a-z0-9._-]{1,64}$/.test(id))
      .slice(0, 16);
  if (found[1] === 'VERSION_ID') distribution(sheet, line).version = value.slice(0, 64);
  if (found[1] === 'PRETTY_NAME') distribution(sheet, line).name = value.slice(0, 128);
  else if (found[1] === 'NAME' && distribution(sheet, line).name === '')
    distribution(sheet, line).name = value.slice(0, 128);
  return 'distribution';
}

type Distribution = NonNullable<HostFacts['system']['distribution']['value']>;

/** The distribution noted so far; an empty id is dropped when the reading ends. */
function distribution(sheet: Sheet, line: PastedLine): Distribution {
  const fact = sheet.facts.system.distribution;
  fact.value ??= { id: '', like: [], version: null, name: '' };
  fact.from ??= placeOf('distribution', line);
  return fact.value;
}

const field = /^([A-Za-z][A-Za-z0-9 ()_.-]{1,32}?) ?: (.{1,4000})$/;

function readField(line: PastedLine, sheet: Sheet): TextKind | null {
  const record = /^(Chassis|System|Base Board|BIOS|Processor) Information$/.exec(line.text);
  if (record?.[1] !== undefined) {
    sheet.record = record[1];
    return 'machine';
  }
  const found = field.exec(line.text);
  if (found?.[1] === undefined || found[2] === undefined) return null;
  const take = fields[found[1].toLowerCase()];
  return take === undefined ? null : take({ line, sheet, value: found[2].slice(0, 512) });
}

const chassisWords: Readonly<Record<string, 'desktop' | 'laptop' | 'server' | 'sbc' | 'vm' | 'other'>> = {
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
};

function takeChassis({ line, sheet, value }: Field): TextKind {
  const word = value
    .toLowerCase()
    .replace(/[^a-z -].*$/, '')
    .trim();
  note(sheet.facts.machine.chassis, chassisWords[word] ?? 'other', placeOf('machine', line));
  return 'machine';
}

function takeVirtualisation({ line, sheet, value }: Field): TextKind {
  const from = placeOf('cpu', line);
  if (/^VT-x/i.test(value)) note(sheet.facts.cpu.virtualisation, 'vmx', from);
  else if (/^AMD-V/i.test(value)) note(sheet.facts.cpu.virtualisation, 'svm', from);
  else note(sheet.facts.machine.virtualised, hypervisor(value), placeOf('machine', line));
  return 'cpu';
}

function takeCpuVendor({ line, sheet, value }: Field): TextKind {
  const vendors: Readonly<Record<string, 'intel' | 'amd' | 'hygon' | 'arm'>> = {
    GenuineIntel: 'intel',
    AuthenticAMD: 'amd',
    HygonGenuine: 'hygon',
    ARM: 'arm',
  };
  note(sheet.facts.cpu.vendor, vendors[value] ?? 'other', placeOf('cpu', line));
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

const fields: Readonly<Record<string, Take>> = {
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
};

const dmiFiles: Readonly<Record<string, (facts: HostFacts) => { value: string | null; from: string | null }>> = {
  sys_vendor: (facts) => facts.machine.vendor,
  product_name: (facts) => facts.machine.product,
  board_vendor: (facts) => facts.machine.boardVendor,
  board_name: (facts) => facts.machine.board,
  bios_version: (facts) => facts.machine.firmwareVersion,
};

/** Values of sysfs as `grep . FILES` prints them: `/sys/class/dmi/id/board_name:B450M`. */
function readSysfs(line: PastedLine, sheet: Sheet): TextKind | null {
  const dmi = /\/dmi\/id\/([a-z_]{3,24}): ?(.{1,256})$/.exec(line.text);
  if (dmi?.[1] !== undefined && dmi[2] !== undefined) {
    const choose = dmiFiles[dmi[1]];
    if (choose !== undefined) note(choose(sheet.facts), dmi[2], placeOf('sysfs', line));
    return 'sysfs';
  }
  const boot = /([0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7])\/boot_vga: ?([01])$/i.exec(line.text);
  const address = boot?.[1] === undefined ? null : readAddress(boot[1]);
  if (boot === null || address === null) return null;
  const notes = functionAt(sheet, address, placeOf('sysfs', line));
  notes.facts.bootVga ??= boot[2] === '1';
  notes.known.add('bootVga');
  return 'sysfs';
}

function readUname(line: PastedLine, sheet: Sheet): TextKind | null {
  const found = /^Linux \S{1,64} (\d+\.\d\S{1,120}) .{0,200}\b(x86_64|aarch64|riscv64|i686|ppc64le)\b/.exec(line.text);
  if (found?.[1] === undefined) return null;
  note(sheet.facts.kernel.release, found[1], placeOf('machine', line));
  note(sheet.facts.cpu.architecture, found[2] ?? '', placeOf('machine', line));
  return 'machine';
}

/** A kernel command line standing alone: it begins as only boot loaders begin one. */
function readArgsLine(line: PastedLine, sheet: Sheet): TextKind | null {
  if (/^GRUB_[A-Z_]{3,40}=/.test(line.text)) return 'kernel-arguments';
  if (
    !/^(?:BOOT_IMAGE=|initrd=|root=(?:UUID|PARTUUID|LABEL|PARTLABEL|ZFS|\/dev)|(?:amd|intel)_iommu=|iommu=)/.test(
      line.text,
    )
  )
    return null;
  takeArgs(sheet, line.text, placeOf('kernel-arguments', line));
  return 'kernel-arguments';
}
