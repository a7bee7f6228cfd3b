// SPDX-License-Identifier: GPL-3.0-or-later
import * as z from 'zod';
import { pointRef, transactionId, transactionState, work } from './history';
import { code, detail } from './judged';
import { hex4, pciAddress } from './pci';
import { bindTable, digest, intent, kernelArg, kernelRelease, place, restoreTake } from './plan';
import { change, review, sentence } from './review';
import { setting, settingValue } from './setting';
import { vmUuid } from './vm';

const time = z.number().int().nonnegative();
const path = z.string().max(512);

/** What a file was at a moment. `identity` is `dev:ino`: told again by a look, the same file was not replaced since. */
export const fileSeen = z.strictObject({
  sha256: digest,
  size: z.number().int().nonnegative(),
  mode: z.number().int().min(0).max(0o7777),
  uid: z.number().int().nonnegative(),
  gid: z.number().int().nonnegative(),
  identity: z.string().regex(/^\d+:\d+$/),
});
export type FileSeen = z.infer<typeof fileSeen>;

/** One place at one moment. */
export const placeSeen = z.strictObject({
  place,
  path,
  /** Null: nothing was there. */
  is: fileSeen.nullable(),
  /** These bytes lie in the store and can be put back. */
  copied: z.boolean(),
  /** For an image: SHA-256 over the names in it; two builds of one configuration have the same. Null: no image, or not looked into. */
  listing: digest.nullable(),
});
export type PlaceSeen = z.infer<typeof placeSeen>;

/** One setting at one moment. */
export const settingSeen = z.strictObject({ setting, value: settingValue });
export type SettingSeen = z.infer<typeof settingSeen>;

/** What a VM's firmware and its TPM remembered; no content. */
export const vmSeen = z.strictObject({ vm: vmUuid, nvram: digest.nullable(), tpm: digest.nullable() });
export type VmSeen = z.infer<typeof vmSeen>;

/** Who drove a function; `override` is `driver_override`. */
export const deviceSeen = z.strictObject({
  address: pciAddress,
  vendor: hex4,
  device: hex4,
  driver: z.string().max(64).nullable(),
  override: z.string().max(64).nullable(),
});
export type DeviceSeen = z.infer<typeof deviceSeen>;

/** Everything of ours that root saw when a piece of work began or came to rest. No content. */
export const seen = {
  when: z.enum(['start', 'end']),
  work,
  /** Where the transaction stood: `working` at a start. */
  state: transactionState,
  /** The kernel that ran; null: not known. */
  kernel: kernelRelease.nullable(),
  /** GRUB's `next_entry`: null where it has none, absent where there is no environment block. */
  oneShot: z.string().max(256).nullable().optional(),
  /** What our own files promised for every start: the table in force and kernel arguments; null where they were not ours as we write them. */
  promise: z.strictObject({ table: bindTable.nullable(), args: z.array(kernelArg).max(16) }).nullable(),
  /** A place that could not be looked at is not in it. */
  places: z.array(placeSeen).max(192),
  /** What the work's own steps set that is no file and outlives a start, as it was. */
  settings: z.array(settingSeen).max(16).optional(),
  /** VMs whose state was saved with this point: digests of their files, whose bytes lie in the store; null: there was no such file. */
  vms: z.array(vmSeen).max(16).optional(),
  /** Display devices and whatever vfio-pci drives. */
  devices: z.array(deviceSeen).max(64),
};
/** The same with its time and start, as the journal noted them. */
export const moment = z.strictObject({ ...seen, at: time, boot: z.string().regex(/^[0-9a-f-]{1,36}$/) });
export type Moment = z.infer<typeof moment>;
export type Seen = Omit<Moment, 'at' | 'boot'>;

/** `point.json` of a transaction (0644): its moments, oldest first, made of the journal alone. */
export const pointFile = z.strictObject({ schema: z.literal(1), transaction: transactionId, moments: z.array(moment).max(24) });
export type PointFile = z.infer<typeof pointFile>;

/** How a place or device differs between two points. `same-content`: another build with the same names in it. */
export const comparedWhat = z.enum(['same', 'same-content', 'changed', 'appeared', 'gone', 'unknown']);
/** Who made the difference: Switchyard, somebody else (a person, a package, a generator), both, the boot loader itself, nobody; `unknown`: cannot be told from here. */
export const changedBy = z.enum(['nobody', 'ours', 'somebody', 'both', 'loader', 'unknown']);
export type ChangedBy = z.infer<typeof changedBy>;

