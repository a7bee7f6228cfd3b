// SPDX-License-Identifier: GPL-3.0-or-later
import * as z from 'zod';
import { pciAddress } from './pci';
import { deviceIdentity } from './plan';

/** The two ways of a card: *give* to a VM that starts, *take* back when it stopped. */
export const handWays = ['give', 'take'] as const;
export const handWay = z.enum(handWays);
export type HandWay = z.infer<typeof handWay>;

/**
 * Phases in the order in which they can come. *start*: from the start of our process to its first own line.
 * The first six only look; from *arm* on something changes, and each change has its way back.
 */
export const handPhases = [
  'start',
  'gate',
  'identity',
  'conflict',
  'holders',
  'reset',
  'arm',
  'session',
  'services',
  'consoles',
  'modules',
  'power',
  'unbind',
  'bind',
  'threads',
  'verify',
  'back',
  'disarm',
] as const;
export const handPhase = z.enum(handPhases);
export type HandPhase = z.infer<typeof handPhase>;

/** Who uses a card. *kernel*: a module nobody can name a user of; *console*: text drawn by the kernel on its frame buffer. */
export const holderKinds = ['vm', 'container', 'session', 'service', 'program', 'console', 'kernel', 'mount', 'swap', 'input'] as const;
export type HolderKind = (typeof holderKinds)[number];

/** What a person can do about a holder without harm; nothing of it is ever done unasked. */
export const holderActions = ['close', 'log-out', 'stop-service', 'stop-container', 'shut-down-vm', 'unmount', 'swap-off', 'replug', 'wait', 'restart'] as const;
export type HolderAction = (typeof holderActions)[number];

const word = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.:@+-]{0,127}$/);

export const cardHolder = z.strictObject({
  device: pciAddress,
  kind: z.enum(holderKinds),
  pid: z.number().int().positive().nullable(),
  /** Command, module, console, mount point or product name of a USB device. */
  name: z.string().max(64),
  uid: z.number().int().nonnegative().nullable(),
  /** systemd unit, or the container's id. */
  unit: z.string().max(256).nullable(),
  /** What proves it: a node that is open, a mapping, a file of /sys; the place that was read. */
  evidence: z.array(z.string().max(160)).min(1).max(8),
});
export type CardHolder = z.infer<typeof cardHolder>;

/** What happens when somebody else uses the card at the moment its VM starts: *move* ends what the table names, and only that. */
export const holderPolicies = ['refuse', 'ask', 'move'] as const;
export const handPolicy = z.strictObject({
  service: z.enum(holderPolicies),
  container: z.enum(['refuse', 'ask']),
  program: z.enum(['refuse', 'ask']),
});
export type HandPolicy = z.infer<typeof handPolicy>;

/** System services that hold a card without anybody seeing it and may be stopped for a while: host.md 4.5, 6.2 row 5. */
export const movableServices = [
  'nvidia-persistenced.service',
  'nvidia-powerd.service',
  'nvidia-fabricmanager.service',
  'nvidia-dcgm.service',
  'dcgm.service',
  'ollama.service',
  'lactd.service',
  'coolercontrold.service',
  'supergfxd.service',
  'switcheroo-control.service',
] as const;
export const movableService = z.enum(movableServices);
export type MovableService = z.infer<typeof movableService>;

/** Services that draw the log-in screen: the target of /etc/systemd/system/display-manager.service must be one of them. */
export const displayManagers = ['gdm', 'gdm3', 'sddm', 'lightdm', 'greetd', 'cosmic-greeter', 'plasmalogin', 'lxdm', 'emptty', 'lemurs', 'slim', 'xdm', 'nodm'] as const;
export const displayManagerUnit = z.string().regex(new RegExp(`^(?:(?:${displayManagers.join('|')})|ly@tty[1-9])\\.service$`));

/** One card our hook moves: every function that goes along, all of one slot. */
export const managedCard = z.strictObject({
  way: z.enum(['on-demand', 'single-card']),
  functions: z.array(deviceIdentity).min(1).max(16),
  policy: handPolicy,
  /** Services stopped while the VM has the card and started again after, in this order. */
  services: z.array(movableService).max(movableServices.length),
  /** Restart the machine in order when a driver hangs and no screen is left to say so. Only the person turns it on. */
  restartWhenStuck: z.boolean(),
});
export type ManagedCard = z.infer<typeof managedCard>;

/** Bytes of the table and of a VM's definition on the hook's standard input. */
export const handLimits = { table: 65_536, xml: 1_048_576 } as const;

const device = pciAddress;
const driver = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,47}$/);
const override = driver.nullable();

/** Control groups that everything of the host is in but VMs, which are in machine.slice (systemd.special(7)). */
export const hostSlices = ['user.slice', 'system.slice', 'init.scope'] as const;
export type HostSlice = (typeof hostSlices)[number];
/** Threads of processors as the kernel prints them, `0-3,8`. */
const threads = z.string().regex(/^\d{1,4}(?:-\d{1,4})?(?:,\d{1,4}(?:-\d{1,4})?){0,255}$/);

