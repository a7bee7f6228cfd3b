// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciAddress } from '../contract/pci';
import { draws, type Hardware, type Kernel, type PciState } from './kernel';
import { bytes, folder, folderOf, linkTo, listing, text, type View } from './view';

/** `/sys/devices/pciDDDD:BB/…` of a function: its bridges, nearest the root first, then itself. */
export function devicePath(kernel: Kernel, address: PciAddress): string {
  const state = kernel.functions.get(address);
  const chain = [...(state?.hardware.upstream ?? []).filter((one) => kernel.functions.has(one)), address];
  const first = chain[0] ?? address;
  return `/sys/devices/pci${first.slice(0, first.lastIndexOf(':'))}/${chain.join('/')}`;
}

interface Subject {
  readonly kernel: Kernel;
  readonly state: PciState;
  readonly depth: number;
}

const up = (subject: Subject): string => '../'.repeat(subject.depth);
const line = (value: string, mode?: number): View => text(`${value}\n`, mode);
const hex = (value: string | null): View | null => (value === null ? null : line(`0x${value}`));
const isBridge = ({ state }: Subject): boolean => state.hardware.header === 'bridge' || state.hardware.class === '0604';

const attributes: Readonly<Record<string, (subject: Subject) => View | null>> = {
  vendor: ({ state }) => hex(state.hardware.vendor),
  device: ({ state }) => hex(state.hardware.device),
  subsystem_vendor: ({ state }) => hex(state.hardware.subsystemVendor ?? '0000'),
  subsystem_device: ({ state }) => hex(state.hardware.subsystemDevice ?? '0000'),
  class: ({ state }) => hex(`${state.hardware.class}${state.hardware.progIf ?? '00'}`),
  revision: ({ state }) => hex(state.hardware.revision ?? '00'),
  modalias: ({ state }) => line(modaliasOf(state)),
  uevent: ({ state }) => text(ueventOf(state)),
  config: ({ state }) => bytes(configOf(state), 0o644),
  resource: ({ state }) => text(resourceOf(state)),
  // Claim override-null.
  driver_override: ({ state }) => line(state.override ?? '(null)', 0o644),
  driver: (subject) => (subject.state.driver === null ? null : linkTo(`${up(subject)}bus/pci/drivers/${subject.state.driver}`)),
  iommu_group: (subject) => (subject.state.group === null ? null : linkTo(`${up(subject)}kernel/iommu_groups/${subject.state.group}`)),
  subsystem: (subject) => linkTo(`${up(subject)}bus/pci`),
  secondary_bus_number: (subject) => (isBridge(subject) && subject.state.hardware.buses !== null ? line(String(subject.state.hardware.buses.secondary)) : null),
  subordinate_bus_number: (subject) => (isBridge(subject) && subject.state.hardware.buses !== null ? line(String(subject.state.hardware.buses.subordinate)) : null),
  boot_vga: ({ kernel, state }) =>
    state.hardware.class !== '0300' ? null : line(state.hardware.unknown.includes('bootVga') || state.hardware.bootVga === null ? (kernel.bootDisplay === state.hardware.address ? '1' : '0') : state.hardware.bootVga ? '1' : '0'),
  reset_method: ({ state }) => (state.hardware.resetMethods === null || state.hardware.resetMethods.length === 0 ? null : line(state.hardware.resetMethods.join(' '), 0o644)),
  d3cold_allowed: ({ state }) => line(state.hardware.power?.d3coldAllowed === false ? '0' : '1', 0o644),
  // Claim power-unknown.
  power_state: ({ state }) => line(!state.powerKnown && state.driver === null ? 'unknown' : state.powerControl === 'auto' ? 'D3hot' : 'D0'),
  power: ({ state }) =>
    folder({ control: line(state.powerControl, 0o644), runtime_status: line(state.powerControl === 'auto' ? 'suspended' : 'active') }),
  current_link_speed: ({ state }) => (state.hardware.link?.speed == null ? null : line(state.hardware.link.speed)),
  current_link_width: ({ state }) => (state.hardware.link?.width == null ? null : line(String(state.hardware.link.width))),
  max_link_speed: ({ state }) => (state.hardware.link?.maxSpeed == null ? null : line(state.hardware.link.maxSpeed)),
  max_link_width: ({ state }) => (state.hardware.link?.maxWidth == null ? null : line(String(state.hardware.link.maxWidth))),
  numa_node: ({ state }) => line(String(state.hardware.numaNode ?? -1), 0o644),
  enable: ({ state }) => line(draws(state) || state.driver === 'pcieport' ? '1' : '0', 0o644),
  rom: ({ state }) => (state.hardware.hasRom === true ? bytes(new Uint8Array(0), 0o600) : null),
  sriov_totalvfs: ({ state }) => (state.hardware.sriov === null ? null : line(String(state.hardware.sriov.total))),
  sriov_numvfs: ({ state }) => (state.hardware.sriov === null ? null : line(String(state.hardware.sriov.now), 0o644)),
  physfn: (subject) => {
    const owner = subject.state.hardware.physicalFunction;
    return owner === null ? null : linkTo(`${up(subject)}${devicePath(subject.kernel, owner).slice('/sys/'.length)}`);
  },
  label: ({ state }) => (state.hardware.slotLabel === null ? null : line(state.hardware.slotLabel)),
  mdev_supported_types: ({ state }) => mdevTypes(state),
  drm: ({ kernel, state }) => drmOf(kernel, state),
};

