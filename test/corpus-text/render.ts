// SPDX-License-Identifier: GPL-3.0-or-later
import type { DeviceJson, MachineJson } from './machine-json';
import { noisy, randomFrom, shuffled, type Random } from './noise';

/** What a person pastes: which programs' output, in which form. */
export const styles = [
  'heading-groups',
  'line-groups',
  'nn-and-find',
  'nnk-and-groups',
  'nnv',
  'vvnn-and-log',
  'log',
] as const;
export type Style = (typeof styles)[number];

/** Fields of a function that a style cannot carry. */
export const lostBy: Readonly<Record<Style, readonly string[]>> = {
  'heading-groups': ['progIf', 'header', 'buses'],
  'line-groups': ['modules', 'subsystem', 'progIf', 'header', 'buses'],
  'nn-and-find': ['progIf', 'header', 'buses'],
  'nnk-and-groups': ['progIf', 'header', 'buses'],
  nnv: ['header', 'buses'],
  'vvnn-and-log': [],
  log: ['name', 'revision', 'modules', 'subsystem'],
};

/**
 * A recorded machine as text of a style. It carries what the machine file knows and the style can say; the seed
 * chooses the order of the parts, the prompts and the damage around them.
 */
export function renderMachine(machine: MachineJson, style: Style, seed: number): string {
  const random = randomFrom(seed);
  const parts = [...partsOf(machine, style, random), ...aboutSystem(machine, style, random)].filter(
    (part) => part.lines.length > 0 || part.command !== null,
  );
  return noisy(shuffled(parts, random), random);
}

/** The output of one command. */
export interface Part {
  readonly command: string | null;
  readonly lines: readonly string[];
}

function partsOf(machine: MachineJson, style: Style, random: Random): readonly Part[] {
  switch (style) {
    case 'heading-groups':
      return [headingGroups(machine, random, driverLines), rest(machine)];
    case 'line-groups':
      return [lineGroups(machine, random), rest(machine)];
    case 'nn-and-find':
      return [listing(machine, 'lspci -nn', () => []), plainDrivers(machine), findGroups(machine, random)];
    case 'nnk-and-groups':
      return [listing(machine, 'lspci -nnk', driverLines), headingGroups(machine, random)];
    case 'nnv':
      return [listing(machine, 'lspci -nnv', (device) => [...verboseLines(device), ...driverLines(device)])];
    case 'vvnn-and-log':
      return [listing(machine, 'sudo lspci -vvnn', (device) => [...veryVerboseLines(device), ...driverLines(device)])];
    case 'log':
      return [];
  }
}

const short = (address: string): string => (address.startsWith('0000:') ? address.slice(5) : address);
const code = (device: DeviceJson): string => device.class.slice(0, 4);

function first(device: DeviceJson, withProgIf = false): string {
  const progIf = device.class.length === 6 ? device.class.slice(4) : device.prog_if;
  const revision = device.revision === null ? '' : ` (rev ${device.revision})`;
  const tail = withProgIf && progIf !== undefined ? ` (prog-if ${progIf} [something])` : '';
  return `${short(device.address)} ${device.class_name} [${code(device)}]: ${device.name} [${device.vendor}:${device.device}]${revision}${tail}`;
}

/** Marks a listing of which only a part was posted, as people do. */
const cut = (machine: MachineJson): readonly string[] => (machine.source.completeness === 'partial' ? ['[...]'] : []);

type Below = (device: DeviceJson) => readonly string[];

function listing(machine: MachineJson, command: string, below: Below): Part {
  const verbose = command.includes('v');
  const lines = machine.devices.flatMap((device) => [
    first(device, verbose),
    ...below(device).map((line) => `\t${line}`),
    ...(verbose ? [''] : []),
  ]);
  return { command, lines: [...lines, ...cut(machine)] };
}

function driverLines(device: DeviceJson): readonly string[] {
  const subsystem =
    device.subsystem_vendor === null
      ? []
      : [`Subsystem: Some Maker Device [${device.subsystem_vendor}:${device.subsystem_device}]`];
  const driver = device.driver === null ? [] : [`Kernel driver in use: ${device.driver}`];
  const modules = device.modules === null ? [] : [`Kernel modules: ${device.modules.join(', ')}`];
  return [...subsystem, ...driver, ...modules];
}

/** `lspci -k` without ids: only the addresses tie it to the other listing. */
function plainDrivers(machine: MachineJson): Part {
  const told = machine.devices.some((device) => driverLines(device).length > 0);
  const lines = machine.devices.flatMap((device) => [
    `${short(device.address)} ${device.class_name}: ${device.name}`,
    ...driverLines(device).map((line) => `\t${line}`),
  ]);
  return { command: told ? 'lspci -k' : null, lines: told ? [...lines, ...cut(machine)] : [] };
}

