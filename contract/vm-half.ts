// SPDX-License-Identifier: GPL-3.0-or-later
import * as z from 'zod';
import { transactionId } from './history';
import { vmUuid } from './vm';

const text = z.string().max(4 * 1024 * 1024);

/**
 * The VM half of a restore point (architecture, decision 8), as it lies in the person's data folder.
 * `begun`: written before libvirt is asked; what is found in this state after a crash is put back. `done`, `undone`: over.
 */
export const vmHalf = z.strictObject({
  schema: z.literal(1),
  /** The id that the host half of the same restore point has. */
  id: transactionId,
  uuid: vmUuid,
  /** The definition there was; null: there was no such VM. */
  before: text.nullable(),
  /** The definition as libvirt stored it; null: the VM was taken away. Only known once done. */
  after: text.nullable(),
  state: z.enum(['begun', 'done', 'undone']),
});
export type VmHalf = z.infer<typeof vmHalf>;
