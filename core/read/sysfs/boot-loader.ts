// SPDX-License-Identifier: GPL-3.0-or-later
import type { HostFacts } from '../../../contract/facts';
import { readKernelArgs } from '../kernel-args';

export type BootLoader = NonNullable<HostFacts['system']['bootLoader']['value']>;

/** What each place said about the loader that started this machine; undefined where it said nothing. */
export interface LoaderEvidence {
  readonly loaderInfo: string | undefined;
  readonly stubInfo: string | undefined;
  /** File of the `Boot####` option that firmware started. */
  readonly bootFile: string | undefined;
  readonly commandLine: string | undefined;
  /** type_of_loader; host.md 5.1. */
  readonly loaderType: number | undefined;
  readonly uefi: boolean | undefined;
}

/** Who started the machine, and which evidence said so; first match wins, as in host.md 5.1. */
export function readBootLoader(
  evidence: LoaderEvidence,
): { readonly loader: BootLoader; readonly by: keyof LoaderEvidence } | null {
  // Started by another kernel: no loader's variable or argument speaks of this start.
  if (evidence.loaderType === 0xd0) return { loader: 'other', by: 'loaderType' };
  if (evidence.loaderType === 0xb0) return { loader: 'direct', by: 'loaderType' };
  const named = loaderOfName(evidence.loaderInfo ?? '');
  if (named !== null) return { loader: named, by: 'loaderInfo' };
  if (evidence.stubInfo !== undefined) return { loader: 'uki', by: 'stubInfo' };
  const file = loaderOfFile(evidence.bootFile ?? '');
  if (file !== null) return { loader: file, by: 'bootFile' };
  const line = loaderOfLine(evidence.commandLine ?? '', evidence);
  if (line !== null) return { loader: line, by: 'commandLine' };
  return evidence.loaderType === 0x72 ? { loader: 'grub', by: 'loaderType' } : null;
}

function loaderOfName(name: string): BootLoader | null {
  if (/^systemd-boot\b/.test(name)) return 'systemd-boot';
  if (/^GRUB\b/.test(name)) return 'grub';
  if (/^Limine\b/i.test(name)) return 'limine';
  return /^rEFInd\b/i.test(name) ? 'refind' : null;
}

/** `\EFI\BOOT\BOOTX64.EFI` could be anyone's. shim starts GRUB on every distribution that ships it so. */
function loaderOfFile(path: string): BootLoader | null {
  const file = path.toLowerCase().replaceAll('/', '\\');
  if (/\\systemd-boot\w*\.efi$/.test(file)) return 'systemd-boot';
  if (/\\(shim|grub)\w*\.efi$/.test(file)) return 'grub';
  if (/\\refind\w*\.efi$/.test(file)) return 'refind';
  if (/\\limine\\/.test(file)) return 'limine';
  if (/^\\efi\\linux\\[^\\]+\.efi$/.test(file)) return 'uki';
  return /\\vmlinu[xz][^\\]*$/.test(file) ? 'efi-stub' : null;
}

function loaderOfLine(line: string, evidence: LoaderEvidence): BootLoader | null {
  const first = readKernelArgs(line)[0] ?? '';
  if (first.startsWith('BOOT_IMAGE=')) {
    // Syslinux writes BOOT_IMAGE= too, without GRUB's type; type 3x is its own.
    return evidence.loaderType !== undefined && evidence.loaderType >> 4 === 3 ? 'syslinux' : 'grub';
  }
  // Only firmware hands over paths with backslashes; which of its loaders did is not said.
  return evidence.uefi === true && /(^|\s)initrd=\\/.test(line) ? 'efi-stub' : null;
}
