// SPDX-License-Identifier: GPL-3.0-or-later
import { readName } from './clean';

/** An efivarfs file is four bytes of attributes and then the value. Null when it is shorter than that. */
export function readVariable(file: Uint8Array): Uint8Array | null {
  return file.length < 4 ? null : file.subarray(4);
}

/** UTF-16 text of a variable such as LoaderInfo, up to its NUL, as one harmless line. */
export function readWideText(value: Uint8Array): string {
  let text = '';
  for (let at = 0; at + 1 < value.length && text.length < 1024; at += 2) {
    const unit = (value[at] ?? 0) | ((value[at + 1] ?? 0) << 8);
    if (unit === 0) break;
    text += String.fromCharCode(unit);
  }
  return readName(text);
}

/** A little-endian number of up to eight bytes, e.g. LoaderFeatures (u64) or BootCurrent (u16). */
export function readNumber(value: Uint8Array): bigint {
  let number = 0n;
  for (let at = Math.min(8, value.length) - 1; at >= 0; at--) number = (number << 8n) | BigInt(value[at] ?? 0);
  return number;
}

/** What firmware was told to start: a `Boot####` load option. */
export interface LoadOption {
  readonly description: string;
  /** File on the ESP with backslashes, as firmware writes it; null for an option without a file. */
  readonly file: string | null;
}

/** EFI_LOAD_OPTION: u32 attributes, u16 path length, description, device path. File path nodes are type 4, sub-type 4. Source: UEFI 3.1.3. */
export function readLoadOption(value: Uint8Array): LoadOption | null {
  if (value.length < 8) return null;
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const description = readWideText(value.subarray(6));
  let at = 6;
  while (at + 1 < value.length && (value[at] !== 0 || value[at + 1] !== 0)) at += 2;
  at += 2;
  const end = Math.min(value.length, at + view.getUint16(4, true));
  let file = '';
  while (at + 4 <= end) {
    const length = view.getUint16(at + 2, true);
    if (length < 4) break;
    if (value[at] === 4 && value[at + 1] === 4)
      file += readWideText(value.subarray(at + 4, Math.min(end, at + length)));
    at += length;
  }
  return { description, file: file === '' ? null : file.replace(/\\+/g, '\\') };
}
