// SPDX-License-Identifier: GPL-3.0-or-later
import * as z from 'zod';
import { pciAddress } from './pci';
import { vmPinning, vmRom, vmUuid } from './vm';

const name = z.string().min(1).max(256);

/** What we understand of a domain, whoever made it. What is not here is kept as it is. */
export const knownDomain = z.strictObject({
  name,
  uuid: vmUuid.nullable(),
  /** Drawn by us: our own mark is in its metadata. */
  ours: z.boolean(),
  accelerated: z.boolean(),
  memoryMiB: z.number().nonnegative(),
  vcpus: z.number().int().nonnegative(),
  /** Virtual CPUs that are pinned. */
  pinned: z.number().int().nonnegative(),
  hugePages: z.boolean(),
  firmware: z.enum(['uefi', 'bios']),
  tpm: z.boolean(),
  /** Functions of this computer it gets. */
  functions: z.array(z.strictObject({ address: pciAddress, managed: z.boolean(), network: z.boolean() })).max(256),
  mediated: z.array(vmUuid).max(64),
  /** Kinds of screens: `vnc`, `spice` ... */
  screens: z.array(z.string().max(64)).max(16),
  video: z.array(z.string().max(64)).max(16),
  disks: z.array(z.strictObject({ place: z.string().max(1024), target: z.string().max(64), disc: z.boolean() })).max(256),
  networks: z.array(z.strictObject({ kind: z.string().max(64), source: z.string().max(256) })).max(64),
  /** Names of elements directly under the domain or among its devices that we only keep. */
  kept: z.array(z.string().max(256)).max(1024),
});
export type KnownDomain = z.infer<typeof knownDomain>;

/** One change a person asks of a VM that exists. Each touches only what it names. */
export const vmEdit = z.discriminatedUnion('kind', [
  /** Gives a card's functions, the first of them in front; they get one slot of the guest. */
  z.strictObject({ kind: z.literal('give'), functions: z.array(pciAddress).min(1).max(8), managed: z.boolean(), rom: vmRom }),
  z.strictObject({ kind: z.literal('take-back'), functions: z.array(pciAddress).min(1).max(16) }),
  z.strictObject({ kind: z.literal('pin'), pinning: vmPinning }),
  z.strictObject({ kind: z.literal('unpin') }),
  z.strictObject({ kind: z.literal('memory'), sizeMiB: z.number().int().min(128).max(64 * 1024 * 1024) }),
  z.strictObject({ kind: z.literal('pages'), pages: z.enum(['ordinary', '2M', '1G']) }),
  /** Puts our own mark into its metadata, and nothing else: from then on it is `ours`. `give-up` takes it out again. */
  z.strictObject({ kind: z.literal('adopt') }),
  z.strictObject({ kind: z.literal('give-up') }),
]);
export type VmEdit = z.infer<typeof vmEdit>;
