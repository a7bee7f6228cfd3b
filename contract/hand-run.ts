// SPDX-License-Identifier: GPL-3.0-or-later
import * as z from 'zod';
import { handEnd, handPhase, handStatus, vmUuid } from './hand-off';
import { pciAddress } from './pci';
import { machineId } from './target';
import { vmStates } from './vm-life';

const milliseconds = z.number().nonnegative().max(1e9);

/** One move of one round, as its status told it. `took`: all phases together, milliseconds. */
export const handMove = z.strictObject({
  end: handEnd.nullable(),
  why: z.string().max(48).nullable(),
  took: milliseconds,
  phases: z.array(z.strictObject({ phase: handPhase, took: milliseconds })).max(32),
});
export type HandMove = z.infer<typeof handMove>;

/** To the VM and back. `take` null: it never got so far. */
export const handRound = z.strictObject({ give: handMove, take: handMove.nullable() });
export type HandRound = z.infer<typeof handRound>;

/** Rounds of one VM that a self-test may ask for at once. */
export const mostRounds = 200;

/** Why a self-test ended: *done* all of them; *stopped* by the person; or at the first round that failed; *guest-runs*: the guest did not shut down. */
export const handReportEnds = ['done', 'stopped', 'give-failed', 'take-failed', 'guest-runs'] as const;

/** A self-test: what each round said. The sums of it are core/hand-off/report.ts. */
export const handReport = z.strictObject({
  schema: z.literal(1),
  vm: vmUuid,
  name: z.string().max(128),
  /** Milliseconds since 1970. */
  began: z.number().int().nonnegative(),
  wanted: z.number().int().min(1).max(mostRounds),
  rounds: z.array(handRound).max(mostRounds),
  end: z.enum(handReportEnds),
});
export type HandReport = z.infer<typeof handReport>;

/** What is under way with the card of a VM, or was last. */
export const handRun = z.strictObject({
  machine: machineId,
  vm: vmUuid,
  name: z.string().max(128),
  doing: z.enum(['give', 'take', 'rounds']),
  /** *asking*: the guest was asked to shut down and nothing moves yet. */
  at: z.enum(['asking', 'moving', 'over']),
  /** What root lets everybody read of the round; null: no round of this run has begun, for example because no card of this VM moves. */
  status: handStatus.nullable(),
  /** Once over. *failed*: libvirt refused for a reason of its own, in `said`. *still-runs*: the guest did not shut down in time. */
  end: z.union([handEnd, z.enum(['failed', 'still-runs', 'no-card'])]).nullable(),
  /** libvirt's own words, where it refused. */
  said: z.string().max(1000).nullable(),
  /** Of a self-test: rounds wanted and through, and the report once over. */
  rounds: z.strictObject({ wanted: z.number().int().min(1).max(mostRounds), through: z.number().int().nonnegative() }).nullable(),
  report: handReport.nullable(),
});
export type HandRun = z.infer<typeof handRun>;

/** A VM of which a card moves, and how it stands. */
export const handVm = z.strictObject({
  uuid: vmUuid,
  name: z.string().max(128),
  state: z.enum(vmStates),
  /** Functions of managed cards in its definition. */
  devices: z.array(pciAddress).max(64),
  way: z.enum(['on-demand', 'single-card']),
  /** What to type on another computer to press its power button; null: no ssh server answers, or nobody knows this computer's name. */
  reach: z.string().max(400).nullable(),
  /** The last round; null: there was none, or it was in another start. */
  status: handStatus.nullable(),
});
export type HandVm = z.infer<typeof handVm>;

const onVm = z.strictObject({ machine: machineId, uuid: vmUuid });

/** The asks about a card that moves. Every one takes `this` or a rehearsal. */
export const handAsks = {
  /** VMs whose card our hook moves, the run that is under way or was last, and self-tests, newest first. */
  'hand.list': { in: z.strictObject({ machine: machineId }), out: z.strictObject({ vms: z.array(handVm).max(64), run: handRun.nullable(), reports: z.array(handReport).max(32) }) },
  /** Starts the VM; the hook moves the card. Answers at once; `hand.news` tells the rest. `busy` while another run is under way. */
  'hand.over': { in: onVm, out: handRun },
  /** Asks the guest to shut down in order. `force`: pulls its plug instead; what is not saved inside is lost, so only after asking. */
  'hand.back': { in: z.strictObject({ machine: machineId, uuid: vmUuid, force: z.boolean() }), out: handRun },
  /** The self-test. `force`: each round ends by pulling the plug, for a guest that does not answer; else by asking it. */
  'hand.rounds': { in: z.strictObject({ machine: machineId, uuid: vmUuid, count: z.number().int().min(1).max(mostRounds), force: z.boolean() }), out: handRun },
  /** Ends a self-test after the round in hand. */
  'hand.stop': { in: z.strictObject({ machine: machineId }), out: handRun },
} as const;

export const handTells = {
  /** Every change of a run, whole. */
  'hand.news': handRun,
} as const;
