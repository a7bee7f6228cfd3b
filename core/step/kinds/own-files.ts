// SPDX-License-Identifier: GPL-3.0-or-later
import type { DeviceIdentity, StepOf } from '../../../contract/plan';
import { failed, ok } from '../../../contract/problem';
import type { Sentence } from '../../../contract/review';
import { slotOf } from '../../read/address';
import { cutBlock, putBlock } from '../edit/marker-block';
import { hookFile, readers } from '../own/all';
import { apparmorLines } from '../own/apparmor';
import * as own from '../own/files';
import type { OwnFile } from '../own/own-file';
import type { StepRule, StepView } from '../rule';

const line = (text: string): Sentence => ({ code: 'step.line.holds', detail: { text } });
const body = (text: string): readonly Sentence[] =>
  text
    .split('\n')
    .filter((each) => each !== '' && !each.startsWith('#'))
    .slice(0, 32)
    .map(line);

/** A whole file of ours: written, or taken away; one that is not ours, byte for byte, is somebody's work and is refused. */
function ownFile<C>(file: OwnFile<C>, content: C | null): StepRule {
  const text = content === null ? null : file.print(content);
  return {
    places: [file.place],
    settings: [],
    does: ['write', 'remove'],
    detail: {},
    lines: text === null ? [] : body(text),
    changes(view: StepView) {
      const old = view.text(file.place);
      if (!old.ok) return old;
      if (old.value !== null && readers[file.place](old.value) === null)
        return failed('refused', { why: 'not-ours', place: file.place });
      return ok([
        text === null
          ? { change: 'remove', place: file.place }
          : { change: 'write', place: file.place, text, mode: file.mode },
      ]);
    },
  };
}

export const modprobeConfig = (step: StepOf<'modprobe-config'>): StepRule => ({ ...ownFile(own.modprobeFile, step.content), holdsFrom: 'start' });
export const modulesLoad = (step: StepOf<'modules-load'>): StepRule => ({ ...ownFile(own.modulesFile, step.content), holdsFrom: 'start' });
export const sysctl = (step: StepOf<'sysctl'>): StepRule => ({ ...ownFile(own.sysctlFile, step.content), holdsFrom: 'start' });
export const limits = (step: StepOf<'limits'>): StepRule => ({ ...ownFile(own.limitsFile, step.content), holdsFrom: 'login' });
export const unitDropIn = (step: StepOf<'unit-drop-in'>): StepRule => ({ ...ownFile(own.unitFile, step.content), holdsFrom: 'login', generated: 'units' });
/** udevd reads changed rules by itself (udev(7)); nodes that are there already keep their rights. */
export const udevRule = (step: StepOf<'udev-rule'>): StepRule => ({
  ...ownFile(own.udevFile, step.content),
  lines: [
    ...(step.content?.vfio === undefined ? [] : [{ code: 'step.line.opens-vfio', detail: { group: step.content.vfio } }]),
    ...(step.content?.silent ?? []).map((address) => ({ code: 'step.line.silent', detail: { address } })),
  ],
  holdsFrom: 'start',
});
export const tmpfiles = (step: StepOf<'tmpfiles'>): StepRule => ({ ...ownFile(own.tmpfilesFile, step.content), holdsFrom: 'start' });

export const hookTable = (step: StepOf<'hook-table'>): StepRule => {
  const devices = step.content ?? [];
  return {
    ...ownFile(own.hookTableFile, step.content),
    detail: { count: String(devices.length) },
    lines: devices.flatMap(({ address, vendor, device, single }) => [
      { code: 'step.line.managed', detail: { address, id: `${vendor}:${device}` } },
      ...(single === undefined || address !== firstOf(devices, slotOf(address)) ? [] : [{ code: 'step.line.single', detail: { address } }]),
      ...(single !== 'restart-when-stuck' || address !== firstOf(devices, slotOf(address)) ? [] : [{ code: 'step.line.restarts', detail: { address } }]),
    ]),
  };
};

const firstOf = (devices: readonly DeviceIdentity[], slot: string): string | undefined => devices.find((one) => slotOf(one.address) === slot)?.address;

/** libvirt looks for hooks when its daemon starts (host fact 6.5). */
export const libvirtHook = (step: StepOf<'libvirt-hook'>): StepRule => ({ ...ownFile(hookFile, step.content), lines: [], holdsFrom: 'service' });

/** The administrator's own addition to libvirt's abstraction (libvirt 9.0 includes it by name): our lines in a block, theirs untouched. */
export const apparmorRule = ({ content }: StepOf<'apparmor-rule'>): StepRule => {
  const lines = apparmorLines(content ?? []);
  return {
    places: ['apparmor-rule'],
    settings: [],
    does: ['write'],
    detail: {},
    lines: lines.map((rule) => line(rule.trim())),
    changes(view) {
      const old = view.text('apparmor-rule');
      if (!old.ok) return old;
      const text = content === null ? cutBlock(old.value ?? '') : putBlock(old.value ?? '', lines.join('\n'));
      return text.ok ? ok([{ change: 'write', place: 'apparmor-rule', text: text.value, mode: 0o644 }]) : text;
    },
  };
};
