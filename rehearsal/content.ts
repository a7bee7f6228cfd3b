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

/** Bytes with room behind them: what is appended to the newest content of a room is written there, and older contents do not see it. */
interface Room {
  readonly buffer: Uint8Array;
  used: number;
}
const rooms = new WeakMap<Content, Room>();

/** One content behind the other. A journal grows line by line, so its bytes are not copied for each. */
export function joined(a: Content, b: Content): Content {
  const more = b.bytes;
  const length = a.bytes.length + more.length;
  if (a.bytes.length === 0) return b;
  let room = rooms.get(a);
  if (room?.used !== a.bytes.length || length > room.buffer.length) {
    room = { buffer: new Uint8Array(Math.max(4096, length * 2)), used: a.bytes.length };
    room.buffer.set(a.bytes);
  }
  room.buffer.set(more, room.used);
  room.used = length;
  const content = contentOf(room.buffer.subarray(0, length));
  rooms.set(content, room);
  return content;
}

const kept = new Map<string, Content>();
/** The same content for the same text: what programs write comes again and again, and its digest is then known. */
export function sameContentOf(text: string): Content {
  let content = kept.get(text);
  if (content === undefined) {
    content = contentOf(text);
    if (kept.size >= 4096) kept.clear();
    kept.set(text, content);
  }
  return content;
}
