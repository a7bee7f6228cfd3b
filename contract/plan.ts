// SPDX-License-Identifier: GPL-3.0-or-later
import * as z from 'zod';
import { pointReason, pointRef } from './history';
import { deviceIdentity } from './identity';
import { hex4 } from './pci';
import { grantedGroup, hugePageSize, loginName } from './setting';
import { stepsBack } from './steps-back';
import { ownNow, stepsNow } from './steps-now';
import { vmUuid } from './vm';

export { deviceIdentity, type DeviceIdentity } from './identity';

/** What only the person may decide, and what a plan is refused without. */
export const consents = ['lose-only-screen'] as const;
export const consent = z.enum(consents);
export type Consent = z.infer<typeof consent>;

/** What a VM of this computer may need besides a card. */
export const vmNeeds = ['account', 'network', 'cards', 'session', 'evdev', 'looking-glass'] as const;
export const vmNeed = z.enum(vmNeeds);
export type VmNeed = z.infer<typeof vmNeed>;

/** What becomes of a place that somebody else changed since a restore point: as it was then, as we last left it, or as it is now. */
export const restoreTake = z.enum(['then', 'ours', 'now']);
export type RestoreTake = z.infer<typeof restoreTake>;
export const restoreChoices = z.array(z.strictObject({ place: z.string().regex(/^[a-z][A-Za-z0-9:.+~_-]{0,95}$/), take: restoreTake })).max(192);

const chosen = z.array(deviceIdentity).min(1).max(16);

/** What the person asked for; apart from a hash the only thing that ever travels to root. */
export const intent = z.discriminatedUnion('kind', [
  /** Give these functions to vfio-pci at every start, after one trial start. */
  z.strictObject({
    kind: z.literal('dedicate'),
    devices: z.array(deviceIdentity).min(1).max(16),
    consents: z.array(consent).max(consents.length),
  }),
  /** Turn the IOMMU on where only a kernel argument is missing, after one trial start. */
  z.strictObject({ kind: z.literal('enable-iommu') }),
  /** The reverse of dedicate: these functions stay with the host at every start again, after one trial start. */
  z.strictObject({ kind: z.literal('release'), devices: chosen }),
  /** Memory set aside in huge pages; count 0 with `always` takes our setting away. */
  z.strictObject({
    kind: z.literal('huge-pages'),
    sizeKiB: hugePageSize,
    count: z.number().int().min(0).max(8_388_608),
    numa: z.number().int().min(0).max(1023).nullable(),
    when: z.enum(['now', 'always']),
  }),
  /** What this computer needs to run a VM: `account` groups, `network` default network, `cards` vfio at every start, `session` VMs without root. */
  z.strictObject({ kind: z.literal('vm-host'), needs: z.array(vmNeed).min(1).max(vmNeeds.length) }),
  /** Binds idle functions to vfio-pci in the running system, or gives them back; nothing of it outlives a restart. */
  z.strictObject({ kind: z.literal('move-now'), devices: chosen, to: z.enum(['vfio-pci', 'host']) }),
  /** libvirt's hook and the table of cards it moves (decision 7). */
  z.strictObject({ kind: z.literal('on-demand'), devices: chosen }),
  /** The same for a card the desktop is on: each start of its VM ends the desktop. `restartWhenStuck`: where a driver hangs and no screen is left to say so. */
  z.strictObject({ kind: z.literal('single-card'), devices: chosen, restartWhenStuck: z.boolean() }),
  /** A restore point with no change: what everything of ours is now, remembered. */
  z.strictObject({ kind: z.literal('point'), reason: pointReason }),
  /** The same with the firmware variables and the TPM state of one VM in it; a verb of its own draws it. */
  z.strictObject({ kind: z.literal('save-vm'), vm: vmUuid }),
  /** Leads the machine to a restore point; `choices` only for places that somebody else changed since. */
  z.strictObject({ kind: z.literal('restore'), to: pointRef, choices: restoreChoices }),
]);
export type Intent = z.infer<typeof intent>;
export type IntentKind = Intent['kind'];
export type IntentOf<K extends IntentKind> = Extract<Intent, { readonly kind: K }>;

/** A kernel release as `uname -r` prints it; it becomes part of a path, so its grammar is narrow. */
export const kernelRelease = z.string().regex(/^[0-9][0-9A-Za-z.+~_-]{0,79}$/);

/** One word of a kernel command line that needs no quoting. */
export const kernelArg = z.string().regex(/^[A-Za-z0-9_.-]{1,64}(?:=[A-Za-z0-9_.,:;/@+-]{0,128})?$/);

