// SPDX-License-Identifier: GPL-3.0-or-later

/** What firmware and loader handed to the kernel (`/sys/kernel/boot_params/data`, struct boot_params, 4096 bytes). */
export interface BootParams {
  /** `efi` GOP, `vesa` linear framebuffer, `text`, or `other`. */
  readonly screen: 'efi' | 'vesa' | 'text' | 'other';
  /** Address of the firmware framebuffer; 0 when there is none. */
  readonly framebuffer: bigint;
  readonly secureBoot: 'unset' | 'unknown' | 'disabled' | 'enabled';
  /** type_of_loader, e.g. 0x72 GRUB's legacy hand-over, 0x21 EFI stub, 0xb0 QEMU, 0xd0 kexec. */
  readonly loader: number;
}

/** Null when the file is shorter than the structure. Offsets: host.md 1.5.1 and 5.1, bootparam.h, screen_info.h. */
export function readBootParams(bytes: Uint8Array): BootParams | null {
  if (bytes.length < 0x220) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kind = view.getUint8(0x0f);
  const low = BigInt(view.getUint32(0x18, true));
  const high = (view.getUint32(0x36, true) & 2) !== 0 ? BigInt(view.getUint32(0x3a, true)) : 0n;
  return {
    screen: kind === 0x70 ? 'efi' : kind === 0x23 ? 'vesa' : kind === 0x22 || kind === 0x01 ? 'text' : 'other',
    framebuffer: kind === 0x70 || kind === 0x23 ? (high << 32n) | low : 0n,
    secureBoot: (['unset', 'unknown', 'disabled', 'enabled'] as const)[view.getUint8(0x1ec)] ?? 'unknown',
    loader: view.getUint8(0x210),
  };
}
