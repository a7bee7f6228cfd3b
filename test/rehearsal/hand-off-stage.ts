// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../contract/facts';
import { handStatus, type HandStatus } from '../../contract/hand-off';
import type { PciAddress } from '../../contract/pci';
import { unknownFacts } from '../../contract/unknown-facts';
import { hook, type HookEnd } from '../../helper/hook/hook';
import { takeBack } from '../../helper/hook/take-back';
import { handJournalPath, handStatusPath } from '../../helper/hand-off/journal';
import { faultKinds, noFaults, type FaultKind, type Operation } from '../../rehearsal/faults';
import { textAt } from '../../rehearsal/files';
import { desktopOf, endVm, references, showsDesktop, startVm, type Desktop, type Seating } from '../../rehearsal/hand-off/desktop';
import { definition, seatAt } from '../../rehearsal/hand-off/stage';
import type { Kernel } from '../../rehearsal/kernel';
import { loadModule } from '../../rehearsal/kernel';
import { rehearsalOf, type Rehearsal } from '../../rehearsal/machine';
import { powerOn } from '../../rehearsal/start';
import { buildWorld, worldOf, type Build } from '../../rehearsal/world';
import { fn } from './sample';

export const gpu = '0000:01:00.0' as PciAddress;
export const sound = '0000:01:00.1' as PciAddress;
export const usb = '0000:01:00.2' as PciAddress;
export const other = '0000:02:00.0' as PciAddress;
export const vm = '3f8f1a52-0a4e-4b0e-9d0e-6c1f6d1a0001';
export const otherVm = '3f8f1a52-0a4e-4b0e-9d0e-6c1f6d1a0002';

/** What a card is driven by, and by which maker's ids; `xe` and `i915` differ by driver alone. */
export const families = {
  nvidia: { ids: '10de:2206', sound: '10de:1aef' },
  nouveau: { ids: '10de:2206', sound: '10de:1aef' },
  amdgpu: { ids: '1002:73bf', sound: '1002:ab28' },
  i915: { ids: '8086:56a0', sound: '8086:4f90' },
  xe: { ids: '8086:56a0', sound: '8086:4f90' },
} as const;
export type Family = keyof typeof families;
export type Way = 'on-demand' | 'single-card';

/** A card with sound and USB in one slot; beside it, on demand, a built-in one that keeps the picture. */
export function handFacts(family: Family, way: Way, more: { readonly twin?: true } = {}): HostFacts {
  const { ids, sound: soundIds } = families[family];
  const above = { upstream: ['0000:00:01.0' as PciAddress], subsystemVendor: '1043', subsystemDevice: '8888' };
  const single = way === 'single-card';
  const functions = [
    fn('0000:00:00.0', '1022:14d8', '0600'),
    fn('0000:00:01.0', '1022:14db', '0604', { driver: 'pcieport' }),
    fn('0000:00:02.0', '1022:14db', '0604', { driver: 'pcieport' }),
    fn(gpu, ids, '0300', { driver: family, modules: [family], bootVga: single, ...above }),
    fn(sound, soundIds, '0403', { driver: 'snd_hda_intel', modules: ['snd_hda_intel'], ...above }),
    fn(usb, '10de:1ad8', '0c03', { driver: 'xhci_hcd', modules: ['xhci_pci'], ...above }),
    ...(single ? [] : [fn(other, more.twin === true ? ids : '1002:164e', '0300', { driver: more.twin === true ? family : 'amdgpu', modules: [more.twin === true ? family : 'amdgpu'], bootVga: true, upstream: ['0000:00:02.0' as PciAddress] })]),
    fn('0000:03:00.0', '8086:15f3', '0200', { driver: 'igc', modules: ['igc'] }),
  ];
  const base = unknownFacts('machine-file');
  // One family started by BIOS: there a text console that let go could not be taken back.
  const mode = family === 'i915' ? 'bios' : 'uefi';
  const group = (id: number, ...members: string[]) => ({ id, members: members as never, type: null, reserved: [] });
  return {
    ...base,
    firmware: { ...base.firmware, mode: { value: mode, from: 'test' } },
    cpu: { ...base.cpu, vendor: { value: 'amd', from: 'test' } },
    pci: { functions, complete: true },
    display: { ...base.display, connectors: { value: [{ name: 'HDMI-A-1', gpu: single ? gpu : other, status: 'connected', enabled: true, internal: false }], from: 'test' } },
    iommu: { ...base.iommu, groupsComplete: true, groups: { value: [group(0, '0000:00:00.0'), group(1, '0000:00:01.0'), group(2, '0000:00:02.0'), group(3, gpu, sound, usb), ...(single ? [] : [group(4, other)]), group(5, '0000:03:00.0')], from: 'test' } },
  };
}

export interface Stage {
  readonly rehearsal: Rehearsal;
  readonly kernel: Kernel;
  readonly desktop: Desktop;
  readonly xml: string;
  /** Everything that must be the same when the card is home. */
  portrait(): string;
  prepare(uuid?: string): Promise<HookEnd>;
  release(uuid?: string): Promise<HookEnd>;
  timer(): Promise<unknown>;
  status(uuid?: string): HandStatus | null;
  vfio(): boolean;
  /** By its journal: what hung was the drawing function itself, or a module under it. */
  hungWhileDrawing(): boolean;
  /** A hang stands in the journal: the next start of a VM is refused for it. */
  told(): boolean;
}

