// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciAddress } from '../contract/pci';
import { membersOf, type Kernel, type PciState } from './kernel';
import { busDevices, childrenOf, deviceFolder, devicePath, drmCards } from './sysfs-pci';
import { bytes, device, folder, folderOf, linkTo, links, listing, text, type View } from './view';

const line = (value: string, mode?: number): View => text(`${value}\n`, mode);

/** What else of a machine shows in /sys: board names, CPUs and variables of the firmware. */
export interface Surroundings {
  readonly dmi: Readonly<Record<string, string>>;
  readonly efiVariables: ReadonlyMap<string, Uint8Array>;
  readonly cpu: View;
  readonly iommuUnits: readonly string[];
  /** The firmware's table of its IOMMU. */
  readonly table: 'DMAR' | 'IVRS' | null;
}

interface Subject extends Surroundings {
  readonly kernel: Kernel;
}

/** /sys of the running kernel, each file computed when it is looked at; what never changes while it runs is laid out once. */
export function sysfsOf(kernel: Kernel, surroundings: Surroundings): View {
  const all: Subject = { ...surroundings, kernel };
  return folder({
    bus: folder({ pci: pciBus(kernel), platform: folder({ devices: folder({}), drivers: folder({}) }) }),
    devices: devicesOf(all),
    kernel: kernelFolder(kernel),
    class: classes(all),
    module: listing(() => kernel.modules, (name) => (kernel.modules.has(name) ? moduleFolder(name) : null)),
    firmware: folder({
      efi: kernel.firmware === 'uefi' ? folder({ fw_platform_size: line('64'), efivars: variables(all) }) : null,
      acpi: folder({ tables: folder({ FACP: text('', 0o400), ...(all.table === null ? {} : { [all.table]: text('', 0o400) }) }) }),
    }),
    fs: folder({ cgroup: folder({}) }),
  });
}

const variables = (all: Subject): View =>
  listing(() => all.efiVariables.keys(), (name) => {
    const value = all.efiVariables.get(name);
    return value === undefined ? null : bytes(value, 0o644);
  });

function pciBus(kernel: Kernel): View {
  const devices = busDevices(kernel);
  const drivers = driversFolder(kernel);
  return folderOf(kernel, {
    devices: () => devices,
    drivers: () => drivers,
    drivers_autoprobe: () => line('1', 0o644),
    drivers_probe: () => text('', 0o200),
    rescan: () => text('', 0o200),
    slots: () => folder({}),
  });
}

function driversFolder(kernel: Kernel): View {
  const names = () => new Set([...(kernel.modules.has('vfio_pci') ? ['vfio-pci'] : []), ...loadedDrivers(kernel)]);
  return listing(names, (name) => (names().has(name) ? driverFolder(kernel, name) : null));
}

const loadedDrivers = (kernel: Kernel): readonly string[] =>
  kernel.hardware.flatMap((one) => one.drivers.filter((can) => can.module === null || kernel.modules.has(can.module)).map((can) => can.driver));

function driverFolder(kernel: Kernel, name: string): View {
  const bound = (): ReadonlyMap<string, string> => new Map([...kernel.functions.values()].filter((one) => one.driver === name).map((one) => [one.hardware.address, `../../../..${devicePath(kernel, one.hardware.address).slice(4)}`]));
  const module = name === 'vfio-pci' ? 'vfio_pci' : (kernel.hardware.flatMap((one) => one.drivers).find((can) => can.driver === name)?.module ?? null);
  const fixed: Record<string, View> = { bind: text('', 0o200), unbind: text('', 0o200), new_id: text('', 0o200), remove_id: text('', 0o200), uevent: text('', 0o200) };
  return listing(
    () => [...Object.keys(fixed), ...(module === null ? [] : ['module']), ...bound().keys()],
    (entry) => {
      const target = bound().get(entry);
      if (target !== undefined) return linkTo(target);
      if (entry === 'module' && module !== null) return linkTo(`../../../../module/${module}`);
      return Object.hasOwn(fixed, entry) ? (fixed[entry] ?? null) : null;
    },
  );
}

function moduleFolder(name: string): View {
  return folder({ refcnt: line('0'), initstate: line('live'), parameters: name === 'vfio_iommu_type1' ? folder({ allow_unsafe_interrupts: line('N', 0o644) }) : name === 'apparmor' ? folder({ enabled: line('Y') }) : null, holders: folder({}) });
}

function devicesOf(all: Subject): View {
  const { kernel } = all;
  const roots = new Map<string, PciState[]>();
  for (const state of childrenOf(kernel).get('') ?? []) {
    const bus = `pci${state.hardware.address.slice(0, state.hardware.address.lastIndexOf(':'))}`;
    const list = roots.get(bus);
    if (list === undefined) roots.set(bus, [state]);
    else list.push(state);
  }
  const busFolder = (name: string): View | null => {
    const states = roots.get(name);
    return states === undefined
      ? null
      : listing(() => states.filter((one) => one.present).map((one) => one.hardware.address), (address) => {
          const state = states.find((one) => one.hardware.address === address && one.present);
          return state === undefined ? null : deviceFolder(kernel, state, 3);
        });
  };
  const fixed: Record<string, View> = { system: folder({ cpu: all.cpu }), virtual: virtualDevices(all), platform: folder({}) };
  return listing(() => [...roots.keys(), ...Object.keys(fixed)], (name) => (Object.hasOwn(fixed, name) ? (fixed[name] ?? null) : busFolder(name)));
}

