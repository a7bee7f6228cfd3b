// SPDX-License-Identifier: GPL-3.0-or-later
import * as z from 'zod';
import type { Finding } from './finding';
import { pciAddress } from './pci';
import { actionCodes, wayKinds, type Assessment, type Card, type Reason, type Verdict, type Way } from './verdict';

/** A code of words/: short, so that a key of a message table fits and nothing else does. */
export const code = z.string().min(1).max(96);
/** The short strings of a problem, finding or reason. */
export const detail = z.record(z.string().max(64), z.string().max(1024));
const line = z.string().max(1024);
const addresses = z.array(pciAddress).max(16384);
const evidence = z.array(z.strictObject({ place: z.string().max(256), value: z.string().max(4096) })).max(256);
const confidence = z.enum(['seen', 'inferred', 'unknown']);

const reason: z.ZodType<Reason> = z.strictObject({ code, detail, evidence });

/** The wire form of a finding. */
export const finding: z.ZodType<Finding> = z.strictObject({
  code,
  weight: z.enum(['good', 'note', 'warn', 'stop']),
  confidence,
  about: z.union([pciAddress, z.literal('host')]),
  detail,
  evidence,
  next: z.strictObject({ code, detail, command: line.exactOptional() }).exactOptional(),
});
const findings = z.array(finding).max(1024);

const gpuKind = z.enum(['integrated', 'discrete', 'bmc', 'virtual', 'discrete-vf']);
const resetAnswer = z.enum(['yes', 'possible', 'unknown', 'no']);
const yesNoUnknown = z.strictObject({ value: z.boolean().nullable(), reason });

const verdict: z.ZodType<Verdict> = z.strictObject({
  gpus: z.array(z.strictObject({ address: pciAddress, kind: gpuKind, name: line, reason })).max(1024),
  boot_gpu: z.strictObject({ address: pciAddress.nullable(), confidence: z.enum(['stated', 'derived', 'likely', 'unknown']), reason }),
  passthrough: z
    .array(
      z.strictObject({
        gpu: pciAddress,
        verdict: z.enum(['yes', 'conditional', 'no']),
        own_functions: addresses,
        bind_together: addresses,
        leave_on_host: addresses,
        iommu_group: z.number().int().nullable(),
        reason,
      }),
    )
    .max(1024),
  identical_ids: z.strictObject({
    present: z.boolean(),
    gpu_ids: z.record(z.string().max(16), addresses),
    id_also_matches_other_devices: z.array(z.strictObject({ id: z.string().max(16), pass: pciAddress, also_matches: addresses })).max(1024),
    reason,
  }),
  single_gpu: yesNoUnknown,
  iommu_off: yesNoUnknown,
  hybrid_laptop: z.strictObject({ value: z.boolean().nullable(), kind: z.enum(['muxless', 'muxed', 'unknown', 'none']), reason }),
  reset_bug: z.strictObject({
    value: resetAnswer,
    cards: z.array(z.strictObject({ gpu: pciAddress, family: line, value: resetAnswer, reason })).max(1024),
    reason,
  }),
  vgpu: z.strictObject({ kind: z.enum(['none', 'gvt-g', 'sriov', 'nvidia-vgpu', 'mig']), capable: z.boolean(), reason }),
  recommended_action: z.strictObject({ code: z.enum(actionCodes), target: pciAddress.nullable(), reason }),
});

/** One way of serving a VM. */
export const wayKind = z.enum(wayKinds);
const way: z.ZodType<Way> = z.strictObject({
  kind: wayKind,
  possible: z.enum(['yes', 'conditional', 'no', 'unknown']),
  costs: z.array(reason).max(64),
  reasons: z.array(reason).max(64),
});

const card: z.ZodType<Card> = z.strictObject({
  gpu: pciAddress,
  name: line,
  vendorName: line,
  slot: z.string().max(128).nullable(),
  kind: gpuKind,
  role: z.enum(['boot-display', 'lit-screen', 'idle', 'reserved', 'unknown']),
  companions: addresses,
  staysOnHost: addresses,
  blockers: addresses,
  sharesWith: addresses,
  resetFamily: z.string().max(128).nullable(),
  ways: z.array(way).max(16),
  findings,
});

/** What the source did not say, and what to paste or run. */
export const missing = z.array(z.strictObject({ what: z.string().max(64), command: z.string().max(256).nullable() })).max(32);

/** The wire form of everything judged about one machine; the nouns themselves are in verdict.ts. */
export const assessment: z.ZodType<Assessment> = z.strictObject({
  schema: z.literal(1),
  verdict,
  readiness: findings,
  cards: z.array(card).max(1024),
  recommendation: z.strictObject({
    action: z.enum(actionCodes),
    target: pciAddress.nullable(),
    way: wayKind.nullable(),
    confidence,
    reason,
    next: finding.nullable(),
  }),
  missing,
});
