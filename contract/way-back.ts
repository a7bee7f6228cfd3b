// SPDX-License-Identifier: GPL-3.0-or-later
import * as z from 'zod';
import { pciAddress } from './pci';

/** Whether a way back is there. *Unknown* is not "no", and counts on nothing. */
const state = z.enum(['there', 'not-there', 'unknown']);

/**
 * What of the machine would still be usable when its screen stays dark, looked at before the change.
 * `sshEnabled`: starts with the machine; `sshListening`: port 22 is open now; `rescueEntry`: the start menu has a recovery entry.
 */
export const wayBackFacts = z.strictObject({
  sshEnabled: z.boolean().nullable(),
  sshListening: z.boolean().nullable(),
  networkUp: z.boolean().nullable(),
  rescueEntry: z.boolean().nullable(),
});
export type WayBackFacts = z.infer<typeof wayBackFacts>;

/**
 * Ways back, best first. Every one has sentences `trial.way.<way>.<state>`. The last four but one are of a card whose move
 * ends the desktop: `remote` has in its detail what to type on another computer.
 */
export const ways = ['by-itself', 'other-screen', 'ssh', 'rescue-entry', 'guest-off', 'failed-start', 'remote', 'power-off', 'undo-card'] as const;

/**
 * The way-back kit of a plan: what could go dark, what way back exists, and how firmly to ask (ux rule 14).
 * `ask`: nothing; *tick* a box that says what may happen; *type* the card's name, where no screen would be left at all.
 */
export const wayBackKit = z.strictObject({
  /** *none*: no lit screen hangs on what is given away; *some*; *all* lit screens do; *unknown*: no card tells; *each-start*: none now, and all with each start of a VM. */
  risk: z.enum(['none', 'some', 'all', 'unknown', 'each-start']),
  /** The lit screens that would go dark. */
  screens: z.array(z.strictObject({ name: z.string().max(64), gpu: pciAddress })).max(64),
  ways: z.array(z.strictObject({ way: z.enum(ways), state, detail: z.record(z.string().max(24), z.string().max(256)) })).max(8),
  ask: z.enum(['nothing', 'tick', 'type']),
});
export type WayBackKit = z.infer<typeof wayBackKit>;
