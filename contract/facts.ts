// SPDX-License-Identifier: GPL-3.0-or-later
import * as z from 'zod';
import { pciAddress, pciFunction } from './pci';

/**
 * A fact remembers where it was read. `value: null` means *unknown*, never "no";
 * `from` then names the place that was asked in vain, or is null when there was nowhere to ask.
 */
const fact = <T extends z.ZodType>(value: T) => z.strictObject({ value: value.nullable(), from: z.string().max(256).nullable() });
export interface Fact<T> {
  readonly value: T | null;
  readonly from: string | null;
}

const text = z.string().max(512);
const flag = fact(z.boolean());

export const cpuThread = z.strictObject({
  /** Logical CPU number as the kernel counts. */
  id: z.number().int().nonnegative(),
  online: z.boolean(),
  package: z.number().int(),
  die: z.number().int(),
  /** Core id within its package and die. */
  core: z.number().int(),
  /** NUMA node, null when the machine has none. */
  node: z.number().int().nullable(),
  /** Index into `caches` of the last-level cache this thread shares; null unknown. */
  lastLevelCache: z.number().int().nullable(),
  kind: z.enum(['performance', 'efficiency', 'uniform']),
  /** kHz, null unknown. */
  maxFrequency: z.number().int().nullable(),
});
export const cpuTopology = z.strictObject({
  threads: z.array(cpuThread).max(4096),
  caches: z.array(z.strictObject({ level: z.number().int(), sizeKiB: z.number().int(), threads: z.array(z.number().int()).max(4096) })).max(4096),
});
export type CpuTopology = z.infer<typeof cpuTopology>;

export const iommuGroup = z.strictObject({
  id: z.number().int().nonnegative(),
  members: z.array(pciAddress).max(4096),
  /** `DMA`, `DMA-FQ`, `identity`, `blocked`, `unmanaged`; null unknown. */
  type: z.string().max(16).nullable(),
  reserved: z.array(z.strictObject({ start: z.string().max(20), end: z.string().max(20), kind: z.string().max(24) })).max(256),
});
export type IommuGroup = z.infer<typeof iommuGroup>;

export const connector = z.strictObject({
  /** e.g. `card1-HDMI-A-1` without the card: `HDMI-A-1`. */
  name: z.string().max(64),
  gpu: pciAddress.nullable(),
  status: z.enum(['connected', 'disconnected', 'unknown']),
  /** True when something is scanned out there now: a lit screen. */
  enabled: z.boolean().nullable(),
  internal: z.boolean(),
});

export const holder = z.strictObject({
  /** The function being held. */
  device: pciAddress,
  pid: z.number().int().positive(),
  command: z.string().max(64),
  uid: z.number().int().nullable(),
  /** What proves it: `/dev/dri/card1 open`, `maps /dev/nvidia0` ... */
  how: z.string().max(128),
  unit: z.string().max(256).nullable(),
});

/** A DRM card node and the function behind it; `card0` may be simpledrm's and stand for no function of its own. */
export const drmCard = z.strictObject({
  /** `card1`. */
  name: z.string().max(32),
  device: pciAddress.nullable(),
  /** `renderD128`, null when it has none. */
  render: z.string().max(32).nullable(),
});

/** A mounted file system that holds the system or what its loader reads. */
export const mount = z.strictObject({
  path: z.string().max(256),
  /** `ext4`, `vfat` ... */
  kind: z.string().max(32),
  source: z.string().max(256),
  readOnly: z.boolean(),
});

export const hugePagePool = z.strictObject({
  sizeKiB: z.number().int().positive(),
  node: z.number().int().nullable(),
  total: z.number().int(),
  free: z.number().int(),
});

/** A program or library the other parts need: present (with version when a file says it), absent, or unknown. */
export const tool = z.strictObject({ present: z.boolean().nullable(), version: z.string().max(64).nullable(), from: z.string().max(256).nullable() });

