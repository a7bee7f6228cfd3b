// SPDX-License-Identifier: GPL-3.0-or-later
import * as z from 'zod';
import { knownDomain } from './vm-domain';

export const vmStates = ['running', 'paused', 'off', 'stopping', 'crashed', 'asleep', 'unknown'] as const;
export type VmState = (typeof vmStates)[number];

/** A VM of a connection, as far as it could be read; `known` is null where its XML could not be understood. */
export const vmEntry = z.strictObject({
  uuid: z.string().max(36),
  state: z.enum(vmStates),
  known: knownDomain.nullable(),
});
export type VmEntry = z.infer<typeof vmEntry>;

/** What can be done to a VM's life. `shut-down` asks the guest; `force-off` pulls the plug. */
export const vmActs = ['start', 'shut-down', 'force-off', 'pause', 'resume', 'restart'] as const;
export type VmAct = (typeof vmActs)[number];
