// SPDX-License-Identifier: GPL-3.0-or-later
import type { CardHolder, HolderKind } from '../../contract/hand-off';
import type { PciAddress, PciFunction } from '../../contract/pci';
import { isDisplayManager } from '../../core/hand-off/table';
import type { HandLook } from '../../core/hand-off/look';
import { partOf } from '../../core/hand-off/drivers';
import { line } from '../fact';
import { lookAtHolders } from '../holders';
import type { Machine } from '../machine';
import { belowDisk, belowUsb } from './below';
import { endingWith } from './desktop';
import { onHost, openedByVfio } from './quiet';

export interface Found {
  readonly holders: readonly CardHolder[];
  /** False when a process could not be searched: then nobody may say that a card is free. */
  readonly complete: boolean;
  /** Those of the processes that end with the log-in screen. */
  readonly ending: ReadonlySet<number>;
}

const most = 64;

/** Everybody who uses these functions, each with what proves it. Reads only; a process that ends meanwhile is no holder. */
export function findHolders(machine: Machine, functions: readonly PciFunction[], look: HandLook): Found {
  const wanted = new Set<string>(functions.map((one) => one.address));
  const processes = lookAtHolders(machine, { pci: { functions: [...functions], complete: true }, machine: onHost });
  const named = (processes.holders.value ?? [])
    .filter((one) => wanted.has(one.device))
    .map((one): CardHolder => ({ ...one, ...kindOf(machine, one.pid, one.command), name: one.command === '' ? String(one.pid) : one.command, evidence: [one.how === '' ? `/proc/${one.pid}` : one.how] }));
  const known = new Set(named.map((one) => one.pid));
  const vms = openedByVfio(machine, functions.map((one) => one.address))
    .filter((one) => !known.has(one.pid))
    .map(({ pid, device }): CardHolder => ({ device, pid, name: line(machine, `/proc/${pid}/comm`)?.slice(0, 64) ?? String(pid), uid: null, ...kindOf(machine, pid, 'qemu'), kind: 'vm', evidence: [`/proc/${pid}/fd: VFIO`] }));
  const below = functions.flatMap((one) => (partOf(one.class) === 'disk' ? belowDisk(machine, one.address) : partOf(one.class) === 'usb' ? belowUsb(machine, one.address) : []));
  const holders = [...named, ...vms, ...below, ...drawnOn(look, functions)].map(slim);
  const ending = endingWith(machine, look.manager, holders.flatMap((one) => one.pid ?? []));
  return { holders: holders.slice(0, most), complete: processes.holders.value !== null && processes.holdersComplete && holders.length <= most, ending };
}

const slim = ({ device, kind, pid, name, uid, unit, evidence }: CardHolder): CardHolder => ({ device, kind, pid, name, uid, unit, evidence });

const compositors = /^(?:Xorg|Xwayland|X|gnome-shell|gnome-session.*|kwin_wayland|kwin_x11|plasmashell|sway|Hyprland|weston|mutter|cosmic-comp|labwc|wayfire|river|niri|cinnamon|xfwm4|lightdm-gtk-gre|sddm-greeter.*|gdm.*)$/;
const containers = /(?:docker|libpod|cri-containerd|crio)-([0-9a-f]{12,64})\.scope|\/docker\/([0-9a-f]{12,64})|\/lxc(?:\.payload)?[./]([A-Za-z0-9_-]{1,64})|machine-([A-Za-z0-9_.\\-]{1,64})\.scope/;

/** Who a process belongs to, by the control group systemd put it in. */
function kindOf(machine: Machine, pid: number, command: string): { readonly kind: HolderKind; readonly unit: string | null } {
  const group = line(machine, `/proc/${pid}/cgroup`) ?? '';
  const unit = group.split(/[/\n]/).filter((part) => /\.(?:service|scope)$/.test(part)).at(-1)?.slice(0, 256) ?? null;
  if (/machine-qemu|libvirt-qemu/.test(group) || /^(?:qemu|kvm)/.test(command)) return { kind: 'vm', unit };
  const container = containerOf(group);
  if (container !== null) return { kind: 'container', unit: container };
  if (compositors.test(command) || (unit !== null && isDisplayManager(unit))) return { kind: 'session', unit };
  const isSystems = /\/system\.slice\//.test(group) && unit?.endsWith('.service') === true;
  return { kind: isSystems ? 'service' : 'program', unit };
}

const containerOf = (group: string): string | null => containers.exec(group)?.slice(1).find((id) => id !== undefined)?.slice(0, 64) ?? null;

/** The text console on a frame buffer of the card: no process, and a driver may wait for it all the same. */
function drawnOn(look: HandLook, functions: readonly PciFunction[]): readonly CardHolder[] {
  const console = look.consoles.find((one) => one.bound && one.name.includes('frame buffer device'));
  if (console === undefined) return [];
  const mine = new Set<PciAddress | null>(functions.map((one) => one.address));
  return look.framebuffers.flatMap(({ device, name }): CardHolder[] =>
    device !== null && mine.has(device) ? [{ device, kind: 'console', pid: null, name: console.console, uid: null, unit: null, evidence: [`/proc/fb: ${name}`, `/sys/class/vtconsole/${console.console}/bind`] }] : [],
  );
}