function mdevTypes({ hardware }: PciState): View | null {
  if (hardware.mdevTypes === null || hardware.mdevTypes.length === 0) return null;
  return folder(
    Object.fromEntries(
      hardware.mdevTypes.map((type) => [type.id, folder({ name: line(type.name ?? type.id), available_instances: line(String(type.available ?? 0)), device_api: line('vfio-pci') })]),
    ),
  );
}

/** The folder of one function; functions behind a bridge are folders inside it. */
export function deviceFolder(kernel: Kernel, state: PciState, depth: number): View {
  const subject = { kernel, state, depth };
  const table = folderOf(subject, attributes);
  const children = childrenOf(kernel).get(state.hardware.address) ?? [];
  const linked = new Map(state.hardware.linked.map((one): [string, string] => [`consumer:pci:${one}`, one]));
  return listing(
    () => [...(table.kind === 'folder' ? table.names() : []), ...linked.keys(), ...children.filter((one) => one.present).map((one) => one.hardware.address)],
    (name) => {
      const child = children.find((one) => one.hardware.address === name && one.present);
      if (child !== undefined) return deviceFolder(kernel, child, depth + 1);
      const other = linked.get(name);
      if (other !== undefined) return linkTo(`${'../'.repeat(depth)}devices/virtual/devlink/pci:${state.hardware.address}--pci:${other}`);
      return table.kind === 'folder' ? table.get(name) : null;
    },
  );
}

const trees = new WeakMap<Kernel, ReadonlyMap<string, readonly PciState[]>>();

/** Functions by the bridge above them; `''` for those on a root bus. Made once per start: nothing moves while it runs. */
export function childrenOf(kernel: Kernel): ReadonlyMap<string, readonly PciState[]> {
  const known = trees.get(kernel);
  if (known !== undefined) return known;
  const tree = new Map<string, PciState[]>();
  for (const state of kernel.functions.values()) {
    const above = state.hardware.upstream.filter((one) => kernel.functions.has(one)).at(-1) ?? '';
    const list = tree.get(above);
    if (list === undefined) tree.set(above, [state]);
    else list.push(state);
  }
  trees.set(kernel, tree);
  return tree;
}

const upper = (value: string | null, digits: number): string => (value ?? '').toUpperCase().padStart(digits, '0');

export function modaliasOf({ hardware }: PciState): string {
  const { vendor, device: model, subsystemVendor, subsystemDevice } = hardware;
  const ids = `v${upper(vendor, 8)}d${upper(model, 8)}sv${upper(subsystemVendor, 8)}sd${upper(subsystemDevice, 8)}`;
  return `pci:${ids}bc${hardware.class.slice(0, 2).toUpperCase()}sc${hardware.class.slice(2).toUpperCase()}i${upper(hardware.progIf, 2)}`;
}

/** A line of modules.alias that leads from this function to a module. */
export function modaliasLine(hardware: Hardware, module: string): string {
  return `alias pci:v${upper(hardware.vendor, 8)}d${upper(hardware.device, 8)}sv*sd*bc*sc*i* ${module}\n`;
}

