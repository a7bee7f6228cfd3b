// SPDX-License-Identifier: GPL-3.0-or-later
import * as z from 'zod';

const line = z.string().max(256);

export const windowsImage = z.strictObject({
  index: z.number().int(),
  /** As Setup must be told it, exactly. */
  name: line,
  edition: line.nullable(),
  architecture: z.enum(['x86', 'x64', 'arm64', 'other']),
  build: z.number().int().nullable(),
  languages: z.array(line).max(64),
});

/** Why a disc cannot be used. Sentence `vm.media.<code>`. */
export const mediaRefusals = ['not-a-disc', 'cut-short', 'not-windows', 'windows-damaged', 'wrong-processor', 'no-images', 'not-drivers', 'drivers-incomplete'] as const;

/** What a disc image turned out to be. */
export const vmMedia = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('windows'),
    label: line,
    /** Which system its images are: told by the build (22000 and later is Windows 11). */
    system: z.enum(['windows-11', 'windows-10', 'older']),
    images: z.array(windowsImage).min(1).max(64),
    /** Its loader is made for UEFI. */
    uefi: z.boolean(),
  }),
  z.strictObject({ kind: z.literal('linux'), label: line, boots: z.boolean() }),
  /** Drivers for Windows on virtio; for which systems. */
  z.strictObject({ kind: z.literal('drivers'), label: line, systems: z.array(z.enum(['w10', 'w11'])).max(2), agent: z.boolean() }),
  z.strictObject({ kind: z.literal('other'), label: line, boots: z.boolean() }),
  z.strictObject({ kind: z.literal('unusable'), why: z.enum(mediaRefusals), detail: z.record(z.string().max(64), line) }),
]);
export type VmMedia = z.infer<typeof vmMedia>;
