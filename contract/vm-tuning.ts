// SPDX-License-Identifier: GPL-3.0-or-later
import * as z from 'zod';
import { detail } from './judged';
import { vmPinning } from './vm';

/** Why a VM is laid out on this machine as it is. Sentence `vm.tuning.<code>`; its details are named there. */
export const vmTuningCodes = [
  'topology-unknown',
  'too-small',
  'kept-for-host',
  'first-core-kept',
  'first-core-given',
  'isolated-already',
  'performance-cores',
  'one-cache',
  'largest-cache',
  'cache-spans',
  'siblings-together',
  'single-threads',
  'uneven-cores',
  'card-node',
  'card-node-too-small',
  'fewer-cores',
  'helpers-apart',
  'helpers-efficient',
  'helpers-share',
  'memory-near',
  'memory-spills',
  'memory-reduced',
  'memory-unknown',
  'pages-transparent',
  'pages-ready',
  'pages-now',
  'pages-boot',
  'pages-none',
] as const;
export type VmTuningCode = (typeof vmTuningCodes)[number];

const cpuNumber = z.number().int().min(0).max(65_535);

/** What one host thread does while the VM runs. */
export const threadRoles = ['guest', 'emulator', 'io', 'helpers', 'host', 'offline'] as const;

/** A physical core in the picture of the processor. */
export const vmCoreTile = z.strictObject({
  package: z.number().int(),
  node: z.number().int().nullable(),
  /** Number of its last-level cache on this machine, from 0; null unknown. */
  cache: z.number().int().nullable(),
  kind: z.enum(['performance', 'efficiency', 'uniform']),
  threads: z.array(z.strictObject({ id: cpuNumber, role: z.enum(threadRoles), vcpu: z.number().int().nullable() })).min(1).max(16),
});

/** A whole layout, with the reason of each decision and the data of its picture. */
export const vmTuning = z.strictObject({
  schema: z.literal(1),
  cores: z.number().int().min(1),
  threads: z.number().int().min(1),
  /** Null where pinning would do harm: one core, or an unknown topology. */
  pinning: vmPinning.nullable(),
  /** Threads that stay with the host: the only ones other programs may use while the VM runs. */
  host: z.array(cpuNumber).max(4096),
  memory: z.strictObject({
    sizeMiB: z.number().int().min(128),
    /** The most this machine can give and keep its own share; null when its memory is unknown. */
    mostMiB: z.number().int().nullable(),
    pages: z.enum(['ordinary', '2M', '1G']),
    /** Huge pages the VM needs, and when they can be had: they are there, now, or only at the next start. */
    count: z.number().int().min(0),
    when: z.enum(['none', 'ready', 'now', 'boot']),
  }),
  reasons: z.array(z.strictObject({ code: z.enum(vmTuningCodes), detail })).max(64),
  picture: z.array(vmCoreTile).max(4096),
});
export type VmTuning = z.infer<typeof vmTuning>;
export type VmTuningReason = VmTuning['reasons'][number];
