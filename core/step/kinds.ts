// SPDX-License-Identifier: GPL-3.0-or-later
import type { Step, StepKind, StepOf } from '../../contract/plan';
import * as back from './kinds/back';
import * as boot from './kinds/boot';
import * as files from './kinds/own-files';
import * as settings from './kinds/settings';
import type { StepRule } from './rule';

type Steps = { readonly [K in StepKind]: StepOf<K> };

/** The one place where kinds of steps are told apart. */
const rules: { readonly [K in StepKind]: (step: Steps[K]) => StepRule } = {
  'trial-config': boot.trialConfig,
  'trial-image': boot.ownImage,
  'trial-entry': boot.trialEntry,
  'one-shot': boot.oneShot,
  'early-bind': boot.earlyBind,
  'drop-early-bind': boot.dropEarlyBind,
  'default-image': boot.usualImage,
  'kernel-args': boot.kernelArgs,
  'boot-config': boot.bootConfig,
  'drop-trial-entry': boot.dropTrialEntry,
  'drop-trial-image': boot.dropTrialImage,
  'modprobe-config': files.modprobeConfig,
  'modules-load': files.modulesLoad,
  sysctl: files.sysctl,
  limits: files.limits,
  'unit-drop-in': files.unitDropIn,
  'udev-rule': files.udevRule,
  tmpfiles: files.tmpfiles,
  'hook-table': files.hookTable,
  'libvirt-hook': files.libvirtHook,
  'apparmor-rule': files.apparmorRule,
  'move-device': settings.moveDevice,
  'huge-pages': settings.hugePages,
  autostart: settings.autostart,
  membership: settings.membership,
  'put-back': back.putBackPlace,
  'put-one-shot': back.putOneShot,
  'put-vm': back.putVmState,
};
const ruleFor = <K extends StepKind>(kind: K, step: Steps[K]): StepRule => rules[kind](step);

/** Everything there is to know of a step. */
export const ruleOf = (step: Step): StepRule => ruleFor(step.kind, step);
