// SPDX-License-Identifier: GPL-3.0-or-later
import * as z from 'zod';
import { transactionId } from './history';
import { planHash } from './plan';
import { sentence } from './review';
import { hostPath, vmRecipe, vmUuid } from './vm';

const text = z.string().max(4 * 1024 * 1024);
/** libvirt's own names of networks, pools and volumes; it allows no slash. */
const libvirtWord = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._ -]{0,127}$/);

/** What a change makes beside the definition, in libvirt's hands. Each can be taken away again, as long as nobody has used it since. */
export const vmThing = z.discriminatedUnion('kind', [
  /** Started, and from now on with the computer: else the VM would not start after the next restart. `define` where libvirt had none of that name, `autostart` where it did not start by itself. */
  z.strictObject({ kind: z.literal('network'), name: libvirtWord, define: z.boolean(), autostart: z.boolean() }),
  z.strictObject({ kind: z.literal('pool'), name: libvirtWord, path: hostPath, define: z.boolean() }),
  /** An image, or the disc with the answers, which is as large as its bytes. */
  z.strictObject({ kind: z.literal('volume'), pool: libvirtWord, name: libvirtWord, path: hostPath, format: z.enum(['qcow2', 'raw']), bytes: z.number().int().positive(), holds: z.enum(['disk', 'answers']) }),
]);
export type VmThing = z.infer<typeof vmThing>;
export type VmVolume = Extract<VmThing, { kind: 'volume' }>;

/** A volume as libvirt tells it: bytes, and when it was last written to (seconds since 1970, as text with a fraction). */
export const volumeSeen = z.strictObject({ capacity: z.number().int().nonnegative(), allocation: z.number().int().nonnegative(), written: z.string().max(64) });
export type VolumeSeen = z.infer<typeof volumeSeen>;

/** `begun`: noted before libvirt is asked, so what is found after a crash is ours. `left`: it was used since and stays. */
export const vmThingState = z.enum(['planned', 'begun', 'made', 'undone', 'left']);
export const vmThingKept = z.strictObject({ thing: vmThing, state: vmThingState, as: volumeSeen.nullable() });
export type VmThingKept = z.infer<typeof vmThingKept>;

/**
 * The VM half of a restore point (architecture, decision 8), as it lies in the person's data folder.
 * `waiting`: the host half is not at rest yet. `begun`: written before libvirt is asked; what is found in this state after a crash
 * is put back. `done`, `undone`: over.
 */
export const vmHalf = z.strictObject({
  schema: z.literal(1),
  /** The id that the host half of the same restore point has; its own where there is none, or none yet. */
  id: transactionId,
  uuid: vmUuid,
  name: z.string().max(256).default(''),
  what: z.enum(['create', 'change', 'remove']).default('change'),
  /** Milliseconds since 1970. */
  opened: z.number().int().nonnegative().default(0),
  ended: z.number().int().nonnegative().nullable().default(null),
  /** The process that is at it: its number and when it began, as /proc tells. */
  by: z.string().max(64).nullable().default(null),
  /** The host half by the plan that was approved, and by its transaction as soon as that is known. */
  host: z.strictObject({ plan: planHash, transaction: transactionId.nullable() }).nullable().default(null),
  /** The definition that is wanted; null: none. */
  wanted: text.nullable().default(null),
  /** The definition there was; null: there was no such VM. Of a waiting one: what was there when it was approved. */
  before: text.nullable(),
  /** The definition as libvirt stored it; null: the VM was taken away. Only known once done. */
  after: text.nullable(),
  things: z.array(vmThingKept).max(16).default([]),
  /** The whole recipe of a VM that was defined for its installation first. */
  recipe: vmRecipe.nullable().default(null),
  /** Said of its undo: what stayed on purpose. */
  left: z.array(sentence).max(16).default([]),
  state: z.enum(['waiting', 'begun', 'done', 'undone']),
});
export type VmHalf = z.infer<typeof vmHalf>;
