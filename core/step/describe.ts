// SPDX-License-Identifier: GPL-3.0-or-later
import type { DeviceIdentity, Step } from '../../contract/plan';
import type { ReviewStep, Sentence } from '../../contract/review';
import type { StepView } from './changes';
import { diffOf } from './diff';
import { pathOf } from './places';
import { touchesOf } from './changes';

/** A step in words: what it is called, what it does, its lines, and how it is undone. Codes of words/steps. */
export interface Description {
  readonly title: Sentence;
  readonly sentence: Sentence;
  readonly list: readonly Sentence[];
  readonly undo: Sentence;
}

export function describe(step: Step, transaction: string): Description {
  const detail = detailOf(step);
  return {
    title: { code: `step.${step.kind}.title`, detail },
    sentence: { code: `step.${step.kind}.sentence`, detail },
    list: [
      ...linesOf(step),
      ...touchesOf(step).map((place): Sentence => ({
        code: 'step.line.place',
        detail: { path: pathOf(place, transaction) },
      })),
    ],
    undo: { code: `step.${step.kind}.undo`, detail },
  };
}

/** A step of Review at its three depths. */
export function reviewStep(step: Step, view: StepView): ReviewStep {
  const { sentence, list, undo } = describe(step, view.transaction);
  return {
    id: step.id,
    kind: step.kind,
    phase: step.phase,
    sentence,
    list: [...list],
    changes: [...diffOf(step, view)],
    undo,
  };
}

function detailOf(step: Step): Sentence['detail'] {
  switch (step.kind) {
    case 'trial-config':
    case 'early-bind':
      return { count: String(step.devices.length) };
    case 'trial-image':
    case 'default-image':
    case 'drop-trial-image':
    case 'trial-entry':
      return { kernel: step.kernel };
    case 'kernel-args':
    case 'boot-config':
      return { count: String(step.args.length + (step.bind === 'none' ? 0 : 1)) };
    case 'one-shot':
    case 'drop-trial-entry':
      return {};
    default:
      return step satisfies never;
  }
}

function linesOf(step: Step): readonly Sentence[] {
  switch (step.kind) {
    case 'trial-config':
    case 'trial-image':
    case 'early-bind':
      return step.devices.map(deviceLine);
    case 'trial-entry':
      return [
        {
          code: step.image === 'own' ? 'step.line.own-image' : 'step.line.same-image',
          detail: { kernel: step.kernel },
        },
        ...(step.bind === 'none' ? [] : [{ code: 'step.line.bind-word', detail: {} }]),
        ...step.args.map(argLine),
      ];
    case 'kernel-args':
    case 'boot-config':
      return [
        ...(step.bind === 'none' ? [] : [{ code: 'step.line.bind-word', detail: {} }]),
        ...step.args.map(argLine),
      ];
    default:
      return [];
  }
}

const argLine = (arg: string): Sentence => ({ code: 'step.line.arg', detail: { arg } });
const deviceLine = (device: DeviceIdentity): Sentence => ({
  code: 'step.line.device',
  detail: { address: device.address, id: `${device.vendor}:${device.device}` },
});
