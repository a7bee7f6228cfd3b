// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../contract/facts';
import { isPciAddress } from '../core/read/address';
import type { Random } from './random';

/** A part of the machine as the rehearsal has it: stated by the record, or *assumed* and the person's to choose. */
export interface Part {
  readonly part: PartName;
  readonly chosen: string;
  readonly options: readonly string[];
  /** False when the record itself says so. */
  readonly assumed: boolean;
}

export const partNames = ['distribution', 'kernel', 'loader', 'generator', 'firmware', 'boot-volume', 'kernels', 'processor', 'iommu', 'groups', 'boot-display', 'screens', 'drivers', 'early-graphics', 'microcode', 'other-settings'] as const;
export type PartName = (typeof partNames)[number];
export type Parts = Readonly<Record<PartName, string>>;
/** A person's answers, by part. An answer for a stated part, or one that is no option, is not taken. */
export type Choices = Readonly<Partial<Record<PartName, string>>>;
export const isPartName = (text: string): text is PartName => partNames.some((name) => name === text);

type Option = { readonly stated: string } | { readonly options: readonly [string, ...string[]] };

/** What the record says about each part, or between what there is to choose; the first option is the usual one. */
const parts: Readonly<Record<PartName, (facts: HostFacts) => Option>> = {
  distribution: ({ system }) => statedOr(system.distribution.value === null ? null : named(system.distribution.value), ['debian 13', 'debian 12', 'ubuntu 24.04']),
  kernel: ({ kernel }) => statedOr(/^\d[\w.+~-]{0,79}$/.test(kernel.release.value ?? '') ? kernel.release.value : null, ['6.12.43+deb13-amd64', '6.1.0-25-amd64', '6.8.0-49-generic']),
  loader: ({ system }) => statedOr(system.bootLoader.value, ['grub', 'systemd-boot']),
  generator: ({ system }) => statedOr(system.initramfs.value, ['initramfs-tools', 'dracut']),
  firmware: ({ firmware }) => statedOr(firmware.mode.value, ['uefi', 'bios']),
  'boot-volume': ({ system }) => statedOr(volumeStated(system.mounts.value), ['root-ext4', 'own-ext4', 'root-btrfs', 'root-lvm']),
  kernels: () => ({ options: ['one', 'two'] }),
  processor: (facts) => statedOr(facts.cpu.vendor.value ?? vendorByBridge(facts), ['amd', 'intel']),
  iommu: (facts) => statedOr(iommuStated(facts), (facts.iommu.groups.value ?? null) === null ? ['on', 'needs-argument', 'none'] : ['none', 'needs-argument']),
  groups: ({ iommu, pci }) => statedOr((iommu.groups.value ?? []).length > 0 || pci.functions.some((one) => one.iommuGroup !== null) ? 'as-recorded' : null, ['by-slot']),
  'boot-display': (facts) => bootDisplay(facts),
  screens: ({ display }) => statedOr((display.connectors.value ?? []).some((one) => one.status === 'connected') ? 'as-recorded' : null, ['boot-display', 'every-card']),
  drivers: ({ pci }) => statedOr(pci.functions.some((one) => one.unknown.includes('driver')) ? null : 'as-recorded', ['usual']),
  'early-graphics': () => ({ options: ['not-in-image', 'in-image'] }),
  microcode: () => ({ options: ['in-image', 'none'] }),
  'other-settings': () => ({ options: ['none', 'own-drop-ins', 'own-custom'] }),
};

const statedOr = (stated: string | null, options: readonly [string, ...string[]]): Option => (stated === null ? { options } : { stated });
const named = ({ id, version }: { id: string; version: string | null }): string => (version === null ? id : `${id} ${version}`);

function volumeStated(mounts: HostFacts['system']['mounts']['value']): string | null {
  const boot = mounts?.find((one) => one.path === '/boot');
  const root = mounts?.find((one) => one.path === '/');
  const of = boot ?? root;
  if (of === undefined) return null;
  if (/^\/dev\/(mapper\/|dm-)/.test(of.source)) return 'root-lvm';
  return `${boot === undefined ? 'root' : 'own'}-${of.kind}`;
}

/** Whose processor it is shows in the host bridge; nothing of a card tells. */
function vendorByBridge({ pci }: HostFacts): string | null {
  const bridge = pci.functions.find((one) => one.class === '0600');
  return bridge?.vendor === '8086' ? 'intel' : bridge?.vendor === '1022' ? 'amd' : null;
}

function iommuStated({ iommu, pci, kernel }: HostFacts): string | null {
  const grouped = (iommu.groups.value ?? []).length > 0 || pci.functions.some((one) => one.iommuGroup !== null);
  if (grouped) return (kernel.args.value ?? []).some((arg) => arg.startsWith('intel_iommu=on')) ? 'on-by-argument' : 'on';
  if (iommu.groups.value === null) return null;
  return iommu.table.value === 'none' || (kernel.args.value ?? []).some((arg) => /^(?:intel_|amd_)?iommu=off/.test(arg)) ? 'none' : iommu.table.value === null ? null : 'needs-argument';
}

function bootDisplay({ display, pci }: HostFacts): Option {
  const stated = display.bootDisplay.value ?? pci.functions.find((one) => one.bootVga === true)?.address ?? null;
  if (stated !== null) return { stated };
  const cards = pci.functions.filter((one) => one.class.startsWith('03')).sort((a, b) => (a.class === '0300' ? 0 : 1) - (b.class === '0300' ? 0 : 1));
  // Firmware prefers the graphics on the root bus, when there is some.
  const ordered = [...cards.filter((one) => one.upstream.length === 0 && !one.unknown.includes('topology')), ...cards].map((one) => one.address);
  const [first, ...rest] = [...new Set(ordered)];
  return first === undefined ? { stated: 'none' } : { options: [first, ...rest] };
}

/** Every part with what was chosen for it: by the record, by the person, by the seed, or else the usual. */
export function chooseParts(facts: HostFacts, choices: Choices, random: Random | null): readonly Part[] {
  return partNames.map((part): Part => {
    const option = parts[part](facts);
    if ('stated' in option) return { part, chosen: option.stated, options: [option.stated], assumed: false };
    const wish = choices[part];
    const taken = wish !== undefined && option.options.includes(wish) ? wish : random === null ? option.options[0] : random.pick(option.options);
    return { part, chosen: taken, options: option.options, assumed: true };
  });
}

export function partsOf(list: readonly Part[]): Parts {
  const get = (name: PartName) => list.find((one) => one.part === name)?.chosen ?? '';
  return {
    distribution: get('distribution'),
    kernel: get('kernel'),
    loader: get('loader'),
    generator: get('generator'),
    firmware: get('firmware'),
    'boot-volume': get('boot-volume'),
    kernels: get('kernels'),
    processor: get('processor'),
    iommu: get('iommu'),
    groups: get('groups'),
    'boot-display': get('boot-display'),
    screens: get('screens'),
    drivers: get('drivers'),
    'early-graphics': get('early-graphics'),
    microcode: get('microcode'),
    'other-settings': get('other-settings'),
  };
}

export const displayOf = (parts: Parts) => (isPciAddress(parts['boot-display']) ? parts['boot-display'] : null);
