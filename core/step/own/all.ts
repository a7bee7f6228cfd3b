// SPDX-License-Identifier: GPL-3.0-or-later
import { ownContents, type OwnContent, type OwnPlace } from '../../../contract/steps-now';
import { readApparmorRule } from './apparmor';
import * as files from './files';
import { hookText } from './hook';
import type { OwnFile } from './own-file';

export const hookFile: OwnFile<'hook'> = {
  place: 'libvirt-hook',
  mode: 0o755,
  print: () => hookText,
  read: (text) => (text === hookText ? 'hook' : null),
};

/** Reads what a file's content may be, and nothing else. */
const reader =
  <C>(shape: { safeParse(value: unknown): { readonly data?: C | undefined } }, file: OwnFile<C>) =>
  (text: string): C | null =>
    shape.safeParse(file.read(text)).data ?? null;

/** How each of our files is read back; null: not, byte for byte, one of ours. */
export const readers: { readonly [P in OwnPlace]: (text: string) => OwnContent<P> | null } = {
  'modprobe-config': reader(ownContents['modprobe-config'], files.modprobeFile),
  'modules-load': reader(ownContents['modules-load'], files.modulesFile),
  sysctl: reader(ownContents.sysctl, files.sysctlFile),
  limits: reader(ownContents.limits, files.limitsFile),
  'unit-drop-in': reader(ownContents['unit-drop-in'], files.unitFile),
  'udev-rule': reader(ownContents['udev-rule'], files.udevFile),
  tmpfiles: reader(ownContents.tmpfiles, files.tmpfilesFile),
  'hook-table': reader(ownContents['hook-table'], files.hookTableFile),
  'libvirt-hook': reader(ownContents['libvirt-hook'], hookFile),
  'apparmor-rule': readApparmorRule,
};
