// SPDX-License-Identifier: GPL-3.0-or-later
import type { DeviceIdentity, Place, Plan, Step } from '../../contract/plan';
import { failed, ok, type Result } from '../../contract/problem';
import { boundBy, changesOf, type StepView } from './changes';
import { earlyScript } from './early-script';
import { proveConfig, proveEntry, proveImage, type ImageFound, type StartArgs } from './proof';
import { bindArg, trialArg } from './tokens';

/** One thing that must be true after a step, to be found out by looking and never from what a program said (security rule 11). */
export type Check =
  /** The place holds exactly this. */
  | { readonly check: 'text'; readonly place: Place; readonly text: string }
  | { readonly check: 'absent'; readonly place: Place }
  /** The image holds this early script, first in its order, and the modules it loads. */
  | { readonly check: 'image'; readonly place: Place; readonly kernel: string; readonly script: string }
  /** The folder of the store holds these files, executable. */
  | {
      readonly check: 'config-copy';
      readonly place: Place;
      readonly files: readonly { readonly name: string; readonly text: string }[];
    }
  /** The trial entry reads back as the default entry with our changes and no other. */
  | {
      readonly check: 'entry';
      readonly place: Place;
      readonly kernel: string;
      readonly image: 'own' | 'default';
      readonly start: StartArgs;
    }
  /** The generated configuration is the old one with our arguments on every normal entry and no other change. */
  | { readonly check: 'config'; readonly place: Place; readonly old: string; readonly start: StartArgs };

/** What whoever verifies has looked up for a check: texts of places, and an image's content. Null: absent. */
export interface CheckView {
  text(place: Place): Result<string | null>;
  image(place: Place): Result<ImageFound | null>;
  /** A file inside a folder of the store, with its permission bits. */
  file(place: Place, name: string): Result<{ readonly text: string; readonly mode: number } | null>;
}

/** What must hold after the step; `before` shows the places as they were when the step began. */
export function mustHold(step: Step, before: StepView): Result<readonly Check[]> {
  const changes = changesOf(step, before);
  if (!changes.ok) return changes;
  const checks: Check[] = [];
  for (const change of changes.value) {
    if (change.change === 'write') checks.push({ check: 'text', place: change.place, text: change.text });
    if (change.change === 'remove') checks.push({ check: 'absent', place: change.place });
    if (change.change === 'copy-config')
      checks.push({ check: 'config-copy', place: change.place, files: change.files });
  }
  const more = deeper(step, before);
  return more.ok ? ok([...checks, ...more.value]) : more;
}

function deeper(step: Step, before: StepView): Result<readonly Check[]> {
  const { transaction } = before;
  switch (step.kind) {
    case 'trial-image': {
      const script = earlyScript([{ transaction, devices: step.devices }]);
      return ok([{ check: 'image', place: `trial-image:${step.kernel}`, kernel: step.kernel, script }]);
    }
    case 'default-image': {
      const script = before.text('early-script');
      if (!script.ok) return script;
      if (script.value === null) return failed('precondition-failed', { why: 'place-missing', place: 'early-script' });
      return ok([{ check: 'image', place: `default-image:${step.kernel}`, kernel: step.kernel, script: script.value }]);
    }
    case 'trial-entry': {
      const start = { bind: step.bind === 'this' ? transaction : null, trial: transaction, args: step.args };
      return ok([{ check: 'entry', place: 'grub-custom', kernel: step.kernel, image: step.image, start }]);
    }
    case 'boot-config': {
      const old = before.text('grub-config');
      if (!old.ok) return old;
      return ok([
        {
          check: 'config',
          place: 'grub-config',
          old: old.value ?? '',
          start: { bind: boundBy(step, transaction), trial: null, args: step.args },
        },
      ]);
    }
    default:
      return ok([]);
  }
}

/** Whether a check holds in what was found; the problem says which part does not. */
export function holds(check: Check, found: CheckView): Result<void> {
  switch (check.check) {
    case 'text':
      return textIs(found, check.place, check.text)
        ? ok(undefined)
        : failed('step-failed', { why: 'not-as-written', place: check.place });
    case 'absent':
      return textIs(found, check.place, null)
        ? ok(undefined)
        : failed('step-failed', { why: 'still-there', place: check.place });
    case 'image':
      return imageHolds(check, found);
    case 'config-copy':
      return copyHolds(check, found);
    case 'config':
      return onText(found, check.place, (text) => proveConfig(check.old, text, check.start));
    case 'entry':
      return onText(found, check.place, (custom) =>
        onText(found, 'grub-config', (config) => {
          const env = found.text('grub-env');
          return env.ok ? proveEntry(custom, { config, env: env.value }, check) : env;
        }),
      );
    default:
      return check satisfies never;
  }
}

function textIs(found: CheckView, place: Place, wanted: string | null): boolean {
  const text = found.text(place);
  return text.ok && text.value === wanted;
}

function onText(found: CheckView, place: Place, prove: (text: string) => Result<void>): Result<void> {
  const text = found.text(place);
  if (!text.ok) return text;
  return text.value === null ? failed('step-failed', { why: 'not-there', place }) : prove(text.value);
}

function imageHolds(check: Extract<Check, { check: 'image' }>, found: CheckView): Result<void> {
  const image = found.image(check.place);
  if (!image.ok) return image;
  return image.value === null
    ? failed('step-failed', { why: 'not-there', place: check.place })
    : proveImage(image.value, check);
}

function copyHolds(check: Extract<Check, { check: 'config-copy' }>, found: CheckView): Result<void> {
  for (const wanted of check.files) {
    const file = found.file(check.place, wanted.name);
    if (!file.ok) return file;
    const isRight = file.value !== null && file.value.text === wanted.text && (file.value.mode & 0o100) !== 0;
    if (!isRight) return failed('step-failed', { why: 'not-as-written', place: check.place });
  }
  return ok(undefined);
}

/** What the self check of a start looks for (host fact 5.9): in the trial, and at every start once kept. */
export type StartCheck =
  | { readonly check: 'argument'; readonly arg: string }
  | { readonly check: 'iommu-active' }
  | { readonly check: 'bound'; readonly device: DeviceIdentity; readonly driver: 'vfio-pci' };

export function expectAfterStart(plan: Plan, transaction: string, when: 'trial' | 'kept'): readonly StartCheck[] {
  const expected: StartCheck[] = when === 'trial' ? [{ check: 'argument', arg: trialArg(transaction) }] : [];
  for (const step of plan.steps) {
    if (step.kind === 'kernel-args') {
      const table = boundBy(step, transaction);
      for (const arg of [...(table === null ? [] : [bindArg(table)]), ...step.args])
        expected.push({ check: 'argument', arg });
      expected.push({ check: 'iommu-active' });
    }
    if (step.kind === 'early-bind')
      for (const device of step.devices) expected.push({ check: 'bound', device, driver: 'vfio-pci' });
  }
  return expected;
}
