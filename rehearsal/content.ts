// SPDX-License-Identifier: GPL-3.0-or-later

/** Bytes of a file that can be had as text without decoding them at every look. Never changed once made. */
export interface Content {
  readonly bytes: Uint8Array;
  /** UTF-8, invalid bytes replaced. */
  readonly text: string;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Content from text or bytes; the other form is made at the first look and kept. */
export function contentOf(source: string | Uint8Array): Content {
  let text = typeof source === 'string' ? source : null;
  let bytes = typeof source === 'string' ? null : source;
  return {
    get text() {
      return (text ??= decoder.decode(bytes ?? noBytes));
    },
    get bytes() {
      return (bytes ??= encoder.encode(text ?? ''));
    },
  };
}

const noBytes = new Uint8Array(0);
export const nothing: Content = contentOf('');

export const sameContent = (a: Content, b: Content): boolean => a === b || Buffer.compare(a.bytes, b.bytes) === 0;

/** The first `length` bytes. */
export const headOf = (content: Content, length: number): Content => contentOf(content.bytes.slice(0, length));

export const joined = (a: Content, b: Content): Content => (a.bytes.length === 0 ? b : contentOf(Buffer.concat([a.bytes, b.bytes])));
