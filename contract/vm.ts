// SPDX-License-Identifier: GPL-3.0-or-later
import * as z from 'zod';
import { pciAddress } from './pci';

/** A name that is safe in the files libvirt derives from it (NVRAM, log, channel): letters, digits, `._-`. */
export const vmName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/);
export const vmUuid = z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
/** A unicast address in lower-case hex. */
export const macAddress = z.string().regex(/^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/);
/** An absolute path without control characters; it is only ever escaped into XML, never run. */
export const hostPath = z.string().regex(/^\/[^\p{Cc}\p{Cs}]{0,1023}$/u);
const interfaceName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,14}$/);
const networkName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._ -]{0,62}$/);
const hex4 = z.string().regex(/^[0-9a-f]{4}$/);
const thread = z.number().int().min(0).max(65_535);
const mebibytes = z.number().int().min(128).max(64 * 1024 * 1024);

export const guestSystems = ['windows-11', 'windows-10', 'linux', 'other'] as const;
export const guestSystem = z.enum(guestSystems);
export type GuestSystem = (typeof guestSystems)[number];

/** `enforced`: keys enrolled, unsigned loaders refused. `open`: able to, but without keys. `off`: the plain build, no SMM. */
export const vmFirmware = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('uefi'), secureBoot: z.enum(['enforced', 'open', 'off']) }),
  z.strictObject({ kind: z.literal('bios') }),
]);

/** Which host threads run what; made by core/vm/tuning. */
export const vmPinning = z.strictObject({
  /** The host thread of each virtual CPU, in order. */
  vcpus: z.array(thread).min(1).max(512),
  emulator: z.array(thread).min(1).max(512),
  io: z.array(thread).min(1).max(512),
  /** Where the memory lies. `strict` fails the start when it does not fit; `preferred` spills over. */
  memory: z.strictObject({ node: z.number().int().min(0).max(1023), mode: z.enum(['strict', 'preferred']) }).nullable(),
});
export type VmPinning = z.infer<typeof vmPinning>;

export const vmCpu = z.strictObject({
  /** False: without KVM, by emulation; slow, and said so. */
  accelerated: z.boolean(),
  cores: z.number().int().min(1).max(512),
  /** Threads of a core as the guest sees it. */
  threads: z.number().int().min(1).max(8),
  pinning: vmPinning.nullable(),
  /** While it runs, programs of the host keep off the threads it is pinned to; done by the hook that hands its card over. */
  apart: z.literal(true).exactOptional(),
  /** Lets the guest run virtual machines of its own (WSL2, Hyper-V). Off for Windows by default: it would switch on VBS. */
  nested: z.boolean(),
  /** Hides KVM from the guest: only for NVIDIA drivers before R465 and programs that refuse VMs. */
  hideHypervisor: z.boolean(),
  share: z.enum(['low', 'normal', 'high']),
  /** Upper bound of each virtual CPU's time in per cent of one thread; null: none. */
  capPercent: z.number().int().min(5).max(100).nullable(),
});

export const vmMemory = z.strictObject({
  sizeMiB: mebibytes,
  pages: z.enum(['ordinary', '2M', '1G']),
  /** Upper bound of the whole emulator's memory; null: none, which is right with a card (libvirt's manual discourages it). */
  limitMiB: mebibytes.nullable(),
});

const bootOrder = z.number().int().min(1).max(16).nullable();

/** `function` is a whole NVMe controller given away: the fastest disk there is. */
export const vmDisk = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('image'), path: hostPath, format: z.enum(['qcow2', 'raw']), bus: z.enum(['virtio', 'sata']), boot: bootOrder }),
  z.strictObject({ kind: z.literal('block'), path: hostPath, bus: z.enum(['virtio', 'sata']), boot: bootOrder }),
  z.strictObject({ kind: z.literal('function'), address: pciAddress, boot: bootOrder }),
]);
export type VmDisk = z.infer<typeof vmDisk>;

/** A disc in a drive. Letters and order in Windows follow the order here. */
export const vmDisc = z.strictObject({ path: hostPath, holds: z.enum(['system', 'drivers', 'answers', 'other']), boot: bootOrder });

export const vmNetwork = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('nat'), network: networkName, mac: macAddress }),
  z.strictObject({ kind: z.literal('bridge'), bridge: interfaceName, mac: macAddress }),
  z.strictObject({ kind: z.literal('direct'), parent: interfaceName, mac: macAddress }),
  z.strictObject({ kind: z.literal('function'), address: pciAddress, vlan: z.number().int().min(1).max(4094).nullable(), mac: macAddress }),
  /** The network of a connection without rights: slirp's. */
  z.strictObject({ kind: z.literal('user'), mac: macAddress }),
]);
export type VmNetwork = z.infer<typeof vmNetwork>;

