// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import { callOf, messages, replyTo } from './bus';

/** The first call of every client (D-Bus specification, "Message Bus Messages"). */
const hello = { to: 'org.freedesktop.DBus', path: '/org/freedesktop/DBus', of: 'org.freedesktop.DBus', member: 'Hello' };

describe('messages of the bus', () => {
  test('a call without a body is laid out as the specification says', () => {
    const bytes = callOf(1, hello);
    expect([...bytes.subarray(0, 16)]).toEqual([0x6c, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, bytes.readUInt32LE(12), 0, 0, 0]);
    expect(bytes.length % 8).toBe(0);
    // The first field: code 1 (path), a variant of an object path, its length, its bytes and a zero.
    expect([...bytes.subarray(16, 24)]).toEqual([1, 1, 'o'.charCodeAt(0), 0, 21, 0, 0, 0]);
    expect(bytes.toString('latin1', 24, 46)).toBe('/org/freedesktop/DBus\0');
    expect(bytes[48]).toBe(2); // the next structure begins at a multiple of eight
  });

  test('what is sent can be read again, however it is cut into pieces', () => {
    const question = { kind: 'call', serial: 7, sender: ':1.5', member: 'BeginAuthentication' } as const;
    const bytes = Buffer.concat([callOf(3, { ...hello, session: '2', words: ['C', '/agent'] }), replyTo(question, 'org.example.Error.Cancelled'), replyTo(question, null)]);
    for (const size of [1, 5, 16, bytes.length]) {
      const read = messages();
      const found = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => read(bytes.subarray(at * size, (at + 1) * size))).flat();
      expect(found).toEqual([
        { kind: 'call', serial: 3, sender: '', member: 'Hello' },
        { kind: 'error', error: 'org.example.Error.Cancelled' },
        { kind: 'reply', to: 7 },
      ]);
    }
  });
});