function ueventOf(state: PciState): string {
  const { hardware } = state;
  const driver = state.driver === null ? '' : `DRIVER=${state.driver}\n`;
  const subsystem = `${upper(hardware.subsystemVendor, 4)}:${upper(hardware.subsystemDevice, 4)}`;
  return `${driver}PCI_CLASS=${upper(hardware.class, 4).replace(/^0+(?=.)/, '')}${upper(hardware.progIf, 2)}\nPCI_ID=${upper(hardware.vendor, 4)}:${upper(hardware.device, 4)}\nPCI_SUBSYS_ID=${subsystem}\nPCI_SLOT_NAME=${hardware.address}\nMODALIAS=${modaliasOf(state)}\n`;
}

/** The first 64 bytes of config space, as far as the record knows them: ids, class, header type, bus numbers. */
function configOf({ hardware }: PciState): Uint8Array {
  const config = new Uint8Array(64);
  const word = (at: number, value: string | null) => {
    const number = Number.parseInt(value ?? '0', 16);
    config[at] = number & 0xff;
    config[at + 1] = number >> 8;
  };
  word(0, hardware.vendor);
  word(2, hardware.device);
  config[8] = Number.parseInt(hardware.revision ?? '0', 16);
  config[9] = Number.parseInt(hardware.progIf ?? '0', 16);
  config[10] = Number.parseInt(hardware.class.slice(2), 16);
  config[11] = Number.parseInt(hardware.class.slice(0, 2), 16);
  const header = hardware.header === 'cardbus' ? 2 : hardware.header === 'bridge' || hardware.class === '0604' ? 1 : 0;
  config[14] = header;
  if (header === 1) {
    config[24] = Number.parseInt(hardware.address.split(':').at(-2) ?? '0', 16);
    config[25] = hardware.buses?.secondary ?? 0;
    config[26] = hardware.buses?.subordinate ?? 0;
  } else {
    word(44, hardware.subsystemVendor);
    word(46, hardware.subsystemDevice);
  }
  return config;
}

function resourceOf({ hardware }: PciState): string {
  const zero = '0x0000000000000000 0x0000000000000000 0x0000000000000000';
  const lines: string[] = Array.from({ length: 7 }, () => zero);
  for (const bar of hardware.bars) {
    const start = BigInt(`0x${bar.start}`);
    const flags = (bar.kind === 'io' ? 0x101 : 0x200) | (bar.prefetchable ? 0x2000 : 0) | (bar.wide ? 0x100000 : 0);
    const word = (value: bigint) => `0x${value.toString(16).padStart(16, '0')}`;
    lines[bar.index] = `${word(start)} ${word(start + BigInt(Math.max(1, bar.size)) - 1n)} ${word(BigInt(flags))}`;
  }
  return `${lines.join('\n')}\n`;
}

/** Graphics functions that have a drm card, in the order the kernel numbered them. */
export function drmCards(kernel: Kernel): readonly PciState[] {
  return kernel.graphics.filter(draws);
}

function drmOf(kernel: Kernel, state: PciState): View | null {
  const card = drmCards(kernel).indexOf(state);
  if (card < 0) return null;
  const at = devicePath(kernel, state.hardware.address);
  const levels = at.split('/').length - 1;
  const connector = state.hardware.class === '0302' ? null : folder({ status: line(state.hardware.screen ? 'connected' : 'disconnected', 0o644), enabled: line(state.hardware.screen ? 'enabled' : 'disabled'), dpms: line(state.hardware.screen ? 'On' : 'Off') });
  return folder({
    [`card${card}`]: folder({ device: linkTo('../..'), dev: line(`226:${card}`), [`card${card}-HDMI-A-1`]: connector, subsystem: linkTo(`${'../'.repeat(levels + 1)}class/drm`) }),
    [`renderD${128 + card}`]: folder({ device: linkTo('../..'), dev: line(`226:${128 + card}`) }),
  });
}

/** Links of /sys/bus/pci/devices. */
export function busDevices(kernel: Kernel): View {
  return listing(
    () => [...kernel.functions.values()].filter((one) => one.present).map((one) => one.hardware.address),
    (name) => {
      const state = kernel.functions.get(name);
      return state?.present === true ? linkTo(`../../..${devicePath(kernel, state.hardware.address).slice('/sys'.length)}`) : null;
    },
  );
}
