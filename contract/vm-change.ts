// SPDX-License-Identifier: GPL-3.0-or-later
import * as z from 'zod';
import { transactionId } from './history';
import { detail } from './judged';
import { intent, planHash } from './plan';
import { review, sentence } from './review';
import { problem, stepState } from './run';
import { machineId } from './target';
import { hostPath, vmRecipe, vmUuid } from './vm';
import { vmNote } from './vm-codes';
import { knownDomain, vmEdit } from './vm-domain';
import { vmTuning } from './vm-tuning';
import { windowsAnswers } from './vm-windows';

/** A definition as text. What libvirt stores of a person's VM is some ten thousand characters long. */
export const vmXml = z.string().max(1_000_000);

/** A disk image to be made: `path` stands in the recipe too, ends with the format's name, and nothing may be there. Only as much as is written takes room. */
export const vmNewDisk = z.strictObject({ path: hostPath, format: z.enum(['qcow2', 'raw']), sizeGiB: z.number().int().min(1).max(65_536) });
export type VmNewDisk = z.infer<typeof vmNewDisk>;

/** The discs of an installation. With `answers` a small answer disc is built and Windows installs itself; the password is on it and nowhere else. */
export const vmInstall = z.strictObject({ system: hostPath, drivers: hostPath.nullable(), answers: windowsAnswers.nullable() });
export type VmInstall = z.infer<typeof vmInstall>;

/**
 * What is asked of one VM. Nothing here is done before its drawing was read and approved by its hash.
 * - `create`: a new VM. With `install` it is defined first with an emulated picture, without any device of this computer, and with
 *   the discs; `finish` later makes it the whole recipe. Without `install` it is the recipe at once. `xml`: the person's own edit of
 *   what was drawn for the first definition (its uuid must be the recipe's); null: as drawn.
 * - `xml`: a definition written by hand, of an existing VM or of a new one; the uuid in it must be this one.
 * - `edit`: minimal edits that leave every other byte as it is; `adopt` is one of them.
 * - `finish`: after an installation, the discs go and the card, sound and whole recipe come.
 * - `network`: the networks of a VM that exists are started, now and with the computer; its definition stays as it is.
 * - `undefine`: libvirt forgets the VM; its disks, NVRAM and TPM state stay.
 */
export const vmAsked = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('create'), recipe: vmRecipe, disks: z.array(vmNewDisk).max(8), install: vmInstall.nullable(), xml: vmXml.nullable() }),
  z.strictObject({ kind: z.literal('xml'), uuid: vmUuid, xml: vmXml }),
  z.strictObject({ kind: z.literal('edit'), uuid: vmUuid, edits: z.array(vmEdit).min(1).max(16) }),
  z.strictObject({ kind: z.literal('finish'), uuid: vmUuid }),
  z.strictObject({ kind: z.literal('network'), uuid: vmUuid }),
  z.strictObject({ kind: z.literal('undefine'), uuid: vmUuid }),
]);
export type VmAsked = z.infer<typeof vmAsked>;

/** Why a VM needs something of this computer that only root can set. Sentence `vm.need.<code>`. */
export const vmNeedCodes = ['account', 'network-autostart', 'card-dedicated', 'card-on-demand', 'card-single', 'modules', 'huge-pages', 'looking-glass', 'evdev'] as const;
/**
 * One host step with the intent that does it. `met`: it is so already. `before-start`: the VM cannot start without it, though it can be
 * defined. One need of a change can be its host half (then both are one restore point); others are changes of their own.
 */
export const vmHostNeed = z.strictObject({ code: z.enum(vmNeedCodes), detail, intent, met: z.enum(['yes', 'no', 'unknown']), beforeStart: z.boolean() });
export type VmHostNeed = z.infer<typeof vmHostNeed>;

/**
 * Answer of `vm.draw`: everything the person reads before it is done. `review` holds both halves in order, first the host's steps,
 * then the VM's (`id` begins with `vm-`), each with its diffs and its undo; `review.hash` is over both. The VM's steps: `vm-network`,
 * `vm-pool`, `vm-disk-1`, `vm-answers`, `vm-define`, `vm-undefine`.
 */
export const vmDrawn = z.strictObject({
  review,
  uuid: vmUuid,
  name: z.string().max(256),
  /** The stored definition now and as it will be given to libvirt; null: no such VM. */
  before: vmXml.nullable(),
  after: vmXml.nullable(),
  known: knownDomain.nullable(),
  notes: z.array(vmNote).max(64),
  /** How the guest is laid out on this computer; null for VMs that were not drawn from a recipe. */
  tuning: vmTuning.nullable(),
  needs: z.array(vmHostNeed).max(16),
});
export type VmDrawn = z.infer<typeof vmDrawn>;

/** A fault of an edited definition. `line` counts from 1; null: it belongs to the whole. Sentence `vm.fault.<code>`, `said` is libvirt's own words. */
export const vmFaultCodes = ['xml', 'schema', 'not-a-vm', 'other-uuid', 'other-name', 'refused'] as const;
export const vmFault = z.strictObject({ code: z.enum(vmFaultCodes), line: z.number().int().positive().nullable(), detail, said: z.string().max(2000).nullable() });
export type VmFault = z.infer<typeof vmFault>;

/** Answer of `vm.check`: nothing is stored. `schema` is false where libvirt's schema could not be asked; then only libvirt's own answer will tell. */
export const vmChecked = z.strictObject({ faults: z.array(vmFault).max(64), schema: z.boolean(), known: knownDomain.nullable() });
export type VmChecked = z.infer<typeof vmChecked>;

/**
 * Where a change of a VM stands. News carry the whole of it.
 * - `host`: root is at the host half; `run.news` of the machine tells how far.
 * - `waiting`: the host half waits for a restart or for the person's answer after it; the VM half follows when it is kept, and is
 *   dropped when it is undone. It survives a restart of this program and of the computer.
 * - `working`: libvirt is at work. `done`, `undone`: both halves. `failed`: everything was put back.
 * - `undo-incomplete`: `problem` says what stands in the way; the VM half is untouched by us from then on.
 */
export const vmRunStates = ['host', 'waiting', 'working', 'done', 'undone', 'failed', 'undo-incomplete'] as const;
export const vmRun = z.strictObject({
  machine: machineId,
  /** Names the restore point; that of the host half where there is one. Null before the host half has one. */
  change: transactionId.nullable(),
  uuid: vmUuid,
  name: z.string().max(256),
  verb: z.enum(['apply', 'undo']),
  at: z.enum(vmRunStates),
  /** Steps of the VM half alone, in order. */
  steps: z.array(z.strictObject({ id: z.string().max(64), kind: z.string().max(64), sentence, state: stepState })).max(32),
  /** True when it has a host half. */
  host: z.boolean(),
  problem: problem.nullable(),
  /** What an undo left on purpose: a disk that was used since. */
  left: z.array(sentence).max(16),
  since: z.iso.datetime(),
});
export type VmRun = z.infer<typeof vmRun>;

/** A change that is not at rest: its host half waits, or a crash left it in the middle and it could not be put back (`problem`). */
export const vmOpen = z.strictObject({ change: transactionId, uuid: vmUuid, name: z.string().max(256), at: z.enum(['waiting', 'undo-incomplete']), problem: problem.nullable() });

/** The VM half of an entry of the timeline. */
export const vmOfEntry = z.strictObject({ uuid: vmUuid, name: z.string().max(256), what: z.enum(['create', 'change', 'remove']) });

export const vmApproved = z.strictObject({ machine: machineId, asked: vmAsked, host: intent.nullable(), approved: planHash });
