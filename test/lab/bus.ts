// SPDX-License-Identifier: GPL-3.0-or-later
/** As much of D-Bus as an agent of polkit needs: little-endian messages (D-Bus specification, "Marshaling" and "Message Protocol"). */

export interface Call {
  readonly to: string;
  readonly path: string;
  /** The interface. */
  readonly of: string;
  readonly member: string;
  /** The login session that an agent speaks for; with it come two words. */
  readonly session?: string;
  readonly words?: readonly string[];
}

export type Message =
  | { readonly kind: 'call'; readonly serial: number; readonly sender: string; readonly member: string }
  | { readonly kind: 'reply'; readonly to: number }
  | { readonly kind: 'error'; readonly error: string }
  | { readonly kind: 'signal' };

const kinds = ['invalid', 'call', 'reply', 'error', 'signal'] as const;
const field = { path: 1, of: 2, member: 3, error: 4, replyTo: 5, to: 6, sender: 7, signature: 8 } as const;

/** Bytes that grow, each value at a multiple of its own size. */
class Writer {
  private bytes: number[] = [];

  get length(): number {
    return this.bytes.length;
  }
  align(to: number): this {
    while (this.bytes.length % to !== 0) this.bytes.push(0);
    return this;
  }
  byte(value: number): this {
    this.bytes.push(value);
    return this;
  }
  number(value: number): this {
    this.align(4);
    for (const shift of [0, 8, 16, 24]) this.bytes.push((value >>> shift) & 0xff);
    return this;
  }
  text(value: string): this {
    const bytes = Buffer.from(value);
    this.number(bytes.length);
    this.bytes.push(...bytes, 0);
    return this;
  }
  signature(value: string): this {
    this.bytes.push(value.length, ...Buffer.from(value), 0);
    return this;
  }
  done(): Buffer {
    return Buffer.from(this.bytes);
  }
}

interface Head {
  readonly kind: (typeof kinds)[number];
  readonly serial: number;
  readonly fields: readonly (readonly [code: number, type: 's' | 'o' | 'g' | 'u', value: string | number])[];
}

function messageOf({ kind, serial, fields }: Head, body: Buffer): Buffer {
  // The fields are an array of structures; it is written alone first, because its length stands before it. Both begin at a multiple of eight.
  const inside = new Writer();
  for (const [code, type, value] of fields) {
    inside.align(8).byte(code).signature(type);
    if (type === 'g') inside.signature(String(value));
    else if (type === 'u') inside.number(Number(value));
    else inside.text(String(value));
  }
  const head = new Writer().byte(0x6c).byte(kinds.indexOf(kind)).byte(0).byte(1).number(body.length).number(serial).number(inside.length);
  const start = Buffer.concat([head.done(), inside.done()]);
  return Buffer.concat([start, Buffer.alloc((8 - (start.length % 8)) % 8), body]);
}

export function callOf(serial: number, { to, path, of, member, session, words = [] }: Call): Buffer {
  const body = new Writer();
  if (session !== undefined) {
    // A subject is (kind, details by name): the details' array begins at eight and its length does not count what lies before.
    const detail = new Writer().text('session-id').signature('s').text(session).done();
    body.text('unix-session').number(detail.length).align(8);
    for (const byte of detail) body.byte(byte);
    for (const word of words) body.text(word);
  }
  const signature = session === undefined ? [] : [[field.signature, 'g', `(sa{sv})${'s'.repeat(words.length)}`] as const];
  return messageOf({ kind: 'call', serial, fields: [[field.path, 'o', path], [field.of, 's', of], [field.member, 's', member], [field.to, 's', to], ...signature] }, body.done());
}

/** Answers a call with nothing, or with an error of this name. */
export const replyTo = (call: Extract<Message, { kind: 'call' }>, error: string | null): Buffer =>
  messageOf({ kind: error === null ? 'reply' : 'error', serial: call.serial + 1000, fields: [[field.replyTo, 'u', call.serial], [field.to, 's', call.sender], ...(error === null ? [] : [[field.error, 's', error] as const])] }, Buffer.alloc(0));

/** Takes bytes as they come and gives every whole message in them. */
export function messages(): (bytes: Buffer) => readonly Message[] {
  let rest = Buffer.alloc(0);
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    const found: Message[] = [];
    for (;;) {
      if (rest.length < 16) return found;
      const fields = 16 + rest.readUInt32LE(12);
      const size = Math.ceil(fields / 8) * 8 + rest.readUInt32LE(4);
      if (rest.length < size) return found;
      found.push(readMessage(rest.subarray(0, fields)));
      rest = rest.subarray(size);
    }
  };
}

function readMessage(head: Buffer): Message {
  const values = new Map<number, string | number>();
  for (let at = 16; at < head.length; ) {
    at = Math.ceil(at / 8) * 8;
    const code = head.readUInt8(at);
    const type = String.fromCharCode(head.readUInt8(at + 2));
    at += 4;
    if (type === 'g') {
      at += head.readUInt8(at) + 2;
    } else if (type === 'u') {
      values.set(code, head.readUInt32LE(at));
      at += 4;
    } else {
      const length = head.readUInt32LE(at);
      values.set(code, head.toString('utf8', at + 4, at + 4 + length));
      at += 4 + length + 1;
    }
  }
  const text = (code: number): string => String(values.get(code) ?? '');
  switch (kinds[head.readUInt8(1)]) {
    case 'call':
      return { kind: 'call', serial: head.readUInt32LE(8), sender: text(field.sender), member: text(field.member) };
    case 'reply':
      return { kind: 'reply', to: Number(values.get(field.replyTo)) };
    case 'error':
      return { kind: 'error', error: text(field.error) };
    default:
      return { kind: 'signal' };
  }
}
