// SPDX-License-Identifier: GPL-3.0-or-later
import type { BindTable, DeviceIdentity } from '../../contract/plan';
import { isPciAddress } from '../read/address';
import { bindWord } from './tokens';

/**
 * The script initramfs-tools runs first of init-top, before udev drives the devices (host fact 5.7).
 * It binds the table that `switchyard.bind=` names, all of it or nothing, and only where each device is still the one
 * that was chosen and has an IOMMU group. Uses nothing but the shell and modprobe: a small image may have no grep.
 */
export function earlyScript(tables: readonly BindTable[]): string {
  return [...head, ...tables.flatMap(tableLines), ...choice(tables), ...tail, ''].join('\n');
}

/** The tables of a script we wrote; null when it is not, byte for byte, one of ours. */
export function readEarlyScript(text: string): readonly BindTable[] | null {
  const tables: BindTable[] = [];
  for (const line of text.split('\n')) {
    const transaction = /^table_([0-9a-f]{16})\(\) \{$/.exec(line)?.[1];
    if (transaction !== undefined) tables.push({ transaction, devices: [] });
    const last = tables.at(-1);
    const device = readDevice(line);
    if (device !== null && last !== undefined)
      tables[tables.length - 1] = { ...last, devices: [...last.devices, device] };
  }
  return earlyScript(tables) === text ? tables : null;
}

/**
 * The hook beside it: the modules the script loads must be in the image; built-in ones need no file. It always ends
 * well, because a hook that fails ends every build, also that of the next kernel's image (initramfs-tools 0.142).
 */
export const earlyHook = `#!/bin/sh
# managed by switchyard
PREREQ=""
case "\${1:-}" in
  prereqs) echo "$PREREQ"; exit 0 ;;
esac
. /usr/share/initramfs-tools/hook-functions
manual_add_modules vfio_pci vfio_iommu_type1
exit 0
`;

const hex = (id: string | null): string => (id === null ? '-' : `0x${id}`);
const deviceLine = (device: DeviceIdentity): string =>
  `  "$1" ${device.address} ${hex(device.vendor)} ${hex(device.device)} ${hex(device.subsystemVendor)} ${hex(device.subsystemDevice)} || return 1`;
const devicePattern =
  /^ {2}"\$1" ([0-9a-f:.]+) 0x([0-9a-f]{4}) 0x([0-9a-f]{4}) (0x[0-9a-f]{4}|-) (0x[0-9a-f]{4}|-) \|\| return 1$/;

function readDevice(line: string): DeviceIdentity | null {
  const [, address = '', vendor = '', device = '', subsystemVendor, subsystemDevice] = devicePattern.exec(line) ?? [];
  const id = (text: string | undefined): string | null => (text === undefined || text === '-' ? null : text.slice(2));
  if (!isPciAddress(address)) return null;
  return { address, vendor, device, subsystemVendor: id(subsystemVendor), subsystemDevice: id(subsystemDevice) };
}

const tableLines = (table: BindTable): readonly string[] => [
  `table_${table.transaction}() {`,
  ...table.devices.map(deviceLine),
  '}',
];
const choice = (tables: readonly BindTable[]): readonly string[] => [
  'case "$named" in',
  ...tables.map((table) => `  ${table.transaction}) table=table_${table.transaction} ;;`),
  '  *) exit 0 ;;',
  'esac',
];

const head = [
  '#!/bin/sh',
  '# managed by switchyard',
  `# Does nothing unless the kernel command line holds ${bindWord}= with the name of a table below.`,
  'PREREQ=""',
  'case "${1:-}" in',
  '  prereqs) echo "$PREREQ"; exit 0 ;;',
  'esac',
  'pci=/sys/bus/pci',
  'named=',
  'read -r words < /proc/cmdline',
  'set -f',
  'for word in $words; do',
  '  case "$word" in',
  `    ${bindWord}=*) named=\${word#${bindWord}=} ;;`,
  '  esac',
  'done',
  '# same FILE VALUE: true when VALUE is "-" or the first line of FILE.',
  'same() {',
  '  [ "$2" = - ] && return 0',
  '  [ -r "$1" ] && read -r value < "$1" && [ "$value" = "$2" ]',
  '}',
  '# The device is the chosen one and the IOMMU guards it.',
  'known() {',
  '  d=$pci/devices/$1',
  '  [ -e "$d/iommu_group" ] && same "$d/vendor" "$2" && same "$d/device" "$3" && same "$d/subsystem_vendor" "$4" && same "$d/subsystem_device" "$5"',
  '}',
  'claim() {',
  '  echo vfio-pci > "$pci/devices/$1/driver_override"',
  '}',
  '# A driver built into the kernel may have been faster.',
  'settle() {',
  '  d=$pci/devices/$1',
  '  [ -e "$pci/drivers/vfio-pci/$1" ] && return 0',
  '  if [ -e "$d/driver" ]; then echo "$1" > "$d/driver/unbind"; fi',
  '  echo "$1" > "$pci/drivers_probe"',
  '}',
];
const tail = [
  'if "$table" known; then',
  '  "$table" claim',
  '  modprobe -q vfio_iommu_type1',
  '  modprobe -q vfio_pci',
  '  "$table" settle',
  'fi',
  'exit 0',
];
