// SPDX-License-Identifier: GPL-3.0-or-later
import type { Place, Step, StepOf } from '../../contract/plan';
import type { Result } from '../../contract/problem';
import type { TrialProof } from '../../contract/trial';
import { allGrubEntries, readGrubConfig, type GrubEntry } from '../read/grub-cfg';
import { grubEnvValue, readGrubEnv } from '../read/grub-env';
import { blockBody } from '../step/edit/marker-block';
import { earlyScriptName, pathOf } from '../step/places';
import { proveEntry } from '../step/proof';
import { defaultEntry } from '../step/trial-entry';

/** What can be read back of a step that was just verified. */
export interface ReadBack {
  readonly transaction: string;
  readonly standing: readonly { readonly path: string; readonly is: { readonly size: number; readonly sha256: string } | null }[];
  text(place: Place): Result<string | null>;
}

/**
 * What the person is shown before the restart: the built image and the entry, read back and not remembered. The image was
 * opened and proven by core/step/proof before this is called; here is told what of it is so. Empty: nothing to show.
 */
export function proofOf(step: Step, back: ReadBack): readonly TrialProof[] {
  switch (step.kind) {
    case 'trial-image':
      return imageProof(step, back);
    case 'trial-entry':
      return entryProof(step, back);
    case 'one-shot':
      return oneShotProof(back);
    default:
      return [];
  }
}

function imageProof(step: StepOf<'trial-image'>, { transaction, standing }: ReadBack): readonly TrialProof[] {
  const path = pathOf(`trial-image:${step.kernel}`, transaction);
  const image = standing.find((one) => one.path === path)?.is ?? null;
  if (image === null) return [];
  const size = (image.size / 1_048_576).toFixed(1);
  return [{ code: 'image', detail: { path, size, digest: image.sha256, script: earlyScriptName, modules: 'vfio-pci, vfio_iommu_type1' } }];
}

function entryProof(step: StepOf<'trial-entry'>, back: ReadBack): readonly TrialProof[] {
  const custom = textOf(back, 'grub-custom');
  const config = textOf(back, 'grub-config');
  if (custom === null || config === null) return [];
  const files = { config, env: textOf(back, 'grub-env') };
  const start = { bind: step.bind === 'this' ? back.transaction : null, trial: back.transaction, args: step.args };
  const usual = defaultEntry(files);
  const ours = ownEntry(custom);
  if (!proveEntry(custom, files, { kernel: step.kernel, image: step.image, start }).ok || !usual.ok || ours?.linux == null) return [];
  const before = new Set((usual.value.entry.linux?.args ?? []).map((word) => word.raw));
  const added = ours.linux.args.map((word) => word.raw).filter((word) => !before.has(word));
  return [{ code: 'entry', detail: { kernel: ours.linux.path, image: ours.initrd.join(' ').slice(0, 512), added: added.join(' ').slice(0, 512) } }];
}

function textOf(back: ReadBack, place: Place): string | null {
  const read = back.text(place);
  return read.ok ? read.value : null;
}

function ownEntry(custom: string): GrubEntry | undefined {
  const block = blockBody(custom);
  const read = block.ok ? readGrubConfig(block.value ?? '') : block;
  return read.ok ? allGrubEntries(read.value.items)[0] : undefined;
}

function oneShotProof(back: ReadBack): readonly TrialProof[] {
  const block = textOf(back, 'grub-env');
  const env = block === null ? null : readGrubEnv(block);
  const entry = env?.ok === true ? (grubEnvValue(env.value, 'next_entry') ?? '') : '';
  return entry === '' ? [] : [{ code: 'one-shot', detail: { entry } }];
}
