// SPDX-License-Identifier: GPL-3.0-or-later
import { readKernelArgs } from './kernel-args';
import type { PastedLine } from './pasted-lines';
import { note, placeOf, type Sheet } from './sheet';

interface Message {
  readonly sheet: Sheet;
  readonly from: string;
  readonly found: readonly (string | undefined)[];
}
type Take = (message: Message) => void;
const nothing: Take = () => undefined;

/** Messages of the kernel log that say something about the machine as a whole. */
const takes: readonly (readonly [RegExp, Take])[] = [
  [/^(?:Kernel command line|Command line): ?(.*)$/, ({ sheet, from, found }) => takeArgs(sheet, found[1] ?? '', from)],
  [/^Linux version (\S{1,128})/, takeRelease],
  [/^DMI: (.{1,400})$/, takeDmi],
  [
    /^Hypervisor detected: (.{1,64})$/,
    ({ sheet, from, found }) => note(sheet.facts.machine.virtualised, hypervisor(found[1]), from),
  ],
  [/^(?:Booting paravirtualized kernel on|kvm-guest: )/, nothing],
  [/^ACPI: (DMAR|IVRS|VIOT|IORT) 0x/, takeTable],
  [
    /^DMAR-IR: Enabled IRQ remapping|^AMD-Vi: Interrupt remapping enabled/,
    ({ sheet, from }) => note(sheet.facts.iommu.interruptRemapping, true, from),
  ],
  [
    /^DMAR: (?:dmar|DRHD base|IOMMU |Intel)|^DMAR(?:-IR)?: |^AMD-Vi: |^iommu: |^ivrs|^IVRS|^PCI-DMA: |^arm-smmu(?:-v3)? /i,
    nothing,
  ],
  [/^VFIO - User Level meta-driver|^vfio[_-]pci: |^vfio[_-]/, nothing],
  [/^efi: EFI v|^efi: /, ({ sheet, from }) => note(sheet.facts.firmware.mode, 'uefi', from)],
  [
    /^secureboot: Secure boot (enabled|disabled)/i,
    ({ sheet, from, found }) => note(sheet.facts.firmware.secureBoot, found[1]?.toLowerCase() === 'enabled', from),
  ],
  [/^Kernel is locked down from /, nothing],
  [
    /^ACPI: battery: Slot \[[^\]]{1,16}\] \(battery present\)|^ACPI: Battery Slot \[[^\]]{1,16}\] \(battery present\)/,
    takeBattery,
  ],
  [
    /^(?:Run \S{1,64} as init process|VFS: Mounted root|Freeing unused kernel|systemd\[1\]: )/,
    ({ sheet }) => void (sheet.log.ends = true),
  ],
  [
    /^smpboot: CPU0: (.{1,128})$/,
    ({ sheet, from, found }) => note(sheet.facts.cpu.model, (found[1] ?? '').replace(/ \(family: .*$/, ''), from),
  ],
];

/** Reads one message that is about no single PCI function; false when it is none of those known here. */
export function readLogFact(line: PastedLine, message: string, sheet: Sheet): boolean {
  for (const [pattern, take] of takes) {
    const found = pattern.exec(message);
    if (found === null) continue;
    take({ sheet, from: placeOf('kernel-log', line), found });
    return true;
  }
  return false;
}

/** Notes the kernel arguments, however they were shown. */
export function takeArgs(sheet: Sheet, text: string, from: string): void {
  const args = readKernelArgs(text).map((arg) => arg.slice(0, 2048));
  note(sheet.facts.kernel.args, args.slice(0, 512), from);
  if (from.startsWith('kernel log')) sheet.log.begins = true;
}

function takeRelease({ sheet, from, found }: Message): void {
  note(sheet.facts.kernel.release, found[1] ?? '', from);
  sheet.log.begins = true;
}

/** `DMI: <vendor> <product>/<board>, BIOS <version> <date>`, printed without a mark between vendor and product. */
function takeDmi({ sheet, from, found }: Message): void {
  const [names = '', firmware] = (found[1] ?? '').split(/, BIOS /);
  const [product = '', board] = names.split('/');
  const { machine } = sheet.facts;
  note(machine.product, product.trim(), from);
  if (board !== undefined && board.trim() !== '') note(machine.board, board.trim(), from);
  if (firmware !== undefined) note(machine.firmwareVersion, firmware.trim(), from);
  if (/^QEMU |^VMware|^Xen HVM domU|VirtualBox|^Amazon EC2|^Microsoft Corporation Virtual Machine/.test(names))
    note(machine.chassis, 'vm', from);
}

function takeTable({ sheet, from, found }: Message): void {
  const name = found[1];
  if (name === 'DMAR' || name === 'IVRS' || name === 'VIOT' || name === 'IORT')
    note(sheet.facts.iommu.table, name, from);
}

/** A battery in the machine makes it portable (host facts: chassis type, battery or an internal panel). */
function takeBattery({ sheet, from }: Message): void {
  note(sheet.facts.machine.chassis, 'laptop', from);
}

/** The hypervisor's short name, in the words of systemd-detect-virt. */
export function hypervisor(written: string | undefined): string {
  const text = (written ?? '').trim().toLowerCase();
  if (text.startsWith('microsoft')) return 'microsoft';
  return (/^[a-z0-9-]{1,32}/.exec(text)?.[0] ?? 'other').replace(/^xen-hvm$/, 'xen');
}
