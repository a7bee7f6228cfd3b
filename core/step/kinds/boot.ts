// SPDX-License-Identifier: GPL-3.0-or-later
import type { DeviceIdentity, StepOf } from '../../../contract/plan';
import { failed, ok, type Result } from '../../../contract/problem';
import type { Sentence } from '../../../contract/review';
import { grubEnvValue, printGrubEnv, readGrubEnv, withGrubEnv } from '../../read/grub-env';
import { boundBy } from '../bound-by';
import { printDropIn } from '../drop-in';
import { earlyHook, earlyScript } from '../early-script';
import { cutBlock, putBlock } from '../edit/marker-block';
import { defaultImage, earlyHookName, earlyScriptName, initramfsConfigFolder, trialImage } from '../places';
import type { Check, StartCheck, StepChange, StepRule, StepView } from '../rule';
import { bindArg, bindWord, trialEntryId } from '../tokens';
import { trialEntryBody } from '../trial-entry';

const argLine = (arg: string): Sentence => ({ code: 'step.line.arg', detail: { arg } });
const deviceLine = (device: DeviceIdentity): Sentence => ({
  code: 'step.line.device',
  detail: { address: device.address, id: `${device.vendor}:${device.device}` },
});
const wordLines = (step: { readonly bind: string; readonly args: readonly string[] }): readonly Sentence[] => [
  ...(step.bind === 'none' ? [] : [{ code: 'step.line.bind-word', detail: {} }]),
  ...step.args.map(argLine),
];

export const trialConfig = (step: StepOf<'trial-config'>): StepRule => ({
  places: ['trial-config'],
  settings: [],
  does: ['copy-config'],
  detail: { count: String(step.devices.length) },
  lines: step.devices.map(deviceLine),
  changes: ({ transaction }) =>
    ok([
      {
        change: 'copy-config',
        place: 'trial-config',
        from: initramfsConfigFolder,
        files: [
          {
            name: earlyScriptName,
            text: earlyScript([{ transaction, devices: step.devices }]),
            mode: 0o755,
          },
          { name: earlyHookName, text: earlyHook, mode: 0o755 },
        ],
      },
    ]),
});

export const ownImage = (step: StepOf<'trial-image'>): StepRule => ({
  places: [trialImage(step.kernel)],
  settings: [],
  does: ['build-image'],
  detail: { kernel: step.kernel },
  lines: step.devices.map(deviceLine),
  changes: () =>
    ok([{ change: 'build-image', place: trialImage(step.kernel), kernel: step.kernel, config: 'trial-config' }]),
  proofs: ({ transaction }) => {
    const script = earlyScript([{ transaction, devices: step.devices }]);
    return ok([{ check: 'image', place: trialImage(step.kernel), kernel: step.kernel, script }]);
  },
});

export const trialEntry = (step: StepOf<'trial-entry'>): StepRule => ({
  places: ['grub-custom'],
  settings: [],
  does: ['write'],
  detail: { kernel: step.kernel },
  lines: [
    {
      code: step.image === 'own' ? 'step.line.own-image' : 'step.line.same-image',
      detail: { kernel: step.kernel },
    },
    ...wordLines(step),
  ],
  changes: (view) => putEntry(step, view),
  proofs: ({ transaction }) => {
    const start = { bind: boundBy(step, transaction), trial: transaction, args: step.args };
    return ok([{ check: 'entry', place: 'grub-custom', kernel: step.kernel, image: step.image, start }]);
  },
});

