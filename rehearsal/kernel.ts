// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciAddress, PciFunction } from '../contract/pci';
import { moduleName, neededBy, type Driver } from './drivers';
import type { Seen } from './remembering-eyes';

/** A function as it sits in the machine, whatever runs on it. */
export interface Hardware extends PciFunction {
  /** Drivers that could have it; the first comes by itself. */
  readonly drivers: readonly Driver[];
  /** A screen is plugged in and switched on. */
  readonly screen: boolean;
}

/** A function as the running kernel has it. */
export interface PciState {
  readonly hardware: Hardware;
  present: boolean;
  driver: string | null;
  override: string | null;
  powerControl: 'on' | 'auto';
  /** False right after an unbind: power_state then reads `unknown`. */
  powerKnown: boolean;
  /** A process has it open through vfio. */
  held: boolean;
  group: number | null;
}

export interface KernelStart {
  readonly hardware: readonly Hardware[];
  readonly release: string;
  /** The command line as a list. */
  readonly args: readonly string[];
  readonly bootId: string;
  readonly firmware: 'uefi' | 'bios';
  /** Group of each function in this start: numbers belong to a start, not to the machine. */
  readonly groups: ReadonlyMap<string, number>;
  /** Which function owns the picture firmware left. */
  readonly bootDisplay: PciAddress | null;
}

/** The running kernel. It lives from power on to power off. */
export interface Kernel extends KernelStart {
  readonly functions: ReadonlyMap<string, PciState>;
  /** Functions of class 03, in the order of the bus. */
  readonly graphics: readonly PciState[];
  readonly byGroup: ReadonlyMap<number, readonly PciState[]>;
  readonly modules: Set<string>;
  /** Ids that vfio-pci was loaded with. */
  readonly vfioIds: string[];
  /** The firmware's framebuffer is still there. */
  firmwareFramebuffer: boolean;
  readonly parameters: Map<string, string>;
  /** What was seen of it since it last changed; null: nothing is remembered. */
  seen: Seen | null;
}

/** A driver's refusal, by errno name; *blocks*: the writer never comes back while the function is held. */
export type KernelAnswer = 'done' | 'ENODEV' | 'EINVAL' | 'EBUSY' | 'EACCES' | 'ENOENT' | 'blocks';

export function startKernel(start: KernelStart): Kernel {
  const states = start.hardware.map((hardware): PciState => ({ hardware, present: true, driver: null, override: null, powerControl: 'on', powerKnown: true, held: false, group: start.groups.get(hardware.address) ?? null }));
  const kernel: Kernel = { ...start, ...ordered(states), modules: new Set(), vfioIds: [], firmwareFramebuffer: start.bootDisplay !== null, parameters: new Map(), seen: null };
  for (const state of states) settleDriver(kernel, state);
  return kernel;
}

/** This kernel once more, as it runs now: what happens to one does not happen to the other. */
export function forkKernel(kernel: Kernel): Kernel {
  const states = [...kernel.functions.values()].map((state): PciState => ({ ...state }));
  return { ...kernel, ...ordered(states), modules: new Set(kernel.modules), vfioIds: [...kernel.vfioIds], parameters: new Map(kernel.parameters) };
}

function ordered(states: readonly PciState[]): Pick<Kernel, 'functions' | 'byGroup' | 'graphics'> {
  const byGroup = new Map<number, PciState[]>();
  for (const state of states) {
    if (state.group === null) continue;
    const members = byGroup.get(state.group);
    if (members === undefined) byGroup.set(state.group, [state]);
    else members.push(state);
  }
  return { functions: new Map(states.map((state) => [state.hardware.address, state])), byGroup, graphics: states.filter((one) => one.hardware.class.startsWith('03')) };
}

/** Claims override-newline, override-empty-write, override-while-bound. */
export function writeOverride(state: PciState, value: string): KernelAnswer {
  if (value.length === 0) return 'done';
  const name = value.replace(/\n$/, '');
  if (/[\n\0]/.test(name) || name.length > 255) return 'EINVAL';
  state.override = name === '' ? null : name;
  return 'done';
}

/** Claims override-across-unbind, unbind-held-blocks, unbind-wrong-driver, power-unknown. */
export function unbind(state: PciState, driver: string): KernelAnswer {
  if (!state.present || state.driver !== driver) return 'ENODEV';
  if (state.held) return 'blocks';
  state.driver = null;
  state.powerControl = 'on';
  state.powerKnown = false;
  return 'done';
}

/** `drivers/<driver>/bind`: claims bind-without-match, bind-bridge, bind-without-iommu. */
export function bind(kernel: Kernel, state: PciState, driver: string): KernelAnswer {
  if (!isLoaded(kernel, driver)) return 'ENOENT';
  if (!state.present || state.driver !== null || !matches(kernel, state, driver)) return 'ENODEV';
  return attach(kernel, state, driver);
}

/** `drivers_probe`: claims probe-lies, override-unknown-driver, probe-binds-override, owned-group-refuses. */
export function probe(kernel: Kernel, state: PciState): KernelAnswer {
  if (!state.present) return 'ENODEV';
  if (state.driver !== null) return 'done';
  return settleDriver(kernel, state) === 'EBUSY' ? 'EBUSY' : 'done';
}

/** Claim override-lost-on-rescan. */
export function removeAndRescan(kernel: Kernel, state: PciState): KernelAnswer {
  if (state.held) return 'blocks';
  kernel.seen = null;
  state.driver = null;
  state.override = null;
  state.powerControl = 'on';
  state.powerKnown = true;
  settleDriver(kernel, state);
  return 'done';
}