function verboseLines(device: DeviceJson): readonly string[] {
  const group = device.iommu_group === null ? '' : `, IOMMU group ${device.iommu_group}`;
  return [
    `Flags: bus master, fast devsel, latency 0, IRQ 140${group}`,
    'Memory at fb000000 (32-bit, non-prefetchable) [size=16M]',
    'Capabilities: <access denied>',
  ];
}

function veryVerboseLines(device: DeviceJson): readonly string[] {
  const group = device.iommu_group === null ? [] : [`IOMMU group: ${device.iommu_group}`];
  const buses =
    device.secondary_bus === undefined
      ? []
      : [
          `Bus: primary=${device.address.slice(-7, -5)}, secondary=${device.secondary_bus}, subordinate=${device.subordinate_bus}, sec-latency=0`,
        ];
  return [
    'Control: I/O+ Mem+ BusMaster+ SpecCycle- MemWINV- VGASnoop- ParErr- Stepping- SERR- FastB2B- DisINTx+',
    'Status: Cap+ 66MHz- UDF- FastB2B- ParErr- DEVSEL=fast >TAbort- <TAbort- <MAbort- >SERR- <PERR- INTx-',
    ...group,
    ...buses,
    'Capabilities: [60] Power Management version 3',
    '\tFlags: PMEClk- DSI- D1- D2- AuxCurrent=0mA PME(D0+,D1-,D2-,D3hot+,D3cold-)',
  ];
}

const grouped = (machine: MachineJson): readonly (readonly [string, readonly DeviceJson[]])[] =>
  Object.entries(machine.iommu.groups).map(([id, members]) => [
    id,
    members.flatMap((member) => machine.devices.filter((device) => device.address === member)),
  ]);

const loop =
  'shopt -s nullglob; for g in $(find /sys/kernel/iommu_groups/* -maxdepth 0 -type d | sort -V); do echo "IOMMU Group ${g##*/}:"; for d in $g/devices/*; do echo -e "\\t$(lspci -nns ${d##*/})"; done; done';

function noGroups(machine: MachineJson): Part {
  return { command: machine.iommu.enabled === false ? 'ls /sys/kernel/iommu_groups/' : null, lines: [] };
}

function headingGroups(machine: MachineJson, random: Random, below: Below = () => []): Part {
  const groups = grouped(machine);
  if (groups.length === 0) return noGroups(machine);
  const [mark, colon] = random.pick([
    ['IOMMU Group', ':'],
    ['IOMMU group', ''],
    ['Group', ':'],
  ] as const);
  const lines = groups.flatMap(([id, members]) => [
    `${mark} ${id}${colon}`,
    ...members.flatMap((device) => [`\t${first(device)}`, ...below(device).map((line) => `\t\t${line}`)]),
  ]);
  return { command: loop, lines: [...lines, ...cut(machine)] };
}

function lineGroups(machine: MachineJson, random: Random): Part {
  const groups = grouped(machine);
  if (groups.length === 0) return noGroups(machine);
  const drivers = machine.devices.some((device) => device.driver !== null);
  const form = random.pick([
    (id: string, device: DeviceJson) => `IOMMU Group ${id} ${first(device)}`,
    (id: string, device: DeviceJson) => `IOMMU Group ${id}: ${first(device)}`,
    (id: string, device: DeviceJson) =>
      `Group:  ${id}   ${device.address} ${first(device).slice(short(device.address).length + 1)}`,
  ]);
  const lines = groups.flatMap(([id, members]) =>
    members.map((device) => `${form(id, device)}${drivers ? `   Driver: ${device.driver ?? ''}` : ''}`),
  );

  return { command: './iommu.sh', lines: [...shuffled(lines, random), ...cut(machine)] };
}

function findGroups(machine: MachineJson, random: Random): Part {
  const groups = Object.entries(machine.iommu.groups);
  const lines = groups.flatMap(([id, members]) =>
    members.map((member) => `/sys/kernel/iommu_groups/${id}/devices/${member}`),
  );
  if (lines.length === 0 && machine.iommu.enabled !== false) return { command: null, lines: [] };
  return { command: 'find /sys/kernel/iommu_groups/ -type l', lines: shuffled(lines, random) };
}

/** Functions that stand in no group are seen only in a plain listing. */
function rest(machine: MachineJson): Part {
  const all = machine.devices.every((device) => device.iommu_group !== null);
  return all ? { command: null, lines: [] } : listing(machine, 'lspci -nnk', driverLines);
}

function aboutSystem(machine: MachineJson, style: Style, random: Random): readonly Part[] {
  const inLog = style === 'log' || style === 'vvnn-and-log' || random.chance();
  const whole = style === 'log';
  return [
    { command: 'sudo dmesg', lines: stamped(logLines(machine, { whole, args: inLog })) },
    ...(machine.cmdline === null || inLog ? [] : [{ command: 'cat /proc/cmdline', lines: [machine.cmdline] }]),
    hostname(machine),
    processor(machine),
    ...board(machine),
    ...(style === 'nnv' || style === 'vvnn-and-log' ? [noGroupsIfOff(machine)] : []),
  ].filter((part) => part.lines.length > 0 || part.command?.includes('iommu_groups') === true);
}

