// SPDX-License-Identifier: GPL-3.0-or-later
import type { Step } from '../../contract/plan';
import type { Setting } from '../../contract/setting';
import { touchesOf } from '../../core/step/changes';
import { ruleOf } from '../../core/step/kinds';
import { isReadByLoader, pathOf } from '../../core/step/places';
import type { StepChange } from '../../core/step/rule';
import type { ProgramName } from '../programs';
import type { Bench } from './bench';

/** Files outside the store that a step may change: saved before it and told after it. */
export function pathsOf(bench: Bench, step: Step): readonly string[] {
  return touchesOf(step)
    .filter((place) => place !== 'trial-config')
    .map((place) => pathOf(place, bench.transaction));
}

const ofChange: Readonly<Record<StepChange['change'], readonly ProgramName[]>> = {
  write: ['copy-attributes'],
  remove: [],
  'put-back': ['copy-attributes'],
  'copy-config': ['remove-unpacked'],
  'build-image': ['mkinitramfs', 'lsinitramfs', 'unmkinitramfs', 'remove-unpacked', 'copy-attributes'],
  'build-config': ['grub-mkconfig', 'grub-script-check', 'copy-attributes'],
  set: [],
};
const ofSetting: Readonly<Record<Setting['setting'], readonly ProgramName[]>> = {
  driver: ['modprobe'],
  'huge-pages': [],
  autostart: ['virsh-autostart', 'sync-filesystem'],
  membership: ['gpasswd', 'sync-filesystem'],
  'vm-state': ['virsh-domain-state', 'virsh-domain-xml'],
};

/** Every program a step may start, also to go back; asked for before the first step of a plan. */
export function programsOf(step: Step): readonly ProgramName[] {
  const { does, settings, generated } = ruleOf(step);
  const reload: readonly ProgramName[] = generated === 'units' ? ['systemctl-daemon-reload'] : [];
  const writtenBack: readonly ProgramName[] = touchesOf(step).some(isReadByLoader) ? ['sync-filesystem'] : [];
  const all = [...writtenBack, ...does.flatMap((change) => ofChange[change]), ...settings.flatMap(({ setting }) => ofSetting[setting]), ...reload];
  return [...new Set(all)];
}