/** Every place a plan may name. core/step/places.ts alone turns a name into a path. */
export const placeNames = [
  /** Read only: what the person configured. */
  'grub-default',
  /** Ours in /etc/default/grub.d. */
  'grub-drop-in',
  'grub-config',
  'grub-custom',
  'grub-env',
  'early-script',
  'early-hook',
  /** One per kernel: `default-image:6.1.0-18-amd64`. */
  'default-image',
  'trial-image',
  /** A folder of the transaction's store: the private configuration the trial image is built from. */
  'trial-config',
  /** Files of ours in folders that the system reads. */
  'modprobe-config',
  'modules-load',
  'sysctl',
  'limits',
  'unit-drop-in',
  'udev-rule',
  'tmpfiles',
  'libvirt-hook',
  'hook-table',
  /** The administrator's own file: only our block in it. */
  'apparmor-rule',
] as const;
export const placeName = z.enum(placeNames);
export type PlaceName = z.infer<typeof placeName>;

/** A place's name, for images with the kernel they belong to. */
export const place = z
  .string()
  .regex(
    /^(?:grub-default|grub-drop-in|grub-config|grub-custom|grub-env|early-script|early-hook|trial-config|modprobe-config|modules-load|sysctl|limits|unit-drop-in|udev-rule|tmpfiles|libvirt-hook|hook-table|apparmor-rule|(?:default|trial)-image:[0-9][0-9A-Za-z.+~_-]{0,79})$/,
  );
export type Place = z.infer<typeof place>;

const owner = {
  mode: z.number().int().min(0).max(0o7777),
  uid: z.number().int().nonnegative(),
  gid: z.number().int().nonnegative(),
};
export const digest = z.string().regex(/^[0-9a-f]{64}$/);

/**
 * What a place is, told so that an ordinary user and root always tell the same:
 * *file* with a digest where everybody may read it; *stat* for images and for files that not everybody may read
 * (root must not tell more than the person could see); *hidden* where a folder on the way is closed to others.
 */
export const placeState = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('absent') }),
  z.strictObject({ kind: z.literal('file'), ...owner, digest }),
  z.strictObject({
    kind: z.literal('stat'),
    ...owner,
    size: z.number().int().nonnegative(),
    identity: z.string().max(64),
  }),
  z.strictObject({ kind: z.literal('hidden') }),
  /** A link, folder, device: nothing we write through. */
  z.strictObject({ kind: z.literal('odd') }),
]);
export type PlaceState = z.infer<typeof placeState>;

const member = z.strictObject({
  identity: deviceIdentity,
  class: hex4,
  /** *give*: goes to the VM. *bridge*: stays on pcieport. *quiet*: no host driver could claim it (a host bridge). */
  part: z.enum(['give', 'bridge', 'quiet']),
});

/** The table of one transaction in the early script. */
export const bindTable = z.strictObject({
  transaction: z.string().regex(/^[0-9a-f]{16}$/),
  devices: z.array(deviceIdentity).max(64),
});
export type BindTable = z.infer<typeof bindTable>;

/** Everything a plan is drawn from. Nothing volatile, no group numbers: a person's probe and root's give the same (architecture idea 2). */
export const planBasis = z.strictObject({
  schema: z.literal(1),
  /** Raised when the planner would draw another plan from the same basis. */
  planner: z.literal(1),
  /** The IOMMU groups of the chosen devices as sets, each sorted by address, the sets by their first member. */
  groups: z.array(z.array(member).min(1).max(256)).max(64),
  kernel: z.strictObject({ release: kernelRelease, images: z.array(kernelRelease).max(64) }),
  distribution: z.strictObject({
    id: z.string().max(64),
    like: z.array(z.string().max(64)).max(16),
    version: z.string().max(64).nullable(),
  }),
  architecture: z.string().max(16),
  firmware: z.enum(['uefi', 'bios']),
  /** Loader, generator and boot volume are null where a plan changes no start. */
  loader: z.literal('grub').nullable(),
  generator: z.literal('initramfs-tools').nullable(),
  iommu: z.strictObject({
    cpuVendor: z.enum(['intel', 'amd', 'hygon', 'arm', 'other']),
    active: z.boolean(),
    /** The argument without which the next start would have no IOMMU; null when it comes up by itself. */
    needs: kernelArg.nullable(),
  }),
  /** Where the loader keeps its files: file system and what lies under it (`lvm`, `md`, `crypt`), for whether it can write there. */
  bootVolume: z.strictObject({ fileSystem: z.string().max(32), abstractions: z.array(z.string().max(32)).max(8) }).nullable(),
  /** What our own files promise for every start now: the table in force, and kernel arguments besides `switchyard.bind=`. */
  kept: z.strictObject({ table: bindTable.nullable(), args: z.array(kernelArg).max(16) }),
  /** Who the request is for, by user number, and which of the groups that matter they are in; null where the plan is about nobody. */
  person: z
    .strictObject({
      uid: z.number().int().min(1).max(4_294_967_294),
      user: loginName,
      /** Groups they are in, by /etc/group, and groups there are. */
      groups: z.array(grantedGroup).max(3),
      there: z.array(grantedGroup).max(3),
    })
    .nullable(),
  /** Whether libvirt's default network starts by itself; *unknown* where not everybody may see; null where the plan is not about it. */
  network: z.enum(['absent', 'off', 'on', 'unknown']).nullable(),
  /** What our own files hold that this plan is about. */
  own: ownNow,
  places: z.array(z.strictObject({ place, state: placeState })).max(160),
});
export type PlanBasis = z.infer<typeof planBasis>;

