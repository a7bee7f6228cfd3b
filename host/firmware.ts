// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../contract/facts';
import { readBootParams } from '../core/read/sysfs/boot-params';
import { readNumber, readVariable } from '../core/read/sysfs/efi-variable';
import { readChosen } from '../core/read/sysfs/numbers';
import { known, unknown, type Read } from './fact';
import type { Look, Machine } from './machine';

const efi = '/sys/firmware/efi';
const variables = `${efi}/efivars`;
/** EFI_GLOBAL_VARIABLE. */
export const globalGuid = '8be4df61-93ca-11d2-aa0d-00e098032b8c';
export const bootParamsPlace = '/sys/kernel/boot_params/data';

/** Firmware's mode and what it enforces. */
export function lookAtFirmware(machine: Machine): HostFacts['firmware'] {
  const mode = lookAtMode(machine);
  return {
    mode,
    secureBoot: mode.value === 'bios' ? known(false, efi) : lookAtSecureBoot(machine),
    lockdown: lookAtLockdown(machine),
    setupOnRestart: mode.value === 'bios' ? known(false, efi) : lookAtSetup(machine),
  };
}

/** A machine without /sys/firmware/efi was not started by UEFI - as long as /sys/firmware itself is there to look into. */
function lookAtMode(machine: Machine): HostFacts['firmware']['mode'] {
  const folder = machine.names('/sys/firmware');
  if (folder.at !== 'is') return unknown('/sys/firmware');
  if (folder.value.includes('efi')) return known('uefi', efi);
  // A device tree without UEFI is started by something that is neither.
  return folder.value.includes('devicetree') ? unknown(efi) : known('bios', efi);
}

/** Value of an EFI variable, without its attributes. */
export function variable(
  machine: Machine,
  name: string,
  guid: string,
): { readonly look: Look<Uint8Array>; readonly place: string } {
  const place = `${variables}/${name}-${guid}`;
  const look = machine.bytes(place, 65536);
  if (look.at !== 'is') return { look, place };
  const value = readVariable(look.value);
  return { look: value === null ? { at: 'unreadable', why: 'io' } : { at: 'is', value }, place };
}

function lookAtSecureBoot(machine: Machine): Read<boolean> {
  const { look, place } = variable(machine, 'SecureBoot', globalGuid);
  if (look.at === 'is' && look.value.length > 0) return known(look.value[0] === 1, place);
  const bytes = machine.bytes(bootParamsPlace, 65536);
  const told = bytes.at === 'is' ? readBootParams(bytes.value)?.secureBoot : undefined;
  return told === 'enabled' || told === 'disabled' ? known(told === 'enabled', bootParamsPlace) : unknown(place);
}

/** No file in a securityfs that is there means no lockdown module in this kernel. */
function lookAtLockdown(machine: Machine): HostFacts['firmware']['lockdown'] {
  const place = '/sys/kernel/security/lockdown';
  const look = machine.text(place);
  if (look.at === 'absent') {
    const folder = machine.names('/sys/kernel/security');
    return folder.at === 'is' && folder.value.length > 0 ? known('none', place) : unknown(place);
  }
  const word = look.at === 'is' ? readChosen(look.value) : null;
  return word === 'none' || word === 'integrity' || word === 'confidentiality' ? known(word, place) : unknown(place);
}

function lookAtSetup(machine: Machine): Read<boolean> {
  const { look, place } = variable(machine, 'OsIndicationsSupported', globalGuid);
  if (look.at === 'is') return known((readNumber(look.value) & 1n) === 1n, place);
  const folder = machine.names(variables);
  return look.at === 'absent' && folder.at === 'is' && folder.value.length > 0 ? known(false, place) : unknown(place);
}
