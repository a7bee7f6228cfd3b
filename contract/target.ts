// SPDX-License-Identifier: GPL-3.0-or-later
import * as z from 'zod';

/** `this` is the computer Switchyard runs on; the others live as long as the main process does. */
export const machineId = z.string().regex(/^(?:this|dump-[1-9][0-9]{0,5}|rehearsal-[1-9][0-9]{0,5})$/).brand('MachineId');
export type MachineId = z.infer<typeof machineId>;

/** A machine the window can look at. A dump can only be looked at; a rehearsal can be changed; `this` needs the helper. */
export const machineEntry = z.strictObject({
  machine: machineId,
  kind: z.enum(['this', 'dump', 'rehearsal']),
  /** The maker's name of the machine or its board, else what the person called the dump; null: not known yet. */
  name: z.string().max(256).nullable(),
  /** When it was opened, ISO 8601 in UTC. */
  opened: z.iso.datetime(),
  /** For a rehearsal: the recording or the dump it was built from. */
  of: z.string().max(256).nullable(),
});
export type MachineEntry = z.infer<typeof machineEntry>;

/** A recorded machine that comes with Switchyard and opens as a rehearsal. */
export const recording = z.strictObject({
  recording: z.string().regex(/^[a-z0-9][a-z0-9-]{0,95}$/),
  name: z.string().max(256),
  chassis: z.enum(['desktop', 'laptop', 'server', 'sbc', 'vm', 'other']).nullable(),
  functions: z.number().int().nonnegative(),
  /** Human names of its display devices. */
  gpus: z.array(z.string().max(256)).max(64),
});
export type Recording = z.infer<typeof recording>;

/** A part a recording says nothing about: what the rehearsal assumes, and what the person may choose instead. */
export const assumedPart = z.strictObject({
  part: z.string().max(64),
  chosen: z.string().max(64),
  options: z.array(z.string().max(64)).min(1).max(32),
  /** True when the recording leaves it open (*assumed*), false when it says so itself and cannot be changed. */
  assumed: z.boolean(),
});
export type AssumedPart = z.infer<typeof assumedPart>;

/** The person's answers for assumed parts, by part. */
export const partChoices = z.record(z.string().max(64), z.string().max(64));

/** Whether this copy can change this computer. `missing` and `mismatch` carry the one command that installs it. */
export const helperState = z.discriminatedUnion('at', [
  z.strictObject({ at: z.literal('ready'), version: z.string().max(32).nullable() }),
  z.strictObject({ at: z.literal('missing'), command: z.string().max(256) }),
  z.strictObject({ at: z.literal('mismatch'), installed: z.string().max(32), expected: z.string().max(32), command: z.string().max(256) }),
]);
export type HelperState = z.infer<typeof helperState>;

/** One thing a paste was understood as: `lspci`, `groups`, `cmdline`, `machine-file` ..., and how much of it there was. */
export const understood = z.strictObject({ what: z.string().max(64), count: z.number().int().nonnegative() });
export type Understood = z.infer<typeof understood>;
