// SPDX-License-Identifier: GPL-3.0-or-later
import type { VmFailure } from '../../contract/vm-failure';
import { libvirtSigns } from './libvirt-signs';

/** The end of a log tells; more than this is not searched. */
const most = 64 * 1024;

/**
 * The causes found in an error of libvirt or the log of a VM, the most telling first. Empty when nothing is known of it:
 * then the text itself is shown, never a guess. Messages in other languages are not understood; virsh is asked in English.
 */
export function diagnose(text: string): VmFailure[] {
  const lines = text.slice(-most);
  return libvirtSigns.flatMap(({ code, sign }) => {
    const found = sign.exec(lines);
    if (found === null) return [];
    const { file, ...named } = Object.fromEntries(Object.entries(found.groups ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
    return [{ code, detail: file === undefined ? named : { ...named, path: file } }];
  });
}