export const comparedPlace = z.strictObject({
  place,
  path,
  kind: z.enum(['file', 'image']),
  what: comparedWhat,
  by: changedBy,
  then: fileSeen.nullable(),
  /** What is there now may not be told to everybody: then `sha256` is null. */
  now: z.strictObject({ sha256: digest.nullable(), mode: fileSeen.shape.mode, uid: fileSeen.shape.uid, gid: fileSeen.shape.gid }).nullable(),
  /** From then to now, line by line, where both texts may be shown here; `hidden` otherwise; null where nothing differs or it is an image. */
  change: change.nullable(),
});
export type ComparedPlace = z.infer<typeof comparedPlace>;

export const comparedDevice = z.strictObject({
  address: pciAddress,
  /** The card's name as a person knows it; null where it is not known. */
  name: z.string().max(256).nullable(),
  then: z.string().max(64).nullable(),
  now: z.string().max(64).nullable(),
  what: comparedWhat,
});

/** Answer of `history.compare`: from a point to another, or to now (`to` null). */
export const compared = z.strictObject({
  from: pointRef,
  to: pointRef.nullable(),
  fromTaken: z.iso.datetime(),
  toTaken: z.iso.datetime(),
  places: z.array(comparedPlace).max(192),
  devices: z.array(comparedDevice).max(64),
  kernel: z.strictObject({ then: z.string().max(80).nullable(), now: z.string().max(80).nullable() }),
  /** True when nothing at all differs but builds and the loader's own notes. */
  same: z.boolean(),
});
export type Compared = z.infer<typeof compared>;

/** A place that somebody else changed since the point: then / ours / now, and what becomes of it. */
export const conflict = z.strictObject({
  /** A place, or `vm-state:<uuid>`. */
  place: z.union([place, z.string().regex(/^vm-state:[0-9a-f-]{36}$/)]),
  path,
  /** *edited*: a text; *generated*: a tool made it anew from its sources, and can again; *unknown*: what is there now cannot be told from here; *vm*: a guest writes there whenever it runs. */
  why: z.enum(['edited', 'generated', 'unknown', 'vm']),
  then: fileSeen.nullable(),
  ours: fileSeen.nullable(),
  /** What may be chosen. For *generated*, `then` means: made anew by its generator from the sources as they were then. */
  takes: z.array(restoreTake).min(1).max(3),
  chosen: restoreTake,
  /** What would be lost or put, from now to that; `hidden` where a text may not be shown here; null: nothing to show. */
  toThen: change.nullable(),
  toOurs: change.nullable(),
});
export type Conflict = z.infer<typeof conflict>;

/** Answer of `restore.draw`: the plan from now to then as the person reads it, with what only they may decide. */
export const restoreReview = z.strictObject({
  review,
  to: pointRef,
  taken: z.iso.datetime(),
  conflicts: z.array(conflict).max(192),
  /** Said beside the plan: a running VM, a missing disk, a device that is gone. Codes `restore.note.*`. */
  notes: z.array(sentence).max(32),
});
export type RestoreReview = z.infer<typeof restoreReview>;

/** One promise of what was kept, looked at now. */
export const driftStep = z.strictObject({
  id: z.string().max(64),
  kind: z.string().max(64),
  /** The step's title in the words of Review. */
  sentence,
  at: z.enum(['holds', 'changed', 'unknown']),
  /** Why it is not *holds*: code `drift.*` with its details; null when it holds. */
  why: z.strictObject({ code, detail }).nullable(),
  path: path.nullable(),
});
export type DriftStep = z.infer<typeof driftStep>;

/**
 * Answer of `drift.check`: the machine against what the last kept transaction promised.
 * `nothing-kept`: there is no promise. `repair`: what may be asked for to make it true again, to be drawn and read like
 * any plan; null when it holds, or when a person must look (`repairWhy` says why).
 */
export const driftReport = z.strictObject({
  transaction: transactionId.nullable(),
  state: z.enum(['nothing-kept', 'holds', 'changed', 'unknown']),
  checked: z.iso.datetime(),
  steps: z.array(driftStep).max(128),
  repair: intent.nullable(),
  repairWhy: sentence.nullable(),
});
export type DriftReport = z.infer<typeof driftReport>;