function processor({ cpu }: MachineJson): Part {
  const architecture = cpu.vendor !== null && /intel|amd/i.test(cpu.vendor) ? 'x86_64' : 'aarch64';
  return {
    command: 'lscpu',
    lines: [
      ...(cpu.vendor === null
        ? []
        : [
            `Architecture:                        ${architecture}`,
            `Vendor ID:                           ${cpuVendor(cpu.vendor)}`,
          ]),
      ...(cpu.model === null ? [] : [`  Model name:                        ${cpu.model}`]),
    ],
  };
}

function board({ machine }: MachineJson): readonly Part[] {
  if (machine.board === null) return [];
  return [
    {
      command: 'grep . /sys/class/dmi/id/board_name /sys/class/dmi/id/bios_date',
      lines: [`/sys/class/dmi/id/board_name:${machine.board}`],
    },
  ];
}

function noGroupsIfOff(machine: MachineJson): Part {
  const off = machine.iommu.enabled === false;
  return { command: off ? 'find /sys/kernel/iommu_groups -type l | wc -l' : null, lines: off ? ['0'] : [] };
}

function hostname(machine: MachineJson): Part {
  const { distro } = machine.os;
  const chassis = machine.machine.form_factor === 'sbc' ? 'embedded' : machine.machine.form_factor;
  return {
    command: 'hostnamectl',
    lines: [
      `         Chassis: ${chassis}${chassis === 'laptop' ? ' 💻' : ''}`,
      ...(distro === null ? [] : [`Operating System: ${distro}`]),
    ],
  };
}

function cpuVendor(vendor: string): string {
  if (/intel/i.test(vendor)) return 'GenuineIntel';
  return /amd/i.test(vendor) ? 'AuthenticAMD' : 'ARM';
}

function logLines(machine: MachineJson, log: { readonly whole: boolean; readonly args: boolean }): readonly string[] {
  const args = log.args && machine.cmdline !== null ? [`Kernel command line: ${machine.cmdline}`] : [];
  const release =
    machine.os.kernel === null
      ? []
      : [`Linux version ${machine.os.kernel} (builder@host) (gcc 12.2.0) #1 SMP PREEMPT_DYNAMIC`];
  const whole = log.whole ? [...enumeration(machine)] : [];
  const end = log.whole && machine.source.completeness === 'full' ? ['Run /init as init process'] : [];
  const off = log.whole && machine.iommu.enabled === false && machine.source.completeness === 'partial';
  return [
    ...release,
    ...args,
    ...whole,
    ...machine.iommu.evidence.filter((line) => !/groups present|IOMMU group lines/.test(line)),
    ...vgaLines(machine),
    ...(log.whole ? [...membership(machine), ...driverMessages(machine)] : []),
    ...end,
    ...(log.whole ? cut(machine) : []),
    ...(off ? ['$ ls /sys/kernel/iommu_groups/', '$'] : []),
  ];
}

function enumeration(machine: MachineJson): readonly string[] {
  return machine.devices.flatMap((device) => {
    const type = device.header_type ?? (code(device) === '0604' ? '01' : '00');
    const progIf = device.class.length === 6 ? device.class.slice(4) : (device.prog_if ?? '00');
    const said = `pci ${device.address}: [${device.vendor}:${device.device}] type ${type} class 0x${code(device)}${progIf}`;
    const bus =
      device.secondary_bus === undefined
        ? []
        : [`pci ${device.address}: PCI bridge to [bus ${device.secondary_bus}-${device.subordinate_bus}]`];
    return [said, ...bus];
  });
}

function membership(machine: MachineJson): readonly string[] {
  return Object.entries(machine.iommu.groups).flatMap(([id, members]) =>
    members.map((member) => `pci ${member}: Adding to iommu group ${id}`),
  );
}

function driverMessages(machine: MachineJson): readonly string[] {
  return machine.devices.flatMap((device) =>
    device.driver === null ? [] : [`${device.driver} ${device.address}: enabling device (0000 -> 0003)`],
  );
}

function vgaLines(machine: MachineJson): readonly string[] {
  const told = machine.devices.filter((device) => device.boot_vga !== null);
  return [
    ...told.map((device) => `pci ${device.address}: vgaarb: VGA device added: decodes=io+mem,owns=io+mem,locks=none`),
    ...told
      .filter((device) => device.boot_vga === true)
      .map((device) => `pci ${device.address}: vgaarb: setting as boot VGA device`),
  ];
}

const stamped = (lines: readonly string[]): readonly string[] =>
  lines.map((line, index) => (/^[[$]/.test(line) ? line : `[    ${(index / 1000).toFixed(6)}] ${line}`));