/** Consoles by number; the dummy takes over when nothing draws (claim framebuffer-leaves). */
function virtualDevices({ kernel, dmi }: Subject): View {
  const drawn = () => framebuffers(kernel).length > 0;
  return folder({
    dmi: folder({ id: folder(Object.fromEntries(Object.entries(dmi).map(([name, value]) => [name, line(value)]))) }),
    vtconsole: folderOf(kernel, {
      vtcon0: () => folder({ name: line('(S) dummy device'), bind: line(drawn() ? '0' : '1', 0o644) }),
      vtcon1: () => (drawn() ? folder({ name: line('(M) frame buffer device'), bind: line('1', 0o644) }) : null),
    }),
  });
}

/** Lines of /proc/fb without their numbers: DRM names are the driver's with `drmfb`, cut to 15 characters (host.md 1.5.2). */
export function framebuffers(kernel: Kernel): readonly { name: string; device: PciAddress }[] {
  const lit = drmCards(kernel).filter((one) => one.hardware.class !== '0302').map((one) => ({ name: `${one.driver ?? ''}drmfb`.slice(0, 15), device: one.hardware.address }));
  if (kernel.firmwareFramebuffer && kernel.bootDisplay !== null) return [{ name: kernel.firmware === 'uefi' ? 'EFI VGA' : 'VESA VGA', device: kernel.bootDisplay }, ...lit];
  return lit;
}

function kernelFolder(kernel: Kernel): View {
  const groups = new Set([...kernel.byGroup.keys()].map(String));
  return folder({
    iommu_groups: listing(() => groups, (name) => (groups.has(name) ? groupFolder(kernel, Number(name)) : null)),
    mm: folder({ hugepages: folder({ 'hugepages-2048kB': pool(kernel, 'hugepages-2048kB') }) }),
    security: folder({ lockdown: line('[none] integrity confidentiality') }),
  });
}

const pool = (kernel: Kernel, name: string): View => {
  const count = (): View => line(kernel.parameters.get(name) ?? '0', 0o644);
  return folderOf(kernel, { nr_hugepages: count, free_hugepages: count });
};

function groupFolder(kernel: Kernel, group: number): View {
  const members = membersOf(kernel, group);
  const type = kernel.args.includes('iommu=pt') && !members.some((one) => one.driver === 'vfio-pci') ? 'identity' : 'DMA-FQ';
  return folder({
    devices: links(new Map(members.map((one) => [one.hardware.address, `../../../..${devicePath(kernel, one.hardware.address).slice(4)}`]))),
    type: line(type, 0o644),
    reserved_regions: text('0x00000000fee00000 0x00000000feefffff msi\n'),
  });
}

function classes(all: Subject): View {
  const { kernel } = all;
  return folder({
    iommu: folder(kernel.byGroup.size > 0 ? Object.fromEntries(all.iommuUnits.map((unit) => [unit, folder({ devices: folder({}) })])) : {}),
    drm: drmClass(kernel),
    vtconsole: folderOf(kernel, {
      vtcon0: () => linkTo('../../devices/virtual/vtconsole/vtcon0'),
      vtcon1: () => (framebuffers(kernel).length > 0 ? linkTo('../../devices/virtual/vtconsole/vtcon1') : null),
    }),
    dmi: folder({ id: linkTo('../../devices/virtual/dmi/id') }),
    graphics: listing(() => framebuffers(kernel).map((_, index) => `fb${index}`), (name) => {
      const one = framebuffers(kernel)[Number(name.slice(2))];
      return one === undefined ? null : folder({ name: line(one.name), device: linkTo(`../../..${devicePath(kernel, one.device).slice(4)}`) });
    }),
  });
}

function drmClass(kernel: Kernel): View {
  const targets = () => {
    const drm = new Map<string, string>();
    drmCards(kernel).forEach((one, card) => {
      const at = `../..${devicePath(kernel, one.hardware.address).slice(4)}/drm`;
      drm.set(`card${card}`, `${at}/card${card}`);
      drm.set(`renderD${128 + card}`, `${at}/renderD${128 + card}`);
      if (one.hardware.class !== '0302') drm.set(`card${card}-HDMI-A-1`, `${at}/card${card}/card${card}-HDMI-A-1`);
    });
    return drm;
  };
  return listing(() => targets().keys(), (name) => {
    const target = targets().get(name);
    return target === undefined ? null : linkTo(target);
  });
}

/** /dev as far as it matters: claim vfio-node. */
export function devicesFolder(kernel: Kernel): View {
  const groups = () => new Set([...kernel.functions.values()].flatMap((one) => (one.driver === 'vfio-pci' && one.group !== null ? [String(one.group)] : [])));
  const vfio = listing(() => [...(kernel.modules.has('vfio') ? ['vfio'] : []), ...groups()], (name) =>
    name === 'vfio' && kernel.modules.has('vfio') ? device(10, 196, 0o666) : groups().has(name) ? device(511, Number(name)) : null,
  );
  const dri = listing(
    () => drmCards(kernel).flatMap((_, card) => [`card${card}`, `renderD${128 + card}`]),
    (name) => {
      const minor = Number(name.replace(/\D+/, ''));
      return drmCards(kernel)[minor % 128] === undefined ? null : device(226, minor, 0o660);
    },
  );
  return folderOf(kernel, { vfio: () => (kernel.modules.has('vfio') ? vfio : null), dri: () => dri, kvm: () => device(10, 232, 0o666), null: () => device(1, 3, 0o666) });
}