/** One change of a hand-off. Every one is done only where it is not true yet, and looked at again after. */
export const handAct = z.discriminatedUnion('act', [
  /** A transient timer that takes the card back if nobody else does; `on` false: it is stopped. */
  z.strictObject({ act: z.literal('timer'), on: z.boolean() }),
  z.strictObject({ act: z.literal('service'), unit: z.union([movableService, displayManagerUnit]), runs: z.boolean() }),
  z.strictObject({ act: z.literal('console'), console: z.string().regex(/^vtcon\d{1,2}$/), bound: z.boolean() }),
  z.strictObject({ act: z.literal('override'), device, driver: override }),
  z.strictObject({ act: z.literal('module'), module: word.max(64), loaded: z.boolean() }),
  z.strictObject({ act: z.literal('power'), device, control: z.enum(['on', 'auto']) }),
  /** Waits, at most for a while, until no program has any of these open any more: by their own nodes, or by VFIO's. */
  z.strictObject({ act: z.literal('quiet'), devices: z.array(device).min(1).max(64), of: z.enum(['own', 'vfio']) }),
  /** Away from this driver; true as soon as the function has another one or none. */
  z.strictObject({ act: z.literal('unbind'), device, driver }),
  /** Which threads programs of a slice may run on until the next start (systemd.resource-control(5), AllowedCPUs=). */
  z.strictObject({ act: z.literal('threads'), slice: z.enum(hostSlices), threads }),
  /** By `drivers_probe`, so only the driver of the override or the host's own can take it; null: whichever of the host's own wants it. */
  z.strictObject({ act: z.literal('bind'), device, driver: driver.nullable() }),
]);
export type HandAct = z.infer<typeof handAct>;

/** Why a hand-over was refused before anything changed; each has its sentences in words/. */
export const handRefusals = [
  'xml',
  'table',
  'changed',
  'absent',
  'with-vm',
  'moving',
  'stuck',
  'held',
  'not-searched',
  'no-group',
  'group',
  'known-bad',
  'one-driver-two-cards',
  'boot-only',
  'last-screen',
  'old-framebuffer',
  'firmware-picture',
  'no-reset',
  'virtual-functions',
  'manager',
  'busy',
] as const;
export type HandRefusal = (typeof handRefusals)[number];

/** Why a change did not come true. *stuck*: a task sits in the kernel and cannot be ended; nothing more is written there in this start. */
export const handTroubles = ['refused', 'stuck', 'half', 'lied', 'program', 'thrown', 'vm-runs', 'journal'] as const;
export const handTrouble = z.enum(handTroubles);
export type HandTrouble = z.infer<typeof handTrouble>;

/**
 * Where a round ended. *given*: the VM has it. *home*: the host has it, with everything as before. *refused*: nothing was changed.
 * *stuck*: see the trouble; *adrift*: nothing hangs, but the card or a service did not come back. *waiting*: the VM still runs.
 */
export const handEnds = ['given', 'home', 'refused', 'stuck', 'adrift', 'waiting'] as const;
export const handEnd = z.enum(handEnds);
export type HandEnd = z.infer<typeof handEnd>;

const milliseconds = z.number().nonnegative().max(1e9);
const head = { at: z.number().int().nonnegative(), boot: z.string().regex(/^[0-9a-f-]{1,36}$/) };
export const vmUuid = z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);

/** One line of the hand-off journal of a VM. State comes from it alone; bindings do not outlive a start, so neither does what it says of them. */
export const handRecord = z.discriminatedUnion('kind', [
  z.strictObject({ ...head, kind: z.literal('round'), schema: z.literal(1), way: handWay, vm: vmUuid, devices: z.array(pciAddress).min(1).max(64), via: z.enum(['hook', 'timer', 'person']) }),
  z.strictObject({ ...head, kind: z.literal('phase'), phase: handPhase, took: milliseconds }),
  z.strictObject({ ...head, kind: z.literal('held'), holders: z.array(cardHolder).max(64) }),
  /** Before the change; `was` is what undoes it. */
  z.strictObject({ ...head, kind: z.literal('begun'), act: handAct, was: handAct.nullable() }),
  z.strictObject({ ...head, kind: z.literal('done'), act: handAct, took: milliseconds }),
  z.strictObject({ ...head, kind: z.literal('failed'), act: handAct, why: handTrouble, took: milliseconds }),
  z.strictObject({ ...head, kind: z.literal('end'), end: handEnd, why: z.string().regex(/^[a-z][a-z0-9-]{0,47}$/).nullable(), took: milliseconds }),
]);
export type HandRecord = z.infer<typeof handRecord>;
type Bare<R> = R extends unknown ? Omit<R, 'at' | 'boot'> : never;
export type NewHandRecord = Bare<HandRecord>;

/** What everybody may read of a VM's last round (0644): for `status`, the tray and the window. Times are milliseconds. */
export const handStatus = z.strictObject({
  schema: z.literal(1),
  vm: vmUuid,
  devices: z.array(pciAddress).max(64),
  boot: z.string().max(36),
  way: handWay,
  /** Null while it goes on. */
  end: handEnd.nullable(),
  why: z.string().max(48).nullable(),
  since: z.number().int().nonnegative(),
  phases: z.array(z.strictObject({ phase: handPhase, took: milliseconds })).max(32),
  holders: z.array(z.strictObject({ kind: z.enum(holderKinds), name: z.string().max(64) })).max(64),
});
export type HandStatus = z.infer<typeof handStatus>;
