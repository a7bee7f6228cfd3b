// SPDX-License-Identifier: GPL-3.0-or-later
import type { PciAddress } from '../../contract/pci';
import type { GuestSystem, VmGraphics, VmRecipe } from '../../contract/vm';
import type { VmHost } from '../../contract/vm-host';
import type { VmTuning } from '../../contract/vm-tuning';
import { mayUse } from './gates';

/** What a person says before anything is drawn; names and numbers nobody may guess (uuid, MAC) come from outside. */
export interface VmWish {
  readonly name: string;
  readonly uuid: string;
  readonly mac: string;
  readonly system: GuestSystem;
  readonly graphics: VmGraphics;
  /** The disk image, which need not exist yet. */
  readonly disk: string;
}

/** A whole recipe with the choices most people want; each can be changed afterwards. */
export function draftRecipe(wish: VmWish, host: VmHost, tuning: VmTuning): VmRecipe {
  const windows = wish.system === 'windows-11' || wish.system === 'windows-10';
  const firmware: VmRecipe['firmware'] = host.efi ? { kind: 'uefi', secureBoot: windows && host.secureLoader ? 'enforced' : 'off' } : { kind: 'bios' };
  const pinned = wish.graphics.mode === 'passthrough' && host.connection === 'system';
  return {
    schema: 1,
    name: wish.name,
    uuid: wish.uuid,
    system: wish.system,
    firmware,
    tpm: windows && firmware.kind === 'uefi' && mayUse(host.tpmModels, 'tpm-crb') && mayUse(host.tpmBackends, 'emulator'),
    cpu: { accelerated: host.accelerated, ...coresFor(tuning, pinned), nested: false, hideHypervisor: false, share: 'normal', capPercent: null },
    memory: { sizeMiB: tuning.memory.sizeMiB, pages: pinned && tuning.memory.when === 'ready' ? tuning.memory.pages : 'ordinary', limitMiB: null },
    disks: [{ kind: 'image', path: wish.disk, format: 'qcow2', bus: 'virtio', boot: 1 }],
    discs: [],
    networks: [host.connection === 'system' ? { kind: 'nat', network: 'default', mac: wish.mac } : { kind: 'user', mac: wish.mac }],
    audio: { kind: 'none' },
    input: { kind: 'emulated' },
    usb: [],
    display: displayFor(wish.graphics, host),
    graphics: wish.graphics,
    windowMiB: null,
    agent: true,
  };
}

/** Only a guest that owns its memory and card gains from pins; others would only be hemmed in. */
const coresFor = (tuning: VmTuning, pinned: boolean): Pick<VmRecipe['cpu'], 'cores' | 'threads' | 'pinning'> =>
  pinned ? { cores: tuning.cores, threads: tuning.threads, pinning: tuning.pinning } : { cores: Math.min(4, tuning.cores), threads: 1, pinning: null };

/** A window of its own stays beside a given card until the person has seen the card's picture; the only card leaves nobody to look. */
function displayFor(graphics: VmGraphics, host: VmHost): VmRecipe['display'] {
  if (graphics.mode === 'none' || (graphics.mode === 'passthrough' && graphics.way === 'single-card')) return { kind: 'none' };
  const forwarded = graphics.mode === 'virtio-3d' && !mayUse(host.graphics, 'egl-headless');
  return forwarded && mayUse(host.graphics, 'spice') ? { kind: 'spice' } : { kind: 'vnc' };
}

/** The discs of an installation. */
export interface InstallDiscs {
  readonly system: string;
  readonly drivers: string | null;
  readonly answers: string | null;
}

/**
 * The same VM for its installation: an emulated picture, no device of this computer, one disk, and the discs.
 * Setup and a card are never debugged at once, and an answer file wipes the first disk it finds.
 */
export function installStage(recipe: VmRecipe, discs: InstallDiscs): VmRecipe {
  const kept = recipe.disks.filter((disk) => disk.kind !== 'function').slice(0, 1);
  const optional = (path: string | null, holds: 'drivers' | 'answers'): VmRecipe['discs'] => (path === null ? [] : [{ path, holds, boot: null }]);
  return {
    ...recipe,
    disks: kept.map((disk) => ({ ...disk, boot: 2 })),
    discs: [{ path: discs.system, holds: 'system', boot: 1 }, ...optional(discs.drivers, 'drivers'), ...optional(discs.answers, 'answers')],
    networks: recipe.networks.filter((network) => network.kind !== 'function'),
    audio: { kind: 'none' },
    input: { kind: 'emulated' },
    usb: recipe.usb.filter((usb) => usb.kind !== 'controller'),
    display: { kind: 'vnc' },
    graphics: { mode: 'vga' },
    memory: { ...recipe.memory, pages: 'ordinary' },
  };
}

/** The graphics of a recipe for a card that is given whole. */
export const cardGraphics = (way: 'dedicated' | 'on-demand' | 'single-card', functions: readonly PciAddress[], vendorId: string): VmGraphics => ({
  mode: 'passthrough',
  way,
  functions: [...functions].slice(0, 8),
  along: [],
  rom: { kind: 'card' },
  vendor: vendorId === '10de' ? 'nvidia' : vendorId === '1002' ? 'amd' : vendorId === '8086' ? 'intel' : 'other',
});
