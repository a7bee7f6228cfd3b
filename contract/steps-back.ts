// SPDX-License-Identifier: GPL-3.0-or-later
import * as z from 'zod';
import { deviceIdentity } from './identity';
import { vmUuid } from './vm';

const id = z.string().regex(/^[a-z][a-z0-9-]{0,47}$/);
/** *now* where the start only gets back what it had; *keep* where a trial start has to show first that it works. */
const phase = z.enum(['now', 'keep']);
const digest = z.string().regex(/^[0-9a-f]{64}$/);
const place = z.string().regex(/^[a-z][a-z-]{2,31}(?::[0-9][0-9A-Za-z.+~_-]{0,79})?$/);

/** Steps that lead back to a restore point. Content is never in them: it lies in the store, found by its digest. */
export const stepsBack = [
  /** One place becomes what it was: exactly these bytes with this owner and mode, or nothing. */
  z.strictObject({
    kind: z.literal('put-back'),
    phase,
    id,
    place,
    then: z.strictObject({ sha256: digest, mode: z.number().int().min(0).max(0o7777), uid: z.number().int().nonnegative(), gid: z.number().int().nonnegative() }).nullable(),
    /** What every start gives away once this is kept; only where a trial has to show it. */
    binds: z.array(deviceIdentity).max(64).optional(),
  }),
  /** Our one word in GRUB's environment block becomes what it was (null: none); every other line stays. */
  z.strictObject({ kind: z.literal('put-one-shot'), phase, id, loader: z.literal('grub'), then: z.string().regex(/^[A-Za-z0-9_.>-]{0,128}$/).nullable() }),
  /** Firmware variables and TPM state of a VM that does not run become what they were (null: there were none). */
  z.strictObject({ kind: z.literal('put-vm'), phase, id, vm: vmUuid, then: z.strictObject({ nvram: digest.nullable(), tpm: digest.nullable() }) }),
] as const;