export const vmAudio = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('spice') }),
  /** The socket of PulseAudio or of pipewire-pulse. */
  z.strictObject({ kind: z.literal('pulseaudio'), socket: hostPath }),
  z.strictObject({ kind: z.literal('pipewire'), runtimeDir: hostPath }),
]);

const inputNode = z.string().regex(/^\/dev\/input\/by-(?:id|path)\/[^\p{Cc}/]{1,200}$/u);
export const toggles = ['ctrl-ctrl', 'alt-alt', 'shift-shift', 'meta-meta', 'scrolllock', 'ctrl-scrolllock'] as const;
/** Keyboard and mouse of this computer lent to the guest: the first device holds the toggle that moves all of them. */
export const vmInput = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('emulated') }),
  z.strictObject({ kind: z.literal('evdev'), keyboards: z.array(inputNode).min(1).max(4), mice: z.array(inputNode).max(4), toggle: z.enum(toggles) }),
]);

/** USB things given away: a device by its ids, or a whole controller, which lets plugging in work. */
export const vmUsb = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('device'), vendor: hex4, product: hex4 }),
  z.strictObject({ kind: z.literal('controller'), address: pciAddress }),
]);

/** Where a person sees and hears the guest. */
export const vmDisplay = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  /**
   * Absent `password`: on a socket that only libvirt's own viewers are let in to. With one: on this computer's loopback, which the
   * window can show; the password keeps other people of this computer out (docs/decisions/0125).
   */
  z.strictObject({ kind: z.literal('vnc'), password: z.string().regex(/^[A-Za-z0-9]{8}$/).exactOptional() }),
  z.strictObject({ kind: z.literal('spice') }),
  /** Shared memory between guest and the Looking Glass client; `kvmfr` is its kernel module. */
  z.strictObject({ kind: z.literal('looking-glass'), sizeMiB: z.number().int().min(16).max(1024), through: z.enum(['shm', 'kvmfr']) }),
]);

export const vmRom = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('card') }),
  z.strictObject({ kind: z.literal('hidden') }),
  z.strictObject({ kind: z.literal('file'), path: hostPath }),
]);

/** The graphics modes of a VM (architecture, decision 5). */
export const vmGraphics = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('vga') }),
  /** API forwarding: the host's card draws. `node` is a render node or null for libvirt's choice. */
  z.strictObject({ mode: z.literal('virtio-3d'), node: z.string().regex(/^\/dev\/dri\/renderD\d{1,4}$/).nullable() }),
  z.strictObject({
    mode: z.literal('passthrough'),
    way: z.enum(['dedicated', 'on-demand', 'single-card']),
    /** The card's functions, the drawing one first; they share one slot in the guest as on the host. */
    functions: z.array(pciAddress).min(1).max(8),
    /** Other devices of the same group that must go along, each in a slot of its own. */
    along: z.array(pciAddress).max(16),
    rom: vmRom,
    vendor: z.enum(['nvidia', 'amd', 'intel', 'other']),
  }),
  /**
   * `picture`: how its driver hands out what the part draws (QEMU: hw/vfio/display.c). `pixels`: as memory, for every screen (NVIDIA).
   * `buffers`: as buffers of the host's card, which only a screen with OpenGL can show (GVT-g). `none`: not at all, or to no screen of this host.
   */
  z.strictObject({ mode: z.literal('mdev'), uuid: vmUuid, picture: z.enum(['none', 'pixels', 'buffers']) }),
  /** `vendor`: a VF that stays with its maker's driver on the host (NVIDIA vGPU on SR-IOV). */
  z.strictObject({ mode: z.literal('sriov'), address: pciAddress, driver: z.enum(['vfio', 'vendor']) }),
  z.strictObject({ mode: z.literal('none') }),
]);
export type VmGraphics = z.infer<typeof vmGraphics>;

/** What a person wants of a virtual machine, whole: everything its XML is drawn from, together with the host's abilities. */
export const vmRecipe = z.strictObject({
  schema: z.literal(1),
  name: vmName,
  uuid: vmUuid,
  system: guestSystem,
  firmware: vmFirmware,
  tpm: z.boolean(),
  cpu: vmCpu,
  memory: vmMemory,
  disks: z.array(vmDisk).max(8),
  discs: z.array(vmDisc).max(6),
  networks: z.array(vmNetwork).max(8),
  audio: vmAudio,
  input: vmInput,
  usb: z.array(vmUsb).max(16),
  display: vmDisplay,
  graphics: vmGraphics,
  /** The guest's 64-bit window for card memory in MiB, for old firmware and very large cards; null: the firmware's own choice. */
  windowMiB: z.number().int().min(1024).max(64 * 1024 * 1024).nullable(),
  /** A channel for the guest agent. */
  agent: z.boolean(),
});
export type VmRecipe = z.infer<typeof vmRecipe>;
