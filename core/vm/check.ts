// SPDX-License-Identifier: GPL-3.0-or-later
import { failed, ok, type Detail, type Result } from '../../contract/problem';
import type { VmRecipe } from '../../contract/vm';
import type { VmRefusalCode } from '../../contract/vm-codes';
import type { VmHost } from '../../contract/vm-host';
import { mayBeApart } from './apart';
import { hasSpice, isWindows, pinsMemory } from './draft';
import { isNewEnough, mayUse } from './gates';
import { most } from './ports';

interface Refusal {
  readonly why: VmRefusalCode;
  readonly detail?: Detail;
}
type Check = (recipe: VmRecipe, host: VmHost) => Refusal | null;

/** A recipe that contradicts itself is `refused`; one this host cannot run is `unsupported-host`. The first reason found is told. */
export function checkRecipe(recipe: VmRecipe, host: VmHost): Result<void> {
  for (const [code, checks] of [['refused', contradictions] as const, ['unsupported-host', lacks] as const]) {
    for (const check of checks) {
      const found = check(recipe, host);
      if (found !== null) return failed(code, { why: found.why, ...found.detail });
    }
  }
  return ok(undefined);
}

const when = (wrong: boolean, why: VmRefusalCode, detail?: Detail): Refusal | null => (wrong ? (detail === undefined ? { why } : { why, detail }) : null);
const twice = (values: readonly string[]): string | undefined => values.find((value, at) => values.indexOf(value) !== at);
const first = (found: string | undefined, why: VmRefusalCode, key: string): Refusal | null => (found === undefined ? null : { why, detail: { [key]: found } });

/** Addresses of this computer's functions that the guest would get. */
export const givenFunctions = (recipe: VmRecipe): string[] => [
  ...(recipe.graphics.mode === 'passthrough' ? [...recipe.graphics.functions, ...recipe.graphics.along] : []),
  ...(recipe.graphics.mode === 'sriov' ? [recipe.graphics.address] : []),
  ...recipe.disks.flatMap((disk) => (disk.kind === 'function' ? [disk.address] : [])),
  ...recipe.networks.flatMap((network) => (network.kind === 'function' ? [network.address] : [])),
  ...recipe.usb.flatMap((usb) => (usb.kind === 'controller' ? [usb.address] : [])),
];

const paths = (recipe: VmRecipe): string[] => [...recipe.disks.flatMap((disk) => (disk.kind === 'function' ? [] : [disk.path])), ...recipe.discs.map((disc) => disc.path)];
const orders = (recipe: VmRecipe): string[] => [...recipe.disks, ...recipe.discs].flatMap((one) => (one.boot === null ? [] : [String(one.boot)]));

const contradictions: readonly Check[] = [
  (recipe) => when(recipe.tpm && recipe.firmware.kind === 'bios', 'tpm-needs-uefi'),
  (recipe) => when(recipe.system === 'windows-11' && recipe.firmware.kind === 'bios', 'secure-needs-uefi'),
  (recipe) => first(twice(givenFunctions(recipe)), 'device-twice', 'address'),
  (recipe) => first(twice(recipe.networks.map((network) => network.mac)), 'mac-twice', 'mac'),
  (recipe) => first(twice(paths(recipe)), 'path-twice', 'path'),
  (recipe) => first(twice(orders(recipe)), 'boot-order-twice', 'order'),
  (recipe) => when(orders(recipe).length === 0, 'no-boot'),
  (recipe) => checkPins(recipe),
  (recipe) => checkPicture(recipe),
  (recipe) => when(recipe.audio.kind === 'spice' && !hasSpice(recipe), 'audio-needs-spice'),
  (recipe) => when(recipe.memory.pages === '1G' && recipe.memory.sizeMiB % 1024 !== 0, 'pages-not-whole'),
  (recipe) => when(recipe.memory.limitMiB !== null && recipe.memory.limitMiB <= recipe.memory.sizeMiB, 'limit-too-small', { least: String(recipe.memory.sizeMiB + 1024) }),
  (recipe) => when(recipe.cpu.apart === true && !mayBeApart(recipe), 'apart-needs-hook'),
  (recipe) => when(slots(recipe) > most, 'too-many-devices', { most: String(most) }),
];

