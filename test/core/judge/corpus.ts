// SPDX-License-Identifier: GPL-3.0-or-later
import { readdirSync, readFileSync } from 'node:fs';
import * as z from 'zod';
import type { HostFacts } from '../../../contract/facts';
import { readMachineFile } from '../../../core/read/machine-file';

const folder = new URL('../../corpus/machines/', import.meta.url);
const address = z.string();
const answer = z.enum(['yes', 'conditional', 'no']);

/** The expert's verdict of a corpus machine, as far as it is compared. */
export const expectation = z.object({
  gpus: z.array(z.object({ address, kind: z.string() })),
  boot_gpu: z.object({ address: address.nullable(), confidence: z.string() }),
  passthrough: z.array(z.object({ gpu: address, verdict: answer, own_functions: z.array(address), bind_together: z.array(address), leave_on_host: z.array(address), iommu_group: z.number().nullable() })),
  identical_ids: z.object({
    present: z.boolean(),
    gpu_ids: z.record(z.string(), z.array(address)),
    id_also_matches_other_devices: z.array(z.object({ id: z.string(), pass: address, also_matches: z.array(address) })),
  }),
  single_gpu: z.object({ value: z.boolean().nullable() }),
  iommu_off: z.object({ value: z.boolean().nullable() }),
  hybrid_laptop: z.object({ value: z.boolean().nullable() }),
  reset_bug: z.object({ value: z.string() }),
  vgpu: z.object({ kind: z.string(), capable: z.boolean() }),
  recommended_action: z.object({ code: z.string(), target: address.nullable() }),
  second_opinion: z
    .object({
      verdict: z.record(z.string(), answer).optional(),
      boot_gpu: address.nullable().optional(),
      reset_bug: z.string().optional(),
      single_gpu: z.boolean().nullable().optional(),
      hybrid_laptop: z.boolean().nullable().optional(),
      vgpu: z.string().optional(),
      action: z.string().optional(),
      target: z.union([address, z.array(address)]).nullable().optional(),
    })
    .optional(),
});
export type Expectation = z.infer<typeof expectation>;

export interface CorpusMachine {
  readonly file: string;
  readonly id: string;
  readonly text: string;
  readonly expected: Expectation;
}

/** The recorded machines with the experts' verdicts. */
export const corpus: readonly CorpusMachine[] = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .sort()
  .map((file) => {
    const text = readFileSync(new URL(file, folder), 'utf8');
    const whole = z.object({ id: z.string(), expected: expectation }).parse(JSON.parse(text));
    return { file, id: whole.id, text, expected: whole.expected };
  });

export function factsOf(text: string): HostFacts {
  const read = readMachineFile(text);
  if (!read.ok) throw new Error(JSON.stringify(read.problem));
  return read.value;
}