/** A process opens every function of a group through vfio, as QEMU does; a group with a host driver in it cannot be had. */
export function holdGroup(kernel: Kernel, group: number): KernelAnswer {
  const members = membersOf(kernel, group);
  kernel.seen = null;
  if (!members.some((one) => one.driver === 'vfio-pci') || members.some((one) => !isViable(one))) return 'EINVAL';
  for (const one of members) if (one.driver === 'vfio-pci') one.held = true;
  return 'done';
}

export function releaseGroup(kernel: Kernel, group: number): void {
  kernel.seen = null;
  for (const one of membersOf(kernel, group)) one.held = false;
}

/** host.md 3.2: drivers that leave DMA to the one who owns the group. */
const isViable = (one: PciState): boolean => one.driver === null || ['vfio-pci', 'pci-stub', 'pcieport'].includes(one.driver);
export const membersOf = (kernel: Kernel, group: number): readonly PciState[] => (kernel.byGroup.get(group) ?? []).filter((one) => one.present);

/** Loads a module with what it needs; its drivers then take what is theirs and free. `ids` are vfio-pci's. False: no such module. */
export function loadModule(kernel: Kernel, name: string, ids: readonly string[] = []): boolean {
  const module = moduleName(name);
  if (kernel.modules.has(module)) return true;
  const blocked = kernel.args.filter((arg) => arg.startsWith('module_blacklist=')).flatMap((arg) => arg.slice(17).split(','));
  if (!isKnown(kernel, module) || blocked.map(moduleName).includes(module)) return false;
  for (const needed of neededBy(module)) loadModule(kernel, needed);
  kernel.seen = null;
  kernel.modules.add(module);
  if (module === 'vfio_pci') kernel.vfioIds.push(...ids);
  for (const state of kernel.functions.values()) if (state.present && state.driver === null) offer(kernel, state, module);
  return true;
}

/** A driver that registers tries the functions nobody has; drivers that were there before get no second try. */
function offer(kernel: Kernel, state: PciState, module: string): void {
  const driver = module === 'vfio_pci' ? 'vfio-pci' : state.hardware.drivers.find((one) => one.module === module)?.driver;
  if (driver !== undefined && matches(kernel, state, driver)) attach(kernel, state, driver);
}

const vfio = new Set(['vfio', 'vfio_pci', 'vfio_pci_core', 'vfio_iommu_type1', 'irqbypass']);
const isKnown = (kernel: Kernel, module: string): boolean =>
  vfio.has(module) || ['kvm', 'kvm_intel', 'kvm_amd'].includes(module) || kernel.hardware.some((one) => one.drivers.some((driver) => driver.module === module));

const isLoaded = (kernel: Kernel, driver: string): boolean =>
  driver === 'vfio-pci'
    ? kernel.modules.has('vfio_pci')
    : kernel.hardware.some((one) => one.drivers.some((can) => can.driver === driver && (can.module === null || kernel.modules.has(can.module))));

/** With an override only that driver may have the function; without one vfio-pci wants only the ids it was given. */
function matches(kernel: Kernel, state: PciState, driver: string): boolean {
  if (state.override !== null) return state.override === driver;
  if (driver === 'vfio-pci') return kernel.vfioIds.some((id) => idMatches(id, state.hardware));
  return state.hardware.drivers.some((one) => one.driver === driver);
}

const idMatches = (id: string, hardware: Hardware): boolean => {
  const [vendor, model, subVendor, subModel] = id.toLowerCase().split(':');
  const same = (wanted: string | undefined, is: string | null) => wanted === undefined || wanted === '' || wanted === 'ffffffff' || wanted === is;
  return same(vendor, hardware.vendor) && same(model, hardware.device) && same(subVendor, hardware.subsystemVendor) && same(subModel, hardware.subsystemDevice);
};

function settleDriver(kernel: Kernel, state: PciState): KernelAnswer {
  const wanted = state.override ?? (matches(kernel, state, 'vfio-pci') && isLoaded(kernel, 'vfio-pci') ? 'vfio-pci' : undefined);
  if (wanted !== undefined) return isLoaded(kernel, wanted) ? attach(kernel, state, wanted) : 'done';
  const own = state.hardware.drivers.find((one) => one.module === null || kernel.modules.has(one.module));
  return own === undefined ? 'done' : attach(kernel, state, own.driver);
}

function attach(kernel: Kernel, state: PciState, driver: string): KernelAnswer {
  const { hardware } = state;
  if (driver === 'vfio-pci') {
    if (state.group === null || hardware.header === 'bridge' || hardware.class === '0604') return 'EINVAL';
    state.powerControl = 'auto';
    if (kernel.bootDisplay === hardware.address && hardware.class === '0300') kernel.firmwareFramebuffer = false;
  } else if (!hardware.drivers.some((one) => one.driver === driver)) {
    return 'ENODEV';
  } else if (state.group !== null && driver !== 'pcieport' && membersOf(kernel, state.group).some((one) => one.held)) {
    return 'EBUSY';
  } else if (hardware.class.startsWith('03') && kernel.bootDisplay === hardware.address) {
    kernel.firmwareFramebuffer = false;
  }
  state.driver = driver;
  state.powerKnown = true;
  return 'done';
}

/** Functions whose screen shows something now: a driver that draws, or the firmware's picture that nobody took away. */
export function litScreens(kernel: Kernel): readonly PciAddress[] {
  return kernel.graphics
    .filter((one) => one.hardware.screen && (draws(one) || (kernel.firmwareFramebuffer && kernel.bootDisplay === one.hardware.address)))
    .map((one) => one.hardware.address);
}

export const draws = (one: PciState): boolean => one.driver !== null && one.driver !== 'vfio-pci' && one.driver !== 'pci-stub';