function putEntry(step: StepOf<'trial-entry'>, view: StepView): Result<readonly StepChange[]> {
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

export const oneShot = (): StepRule => ({
  places: ['grub-env'],
  settings: [],
  does: ['write'],
  detail: {},
  lines: [],
  changes: arm,
});

function arm(view: StepView): Result<readonly StepChange[]> {
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
export const earlyBind = (step: StepOf<'early-bind'>): StepRule => ({
  places: ['early-script', 'early-hook'],
  settings: [],
  does: ['write'],
  detail: { count: String(step.devices.length) },
  lines: step.devices.map(deviceLine),
  changes: ({ transaction }) => {
    const tables = [...(step.kept === null ? [] : [step.kept]), { transaction, devices: step.devices }];
    return ok([
      { change: 'write', place: 'early-script', text: earlyScript(tables), mode: 0o755 },
      { change: 'write', place: 'early-hook', text: earlyHook, mode: 0o755 },
    ]);
  },
  afterStart: () => step.devices.map((device): StartCheck => ({ check: 'bound', device, driver: 'vfio-pci' })),
});

export const dropEarlyBind = (): StepRule => ({
  places: ['early-hook', 'early-script'],
  settings: [],
  does: ['remove'],
  detail: {},
  lines: [],
  changes: () =>
    ok([
      { change: 'remove', place: 'early-hook' },
      { change: 'remove', place: 'early-script' },
    ]),
});

export const usualImage = (step: StepOf<'default-image'>): StepRule => ({
  places: [defaultImage(step.kernel)],
  settings: [],
  does: ['build-image'],
  detail: { kernel: step.kernel },
  lines: [],
  changes: () => ok([{ change: 'build-image', place: defaultImage(step.kernel), kernel: step.kernel, config: null }]),
  proofs: (before) => imageProof(step, before),
  generated: 'image',
});

function imageProof(step: StepOf<'default-image'>, before: StepView): Result<readonly Check[]> {
  const script = before.text('early-script');
  if (!script.ok) return script;
  if (step.without === true && script.value !== null)
    return failed('precondition-failed', { why: 'still-there', place: 'early-script' });
  if (step.without !== true && script.value === null)
    return failed('precondition-failed', { why: 'place-missing', place: 'early-script' });
  return ok([{ check: 'image', place: defaultImage(step.kernel), kernel: step.kernel, script: script.value }]);
}

/** Without a word left to say, our file goes: an empty assignment would be noise. */
export const kernelArgs = (step: StepOf<'kernel-args'>): StepRule => ({
  places: ['grub-drop-in'],
  settings: [],
  does: ['write', 'remove'],
  detail: { count: String(wordLines(step).length) },
  lines: wordLines(step),
  changes: ({ transaction }) => {
    const bind = boundBy(step, transaction);
    if (bind === null && step.args.length === 0) return ok([{ change: 'remove', place: 'grub-drop-in' }]);
    const text = printDropIn({ transaction: bind, args: step.args });
    return ok([{ change: 'write', place: 'grub-drop-in', text, mode: 0o644 }]);
  },
  afterStart: (transaction) => {
    const bind = boundBy(step, transaction);
    const words = [...(bind === null ? [] : [bindArg(bind)]), ...step.args];
    return [
      ...words.map((arg): StartCheck => ({ check: 'argument', arg })),
      bind === null ? { check: 'no-argument', name: bindWord } : { check: 'iommu-active' },
    ];
  },
});

export const bootConfig = (step: StepOf<'boot-config'>): StepRule => ({
  places: ['grub-config'],
  settings: [],
  does: ['build-config'],
  detail: { count: String(wordLines(step).length) },
  lines: wordLines(step),
  changes: () => ok([{ change: 'build-config', place: 'grub-config' }]),
  proofs: (before) => {
    const old = before.text('grub-config');
    if (!old.ok) return old;
    const start = { bind: boundBy(step, before.transaction), trial: null, args: step.args, gone: step.gone ?? [] };
    return ok([{ check: 'config', place: 'grub-config', old: old.value ?? '', start }]);
  },
  generated: 'config',
});

export const dropTrialEntry = (step: StepOf<'drop-trial-entry'>): StepRule => ({
  places: ['grub-custom'],
  settings: [],
  does: ['write', 'remove'],
  detail: {},
  lines: [],
  changes: (view) => {
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
  },
});

export const dropTrialImage = (step: StepOf<'drop-trial-image'>): StepRule => ({
  places: [trialImage(step.kernel)],
  settings: [],
  does: ['remove'],
  detail: { kernel: step.kernel },
  lines: [],
  changes: () => ok([{ change: 'remove', place: trialImage(step.kernel) }]),
});
