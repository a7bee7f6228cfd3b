// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../contract/facts';
import { argValue, readKernelArgs } from '../core/read/kernel-args';
import { readBootLoader } from '../core/read/sysfs/boot-loader';
import { readName } from '../core/read/sysfs/clean';
import { readLoadOption, readNumber, readWideText } from '../core/read/sysfs/efi-variable';
import { known, line, unknown } from './fact';
import { globalGuid, variable } from './firmware';
import type { Machine } from './machine';

/** Vendor GUID of the Boot Loader Interface. */
const loaderGuid = '4a67b082-0a4c-41cf-b6c7-440b29bb8c4f';
type System = HostFacts['system'];

/** The loader that started this machine - not one that is merely installed - and what it can do. */
export function lookAtBootLoader(
  machine: Machine,
  kernel: HostFacts['kernel'],
  firmware: HostFacts['firmware'],
): Pick<System, 'bootLoader' | 'loaderVersion' | 'loaderOneShot' | 'bootEntry'> {
  const wide = (name: string): string | undefined => {
    const { look } = variable(machine, name, loaderGuid);
    return look.at === 'is' ? readWideText(look.value) || undefined : undefined;
  };
  const commandLine = line(machine, '/proc/cmdline') ?? undefined;
  const loaderInfo = wide('LoaderInfo');
  const told = readBootLoader({
    loaderInfo,
    stubInfo: wide('StubInfo'),
    bootFile: bootFile(machine),
    commandLine,
    loaderType: kernel.bootloaderType.value ?? undefined,
    uefi: firmware.mode.value === null ? undefined : firmware.mode.value === 'uefi',
  });
  const infoPlace = variablePlace('LoaderInfo');
  const places = {
    loaderInfo: infoPlace,
    stubInfo: variablePlace('StubInfo'),
    bootFile: '/sys/firmware/efi/efivars/BootCurrent',
    commandLine: '/proc/cmdline',
    loaderType: '/proc/sys/kernel/bootloader_type',
    uefi: '/sys/firmware/efi',
  };
  return {
    bootLoader: told === null ? unknown('/proc/cmdline') : known(withProxmox(machine, told.loader), places[told.by]),
    loaderVersion: loaderInfo === undefined ? unknown(infoPlace) : known(loaderInfo.slice(0, 128), infoPlace),
    loaderOneShot: lookAtFeatures(machine),
    bootEntry: lookAtEntry(wide('LoaderEntrySelected'), commandLine),
  };
}

const variablePlace = (name: string): string => `/sys/firmware/efi/efivars/${name}-${loaderGuid}`;

/** LoaderInfo alone promises nothing; bit 3 of LoaderFeatures does. Source: host.md 1.8. */
function lookAtFeatures(machine: Machine): System['loaderOneShot'] {
  const { look, place } = variable(machine, 'LoaderFeatures', loaderGuid);
  return look.at === 'is' && look.value.length > 0
    ? known((readNumber(look.value) & 8n) !== 0n, place)
    : unknown(place);
}

/** What firmware itself started: BootCurrent names a Boot#### option. */
function bootFile(machine: Machine): string | undefined {
  const current = variable(machine, 'BootCurrent', globalGuid).look;
  if (current.at !== 'is' || current.value.length < 2) return undefined;
  const number = readNumber(current.value.subarray(0, 2)).toString(16).toUpperCase().padStart(4, '0');
  const option = variable(machine, `Boot${number}`, globalGuid).look;
  return option.at === 'is' ? (readLoadOption(option.value)?.file ?? undefined) : undefined;
}

function lookAtEntry(selected: string | undefined, commandLine: string | undefined): System['bootEntry'] {
  if (selected !== undefined) return known(selected, variablePlace('LoaderEntrySelected'));
  const image = commandLine === undefined ? undefined : argValue(readKernelArgs(commandLine), 'BOOT_IMAGE');
  return image === undefined || image === null
    ? unknown(variablePlace('LoaderEntrySelected'))
    : known(readName(image), '/proc/cmdline');
}

/** On Proxmox with its own boot tool, entries and arguments belong to that tool whichever loader shows them. */
function withProxmox<T extends string>(machine: Machine, loader: T): T | 'proxmox-boot-tool' {
  return machine.stat('/etc/kernel/proxmox-boot-uuids').at === 'is' ? 'proxmox-boot-tool' : loader;
}
