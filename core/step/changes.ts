// SPDX-License-Identifier: GPL-3.0-or-later
import type { Place, Step, StepOf } from '../../contract/plan';
import { failed, ok, type Result } from '../../contract/problem';
import { grubEnvValue, printGrubEnv, readGrubEnv, withGrubEnv } from '../read/grub-env';
import { printDropIn } from './drop-in';
import { earlyHook, earlyScript } from './early-script';
import { cutBlock, putBlock } from './edit/marker-block';
import { defaultImage, earlyHookName, earlyScriptName, initramfsConfigFolder, trialImage } from './places';
import { trialEntryId } from './tokens';
import { trialEntryBody } from './trial-entry';

/** What a step is rendered with: the transaction's name, and the places' text as it is now (null: absent). */
export interface StepView {
  readonly transaction: string;
  text(place: Place): Result<string | null>;
}

/** One change of one place, complete: whoever performs it decides nothing any more. */
export type PlaceChange =
  /** Whole content. `mode` is for a new file; one that is there keeps its owner, mode and attributes. */
  | { readonly change: 'write'; readonly place: Place; readonly text: string; readonly mode: number }
  | { readonly change: 'remove'; readonly place: Place }
  /** mkinitramfs writes beside the place; checked, flushed, swapped. `config` null: the system's own configuration. */
  | { readonly change: 'build-image'; readonly place: Place; readonly kernel: string; readonly config: Place | null }
  /** grub-mkconfig writes beside the place; checked, flushed, swapped. */
  | { readonly change: 'build-config'; readonly place: Place }
  /** A folder of the store becomes a copy of `from` with these files put in. */
  | {
      readonly change: 'copy-config';
      readonly place: Place;
      readonly from: string;
      readonly files: readonly { readonly name: string; readonly text: string; readonly mode: number }[];
    };

/** The places a step changes, in the order it does; known without looking. */
export function touchesOf(step: Step): readonly Place[] {
  switch (step.kind) {
    case 'trial-config':
      return ['trial-config'];
    case 'trial-image':
    case 'drop-trial-image':
      return [trialImage(step.kernel)];
    case 'trial-entry':
    case 'drop-trial-entry':
      return ['grub-custom'];
    case 'one-shot':
      return ['grub-env'];
    case 'early-bind':
      return ['early-script', 'early-hook'];
    case 'default-image':
      return [defaultImage(step.kernel)];
    case 'kernel-args':
      return ['grub-drop-in'];
    case 'boot-config':
      return ['grub-config'];
    default:
      return step satisfies never;
  }
}

/** Renders a step: pure, and the same for the diff a person reads and for what root writes. */
export function changesOf(step: Step, view: StepView): Result<readonly PlaceChange[]> {
  const { transaction } = view;
  switch (step.kind) {
    case 'trial-config':
      return ok([copyConfig(step, transaction)]);
    case 'trial-image':
      return ok([
        { change: 'build-image', place: trialImage(step.kernel), kernel: step.kernel, config: 'trial-config' },
      ]);
    case 'trial-entry':
      return putEntry(step, view);
    case 'one-shot':
      return arm(view);
    case 'early-bind':
      return ok(earlyBind(step, transaction));
    case 'default-image':
      return ok([{ change: 'build-image', place: defaultImage(step.kernel), kernel: step.kernel, config: null }]);
    case 'kernel-args':
      return ok([
        {
          change: 'write',
          place: 'grub-drop-in',
          text: printDropIn({ transaction: boundBy(step, transaction), args: step.args }),
          mode: 0o644,
        },
      ]);
    case 'boot-config':
      return ok([{ change: 'build-config', place: 'grub-config' }]);
    case 'drop-trial-entry':
      return dropEntry(step, view);
    case 'drop-trial-image':
      return ok([{ change: 'remove', place: trialImage(step.kernel) }]);
    default:
      return step satisfies never;
  }
}

/** The transaction whose table a start binds; null for none. */
export function boundBy(step: { readonly bind: string }, transaction: string): string | null {
  if (step.bind === 'none') return null;
  return step.bind === 'this' ? transaction : step.bind;
}

function copyConfig(step: StepOf<'trial-config'>, transaction: string): PlaceChange {
  const script = earlyScript([{ transaction, devices: step.devices }]);
  return {
    change: 'copy-config',
    place: 'trial-config',
    from: initramfsConfigFolder,
    files: [
      { name: earlyScriptName, text: script, mode: 0o755 },
      { name: earlyHookName, text: earlyHook, mode: 0o755 },
    ],
  };
}

function putEntry(step: StepOf<'trial-entry'>, view: StepView): Result<readonly PlaceChange[]> {
  const config = view.text('grub-config');
  if (!config.ok) return config;
  const env = view.text('grub-env');
  if (!env.ok) return env;
  const custom = view.text('grub-custom');
  if (!custom.ok) return custom;
  if (config.value === null) return failed('precondition-failed', { why: 'place-missing', place: 'grub-config' });
  const body = trialEntryBody(step, { config: config.value, env: env.value }, view.transaction);
  if (!body.ok) return body;
  const text = putBlock(custom.value ?? '', body.value);
  return text.ok ? ok([{ change: 'write', place: 'grub-custom', text: text.value, mode: 0o644 }]) : text;
}

function arm(view: StepView): Result<readonly PlaceChange[]> {
  const block = view.text('grub-env');
  if (!block.ok) return block;
  const env =
    block.value === null
      ? failed('precondition-failed', { why: 'place-missing', place: 'grub-env' })
      : readGrubEnv(block.value);
  if (!env.ok) return env;
  const waiting = grubEnvValue(env.value, 'next_entry') ?? '';
  if (waiting !== '' && waiting !== trialEntryId) return failed('precondition-failed', { why: 'one-shot-taken' });
  const text = printGrubEnv(withGrubEnv(env.value, 'next_entry', trialEntryId));
  return text.ok ? ok([{ change: 'write', place: 'grub-env', text: text.value, mode: 0o644 }]) : text;
}

/** The table in force until grub.cfg names the new one stays in the script, so that no start in between loses it. */
function earlyBind(step: StepOf<'early-bind'>, transaction: string): readonly PlaceChange[] {
  const tables = [...(step.kept === null ? [] : [step.kept]), { transaction, devices: step.devices }];
  return [
    { change: 'write', place: 'early-script', text: earlyScript(tables), mode: 0o755 },
    { change: 'write', place: 'early-hook', text: earlyHook, mode: 0o755 },
  ];
}

function dropEntry(step: StepOf<'drop-trial-entry'>, view: StepView): Result<readonly PlaceChange[]> {
  const custom = view.text('grub-custom');
  if (!custom.ok) return custom;
  const rest = cutBlock(custom.value ?? '');
  if (!rest.ok) return rest;
  const isGone = rest.value === '' && step.leaves === 'nothing';
  return ok([
    isGone
      ? { change: 'remove', place: 'grub-custom' }
      : { change: 'write', place: 'grub-custom', text: rest.value, mode: 0o644 },
  ]);
}