const tableOf = (facts: HostFacts, extra: string): string => `${facts.pci.functions.filter((one) => one.address.startsWith('0000:01:')).map((one) => `${one.address} ${one.vendor}:${one.device} ${one.subsystemVendor}:${one.subsystemDevice}`).join('\n')}\n${extra}`;

const builds = new Map<string, Build>();
/** A machine is built once and started again and again. */
function buildOf(family: Family, way: Way, twin: boolean, facts: HostFacts): Build {
  const name = `${family} ${way} ${twin}`;
  const build = builds.get(name) ?? buildWorld(facts, { screens: 'boot-display' }, 7).build;
  builds.set(name, build);
  return build;
}

export function stage(family: Family, way: Way, more: { readonly extra?: string; readonly services?: readonly string[]; readonly manager?: string | null; readonly twin?: true; readonly loaded?: false; readonly table?: string } = {}): Stage {
  const facts = handFacts(family, way, more);
  const rehearsal = rehearsalOf(worldOf(buildOf(family, way, more.twin === true, facts), 7));
  powerOn(rehearsal.world);
  const seating: Seating = { manager: more.manager === undefined ? (way === 'single-card' ? 'gdm3.service' : null) : more.manager, services: more.services ?? [] };
  const extra = `${way === 'single-card' && more.table === undefined ? `single-card ${gpu}\n` : ''}${more.extra ?? ''}`;
  const { kernel } = rehearsal.world;
  if (kernel === null) throw new Error('the machine does not start');
  if (more.loaded !== false) loadModule(kernel, 'vfio_pci');
  const desktop = seatAt(rehearsal, seating, more.table ?? tableOf(facts, extra));
  // The VM of one family wants threads of the host for itself.
  const apart = family === 'xe' ? [2, 3, 6, 7] : [];
  const xml = definition(vm, [gpu, sound, usb], apart);
  const desk = (via: 'libvirt' | 'systemd') => ({ ...rehearsal.desk(), origin: { via, uid: null } }) as const;
  const call = (operation: 'prepare' | 'release', uuid: string): Promise<HookEnd> =>
    hook(desk('libvirt'), ['win11', operation, operation === 'prepare' ? 'begin' : 'end', '-'], { xml: definition(uuid, [gpu, sound, usb], apart), began: rehearsal.world.clock - 40 });
  return {
    rehearsal,
    kernel,
    desktop,
    xml,
    portrait: () => portrait(kernel, desktop),
    prepare: (uuid = vm) => call('prepare', uuid),
    release: (uuid = vm) => call('release', uuid),
    timer: () => takeBack(desk('systemd'), rehearsal.world.clock),
    status: (uuid = vm) => handStatus.safeParse(JSON.parse(textAt(rehearsal.world.disk, handStatusPath(uuid)) ?? 'null')).data ?? null,
    hungWhileDrawing: () => (textAt(rehearsal.world.disk, handJournalPath(vm)) ?? '').split('\n').some((line) => line.includes('"why":"stuck","took"') && (line.includes(`"device":"${gpu}"`) || line.includes('"act":"module"'))),
    told: () => (textAt(rehearsal.world.disk, handJournalPath(vm)) ?? '').includes('"why":"stuck"'),
    vfio: () => [gpu, sound, usb].every((address) => kernel.functions.get(address)?.driver === 'vfio-pci'),
  };
}

function portrait(kernel: Kernel, desktop: Desktop): string {
  const functions = [...kernel.functions.values()].map((one) => `${one.hardware.address} ${one.driver ?? '-'} ${one.override ?? '-'} ${one.driver === 'vfio-pci' ? '' : one.powerControl}`);
  const modules = [...kernel.modules].filter((name) => !name.startsWith('vfio') && name !== 'irqbypass').sort();
  return [...functions, modules.join(' '), [...desktop.running].sort().join(' '), `console ${desktop.consoleBound}`, `kept ${JSON.stringify([...desktop.kept].filter(([, threads]) => threads !== '0-7'))}`, `timer ${desktop.timer}`, `desktop ${showsDesktop(kernel)}`].join('\n');
}

/** Operations of one call, with what they are; nothing breaks. */
export async function countOperations(on: Stage, work: () => Promise<unknown>): Promise<readonly Operation[]> {
  const seen: Operation[] = [];
  on.rehearsal.world.faults = { ...noFaults(), onOperation: (operation) => void seen.push(operation) };
  await work();
  on.rehearsal.world.faults = noFaults();
  return seen;
}

/** Breaks the given operations of what is called next. */
export function breakAt(on: Stage, faults: ReadonlyMap<number, FaultKind>, onOperation: (operation: Operation, fault: FaultKind | null) => void = () => undefined): void {
  on.rehearsal.world.faults = { ...noFaults(), at: faults, onOperation };
}
export const mend = (on: Stage): void => {
  on.rehearsal.world.faults = noFaults();
};

/** What can go wrong in a hand-off; nobody edits a file of ours or says stop in a hook, and lost power is a start of its own. */
export const handFaults: readonly FaultKind[] = faultKinds.filter((kind) => kind !== 'edited' && kind !== 'stop' && kind !== 'power');

export { desktopOf, endVm, references, showsDesktop, startVm };