/** Each virtual CPU has a thread of its own, and the emulator runs on none of them unless there is no other (core/vm/tuning says so then). */
function checkPins({ cpu }: VmRecipe): Refusal | null {
  if (cpu.pinning === null) return null;
  const { vcpus } = cpu.pinning;
  if (vcpus.length !== cpu.cores * cpu.threads) return { why: 'pins-count', detail: { pins: String(vcpus.length), cpus: String(cpu.cores * cpu.threads) } };
  return first(twice(vcpus.map(String)), 'pins-twice', 'thread');
}

function checkPicture(recipe: VmRecipe): Refusal | null {
  const { graphics, display } = recipe;
  if (graphics.mode === 'none') return when(display.kind !== 'none', 'picture-needs-display');
  if (graphics.mode === 'vga') return when(display.kind === 'none', 'picture-needs-display');
  if (graphics.mode === 'virtio-3d') {
    if (isWindows(recipe)) return { why: 'virtio-3d-system' };
    return when(display.kind !== 'vnc' && display.kind !== 'spice', 'gl-needs-display');
  }
  // No viewer of this computer can show anything while its only card is away.
  if (graphics.mode === 'passthrough' && graphics.way === 'single-card') return when(display.kind !== 'none' || recipe.input.kind === 'evdev', 'single-card-display');
  if (display.kind !== 'looking-glass') return null;
  return when((display.sizeMiB & (display.sizeMiB - 1)) !== 0, 'share-not-power-of-two');
}

/** Ports the devices of a recipe take at most. */
function slots(recipe: VmRecipe): number {
  const card = recipe.graphics.mode === 'passthrough' ? 1 + recipe.graphics.along.length : 1;
  const controllers = recipe.usb.filter((usb) => usb.kind === 'controller').length;
  return card + controllers + recipe.networks.length + recipe.disks.length + 8;
}

const lacks: readonly Check[] = [
  (_recipe, host) => when(!isNewEnough(host), 'too-old', { libvirt: versionText(host.libvirt), qemu: versionText(host.qemu) }),
  (recipe, host) => when(recipe.cpu.accelerated && !host.accelerated, 'no-kvm'),
  (recipe, host) => when(recipe.firmware.kind === 'uefi' && !host.efi, 'no-efi'),
  (recipe, host) => when(recipe.firmware.kind === 'uefi' && recipe.firmware.secureBoot !== 'off' && !host.secureLoader, 'no-secure-loader'),
  (recipe, host) => when(recipe.tpm && !(mayUse(host.tpmModels, 'tpm-crb') && mayUse(host.tpmBackends, 'emulator')), 'no-tpm'),
  (recipe, host) => when(recipe.display.kind === 'vnc' && !mayUse(host.graphics, 'vnc'), 'no-vnc'),
  (recipe, host) => when(hasSpice(recipe) && !mayUse(host.graphics, 'spice'), 'no-spice'),
  (recipe, host) => when((recipe.graphics.mode === 'virtio-3d' || (recipe.graphics.mode === 'mdev' && recipe.graphics.picture === 'buffers')) && recipe.display.kind === 'vnc' && !mayUse(host.graphics, 'egl-headless'), 'gl-needs-display'),
  (recipe, host) => when(pinsMemory(recipe) && host.connection === 'session', 'session-no-device'),
  (recipe, host) => when(pinsMemory(recipe) && host.pciBackends?.length === 0, 'no-vfio'),
  (recipe, host) => when(host.connection === 'session' && recipe.networks.some((network) => network.kind !== 'user'), 'session-no-network'),
];

export const versionText = ({ major, minor, patch }: VmHost['libvirt']): string => `${major}.${minor}.${patch}`;