const id = z.string().regex(/^[a-z][a-z0-9-]{0,47}$/);
const prepare = z.literal('prepare');
const trial = z.literal('trial');
const keep = z.literal('keep');
const grub = z.literal('grub');
const initramfsTools = z.literal('initramfs-tools');
const devices = z.array(deviceIdentity).min(1).max(64);
/** Whose table a start binds: this transaction's, that of an earlier one, or nobody's. */
const bind = z.union([z.enum(['this', 'none']), z.string().regex(/^[0-9a-f]{16}$/)]);

/** One change. Content is rendered from it by pure functions of core/step with what is seen and the transaction's name. */
export const step = z.discriminatedUnion('kind', [
  /** Copies the initramfs configuration into the store and adds the early script with this table. */
  z.strictObject({ kind: z.literal('trial-config'), phase: prepare, id, generator: initramfsTools, devices }),
  z.strictObject({
    kind: z.literal('trial-image'),
    phase: prepare,
    id,
    generator: initramfsTools,
    kernel: kernelRelease,
    devices,
  }),
  /** A second entry beside the default one; `image` says whose initramfs it starts. */
  z.strictObject({
    kind: z.literal('trial-entry'),
    phase: prepare,
    id,
    loader: grub,
    kernel: kernelRelease,
    image: z.enum(['own', 'default']),
    bind,
    args: z.array(kernelArg).max(16),
  }),
  /** The very next start, and only that, takes the trial entry. */
  z.strictObject({ kind: z.literal('one-shot'), phase: trial, id, loader: grub }),
  /** The early script and its hook, where every new image takes them from; `kept`: the table in force, which stays beside ours. */
  z.strictObject({
    kind: z.literal('early-bind'),
    phase: keep,
    id,
    generator: initramfsTools,
    devices,
    kept: bindTable.nullable(),
  }),
  z.strictObject({
    kind: z.literal('default-image'),
    /** *now*: only where a restore leads a start back to less. */
    phase: z.enum(['keep', 'now']),
    id,
    generator: initramfsTools,
    kernel: kernelRelease,
    /** Built without our script, because it is gone. */
    without: z.literal(true).optional(),
  }),
  /** The early script and its hook go: nothing is given away at any start any more. */
  z.strictObject({ kind: z.literal('drop-early-bind'), phase: keep, id, generator: initramfsTools }),
  /** Kernel arguments of every normal start, as a whole file of ours. */
  z.strictObject({
    kind: z.literal('kernel-args'),
    phase: keep,
    id,
    loader: grub,
    bind,
    args: z.array(kernelArg).max(16),
  }),
  /** The loader's configuration, generated beside, checked, and swapped. */
  z.strictObject({
    kind: z.literal('boot-config'),
    phase: z.enum(['keep', 'now']),
    id,
    loader: grub,
    bind,
    args: z.array(kernelArg).max(16),
    /** Arguments of ours that leave every normal entry with this. */
    gone: z.array(kernelArg).max(16).optional(),
  }),
  /** `leaves`: whether the file stays without our block, or was ours alone. */
  z.strictObject({
    kind: z.literal('drop-trial-entry'),
    phase: keep,
    id,
    loader: grub,
    leaves: z.enum(['file', 'nothing']),
  }),
  z.strictObject({
    kind: z.literal('drop-trial-image'),
    phase: keep,
    id,
    generator: initramfsTools,
    kernel: kernelRelease,
  }),
  ...stepsNow,
  ...stepsBack,
]);
export type Step = z.infer<typeof step>;
export type StepKind = Step['kind'];
export type StepOf<K extends StepKind> = Extract<Step, { readonly kind: K }>;

/** What the plan takes for granted and the person should know: a code of words/steps (`step.assume.<code>`). */
export const assumption = z.strictObject({
  code: z.string().regex(/^[a-z][a-z0-9-]{0,47}$/),
  detail: z.record(z.string().max(32), z.string().max(256)),
});
export type Assumption = z.infer<typeof assumption>;

/** The whole of what will be done. `steps` in order, prepare before trial before keep; empty: the machine already is as wanted. */
export const plan = z.strictObject({
  schema: z.literal(1),
  intent,
  basis: planBasis,
  steps: z.array(step).max(64),
  needsRestart: z.boolean(),
  assumptions: z.array(assumption).max(16),
});
export type Plan = z.infer<typeof plan>;

/** SHA-256, in hex, over core/plan/canonical.ts of the plan: what the person approves. */
export const planHash = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .brand('PlanHash');
export type PlanHash = z.infer<typeof planHash>;
/** Lower-case hex of SHA-256 over the UTF-8 of a text; core has no cryptography, so whoever calls brings it. */
export type Sha256 = (text: string) => string;
