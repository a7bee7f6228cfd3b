// SPDX-License-Identifier: GPL-3.0-or-later
import * as z from 'zod';
import { pciAddress } from './pci';

const name = z.string().max(256);

/**
 * What a start gives to the person and to the network: recorded when a trial is prepared, looked at again in the trial
 * (host.md 5.9). Null is *could not be told*, and is never taken for "no".
 */
export const startFacts = z.strictObject({
  /** Connectors that send a picture, with the function that draws it (null: drawn by no PCI function). */
  screens: z.array(z.strictObject({ name, gpu: pciAddress.nullable() })).max(256).nullable(),
  /** A default route, and the interfaces with a device behind them that are up (device null: none on the PCI bus). */
  network: z.strictObject({ route: z.boolean(), links: z.array(z.strictObject({ name, device: pciAddress.nullable() })).max(256) }).nullable(),
  /** Ways to log in that are there: a graphical greeter or session, a text console, ssh. */
  login: z.strictObject({ graphical: z.boolean(), console: z.boolean(), remote: z.boolean() }).nullable(),
  /** Units that systemd lists as failed. */
  failedUnits: z.array(name).max(256).nullable(),
});
export type StartFacts = z.infer<typeof startFacts>;

/**
 * What the self check of a trial start can find. Any of the first group makes the trial *failed*; the others are worth knowing.
 * One sentence each: `trial.finding.<code>`.
 */
export const trialFailures = ['not-the-trial', 'iommu-off', 'not-bound', 'one-shot-stays', 'screen-dark', 'network-lost', 'no-login', 'no-desktop', 'unreadable'] as const;
export const trialNotes = ['one-shot-cleared', 'link-lost', 'unit-failed', 'nothing-to-compare'] as const;
export const trialFinding = z.strictObject({
  code: z.enum([...trialFailures, ...trialNotes]),
  detail: z.record(z.string().regex(/^[a-zA-Z]{1,24}$/), name),
});
export type TrialFinding = z.infer<typeof trialFinding>;

/** The answer of the self check. */
export const trialCheck = z.strictObject({
  verdict: z.enum(['passed', 'failed']),
  findings: z.array(trialFinding).max(128),
  /** When a failed trial restarts into the old start by itself, milliseconds since 1970; null: there is no clock. */
  until: z.number().int().nonnegative().nullable(),
});
export type TrialCheck = z.infer<typeof trialCheck>;

/** What was read back of a step before the restart and is so: `trial.proof.<code>`. */
export const trialProof = z.strictObject({
  code: z.enum(['image', 'entry', 'one-shot']),
  detail: z.record(z.string().regex(/^[a-zA-Z]{1,24}$/), z.string().max(1024)),
});
export type TrialProof = z.infer<typeof trialProof>;