export const hostFacts = z.strictObject({
  schema: z.literal(1),
  /** `live`: this machine; `machine-file`: a recorded one; `text`: read out of pasted text. */
  source: z.enum(['live', 'machine-file', 'text']),
  machine: z.strictObject({
    vendor: fact(text),
    product: fact(text),
    boardVendor: fact(text),
    board: fact(text),
    firmwareVersion: fact(text),
    chassis: fact(z.enum(['desktop', 'laptop', 'server', 'sbc', 'vm', 'other'])),
    /** `none` on bare metal, else the hypervisor's name. */
    virtualised: fact(z.string().max(32)),
    /** `none`, or `docker`, `lxc`, `flatpak` ... */
    container: fact(z.string().max(32)),
  }),
  firmware: z.strictObject({
    mode: fact(z.enum(['uefi', 'bios'])),
    secureBoot: flag,
    lockdown: fact(z.enum(['none', 'integrity', 'confidentiality'])),
    /** Whether the next start can be told to open the firmware's settings (OsIndicationsSupported bit 0). */
    setupOnRestart: flag,
  }),
  cpu: z.strictObject({
    architecture: fact(z.string().max(16)),
    vendor: fact(z.enum(['intel', 'amd', 'hygon', 'arm', 'other'])),
    model: fact(text),
    /** vmx or svm in the flags. */
    virtualisation: fact(z.enum(['vmx', 'svm', 'none'])),
    flags: fact(z.array(z.string().max(32)).max(1024)),
    topology: fact(cpuTopology),
  }),
  memory: z.strictObject({
    /** Bytes. */
    total: fact(z.number()),
    available: fact(z.number()),
    nodes: fact(z.array(z.strictObject({ id: z.number().int(), total: z.number(), free: z.number().nullable(), cpus: z.array(z.number().int()).max(4096) })).max(256)),
    hugePages: fact(z.array(hugePagePool).max(1024)),
    /** `always`, `madvise`, `never`. */
    transparentHugePages: fact(z.string().max(16)),
  }),
  kernel: z.strictObject({
    release: fact(z.string().max(128)),
    args: fact(z.array(z.string().max(2048)).max(512)),
    /** Loaded modules. */
    modules: fact(z.array(z.string().max(64)).max(4096)),
    builtin: fact(z.array(z.string().max(64)).max(8192)),
    /** The CONFIG_ keys that matter here, as `CONFIG_X` -> `y` / `m` / `n` / text. */
    config: fact(z.record(z.string().max(64), z.string().max(128))),
    /** /proc/sys/kernel/bootloader_type. */
    bootloaderType: fact(z.number().int()),
    /** Lines of the kernel log that matter here, when it could be read. */
    log: fact(z.array(z.string().max(1024)).max(4096)),
  }),
  iommu: z.strictObject({
    units: fact(z.array(z.string().max(64)).max(256)),
    groups: fact(z.array(iommuGroup).max(8192)),
    /** True when the list of groups is known to be the whole list. */
    groupsComplete: z.boolean(),
    interruptRemapping: flag,
    unsafeInterrupts: flag,
    /** Firmware's table: `DMAR`, `IVRS`, `VIOT`, `IORT` or `none`. */
    table: fact(z.enum(['DMAR', 'IVRS', 'VIOT', 'IORT', 'none'])),
    acsOverride: flag,
  }),
  pci: z.strictObject({
    functions: z.array(pciFunction).max(16384),
    /** True when every function of the machine is in the list. */
    complete: z.boolean(),
  }),
  display: z.strictObject({
    connectors: fact(z.array(connector).max(256)),
    cards: fact(z.array(drmCard).max(64)),
    /** Names in /proc/fb. */
    framebuffers: fact(z.array(z.strictObject({ name: z.string().max(64), device: pciAddress.nullable() })).max(32)),
    consoles: fact(z.array(z.strictObject({ name: z.string().max(128), bound: z.boolean() })).max(32)),
    /** The function that owned firmware's framebuffer at start, however that was told (`from`). */
    bootDisplay: fact(pciAddress),
    manager: fact(z.string().max(128)),
    /** `wayland`, `x11`, `tty`, `none`. */
    session: fact(z.string().max(32)),
    /** True when this process was reached over ssh. */
    remote: flag,
  }),
  holders: fact(z.array(holder).max(1024)),
  /** True only when every process could be searched (root). */
  holdersComplete: z.boolean(),
  system: z.strictObject({
    distribution: fact(z.strictObject({ id: z.string().max(64), like: z.array(z.string().max(64)).max(16), version: z.string().max(64).nullable(), name: z.string().max(128) })),
    /** `no`, or what makes it immutable: `ostree`, `nixos`, `transactional`, `steamos` ... */
    immutable: fact(z.string().max(32)),
    init: fact(z.string().max(32)),
    /** The loader that started this machine, not one that is merely installed. */
    bootLoader: fact(z.enum(['grub', 'systemd-boot', 'uki', 'refind', 'limine', 'efi-stub', 'syslinux', 'proxmox-boot-tool', 'direct', 'other'])),
    /** The generator that owns the current initramfs image. */
    /** As the loader names itself: `systemd-boot 257.7`. */
    loaderVersion: fact(z.string().max(128)),
    /** Whether the running loader starts a one-shot entry (LoaderFeatures bit 3). Unknown for loaders that do not say. */
    loaderOneShot: flag,
    /** Id of the entry that was started (LoaderEntrySelected), or the kernel path of BOOT_IMAGE=. */
    bootEntry: fact(z.string().max(256)),
    /** The mounts of /, /usr, /boot, /efi and /boot/efi. */
    mounts: fact(z.array(mount).max(16)),
    /** Path of the initramfs image of the running kernel. */
    initramfsImage: fact(z.string().max(256)),
    initramfs: fact(z.enum(['initramfs-tools', 'dracut', 'mkinitcpio', 'booster', 'mkinitfs', 'other'])),
    secureModule: fact(z.enum(['apparmor', 'selinux', 'none'])),
    powerManagers: fact(z.array(z.string().max(64)).max(32)),
  }),
  virtualisation: z.strictObject({
    /** /dev/kvm could be opened by this user. Says nothing about a VM running. */
    kvmOpens: flag,
    nested: flag,
    libvirt: tool,
    qemu: tool,
    ovmf: tool,
    swtpm: tool,
    virsh: tool,
    vfioModules: fact(z.array(z.string().max(64)).max(32)),
    iommufd: flag,
  }),
  /** What the source said nothing about and would help: a closed list of things to paste or to look at as root. */
  missing: z.array(z.strictObject({ what: z.string().max(64), command: z.string().max(256).nullable() })).max(32),
});
export type HostFacts = z.infer<typeof hostFacts>;
